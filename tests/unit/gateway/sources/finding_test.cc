#include "gateway/sources/finding.h"

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace shikaku::sources::test;
using domain::Freshness;
using domain::SourceStatus;
using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::milliseconds(1'795'132'740'000)};
constexpr Policy kPolicy{.fresh_for = 300s, .stale_up_to = 86'400s};

Cached cached(std::chrono::milliseconds age, std::vector<domain::Entitlement> rows = {row("A")}) {
    return {.records = {.entitlements = std::move(rows), .as_of = kNow - age, .ambiguous = false},
            .fetched = kNow - age};
}

domain::Finding fail_with(ErrorCode code, std::optional<Cached> old = std::nullopt) {
    return failed_finding(authority("130001"), "fake", {code, "detail"}, std::move(old), kPolicy,
                          kNow);
}

}  // namespace

TEST_CASE("a cached answer is fresh for the policy's time, one without entitlements for less") {
    CHECK(is_fresh(cached(0ms), kPolicy, kNow));
    CHECK(is_fresh(cached(299'999ms), kPolicy, kNow));
    CHECK_FALSE(is_fresh(cached(300s), kPolicy, kNow));
    CHECK(is_fresh(cached(59s, {}), kPolicy, kNow));
    CHECK_FALSE(is_fresh(cached(60s, {}), kPolicy, kNow));
    CHECK_FALSE(is_fresh(cached(10s, {}), {.fresh_for = 10s, .stale_up_to = 1h}, kNow));
    CHECK_FALSE(is_fresh(cached(0ms), {.fresh_for = 0s, .stale_up_to = 1h}, kNow));
}

TEST_CASE("an answer from the future is not fresh") {
    CHECK_FALSE(is_fresh(cached(-1ms), kPolicy, kNow));
}

TEST_CASE("that several people match is kept as long as an answer with entitlements") {
    Cached several = cached(61s, {});
    several.records.ambiguous = true;
    CHECK(is_fresh(several, kPolicy, kNow));
    const auto finding = cached_finding(authority("130001"), "fake", several);
    CHECK(finding.status == SourceStatus::answered);
    CHECK(finding.ambiguous);
}

TEST_CASE("a source that fails is answered from the cache within the policy's staleness") {
    const auto finding = fail_with(ErrorCode::source_timeout, cached(86'400s));
    CHECK(finding.status == SourceStatus::timeout);
    CHECK(finding.freshness == Freshness::stale);
    CHECK(finding.as_of == kNow - 86'400s);
    CHECK(finding.entitlements.size() == 1);
    CHECK_FALSE(finding.beyond_policy);
    CHECK(fail_with(ErrorCode::source_timeout, cached(5s, {})).status == SourceStatus::timeout);
}

TEST_CASE("beyond that nothing of the cache is handed on but how old it is") {
    const auto finding = fail_with(ErrorCode::source_timeout, cached(86'400'001ms));
    CHECK(finding.status == SourceStatus::timeout);
    CHECK(finding.beyond_policy);
    CHECK(finding.as_of == kNow - 86'400'001ms);
    CHECK(finding.entitlements.empty());
}

TEST_CASE("without a cached answer the error says why") {
    struct Expected {
        ErrorCode code;
        SourceStatus status;
    };
    const auto expected =
        GENERATE(values<Expected>({{ErrorCode::source_unavailable, SourceStatus::unavailable},
                                   {ErrorCode::source_timeout, SourceStatus::timeout},
                                   {ErrorCode::source_refused, SourceStatus::refused},
                                   {ErrorCode::source_malformed, SourceStatus::unavailable},
                                   {ErrorCode::internal, SourceStatus::unavailable}}));
    const auto finding = fail_with(expected.code);
    CHECK(finding.status == expected.status);
    CHECK_FALSE(finding.beyond_policy);
    CHECK(finding.kind == "fake");
}

TEST_CASE("more published rows than a question takes: a yes is possible, a no is not") {
    registry::PublishedFor many{
        .authority = authority("132012"), .as_of = kNow, .entitlements = {}};
    for (std::size_t i = 0; i < bounds::kEntitlementsPerAuthority; ++i)
        many.entitlements.push_back(row(std::to_string(i)));
    CHECK(published_finding(many, kPolicy, kNow).status == SourceStatus::answered);
    many.cut_off = true;
    const auto finding = published_finding(many, kPolicy, kNow);
    CHECK(finding.entitlements.size() == bounds::kEntitlementsPerAuthority);
    CHECK(finding.status == SourceStatus::unavailable);
}

TEST_CASE("published data gets old: beyond the policy's age it forbids a no") {
    const registry::PublishedFor nobody{
        .authority = authority("132012"), .as_of = kNow, .entitlements = {}};
    CHECK(published_finding(nobody, kPolicy, kNow).status == SourceStatus::no_record);
    const auto limit = kNow + bounds::kPublishedUpTo;
    CHECK(published_finding(nobody, kPolicy, limit).status == SourceStatus::no_record);
    const auto finding = published_finding(nobody, kPolicy, limit + 1ms);
    CHECK(finding.status == SourceStatus::unavailable);
    CHECK(finding.beyond_policy);
    CHECK(finding.as_of == kNow);
    registry::PublishedFor somebody = nobody;
    somebody.entitlements = {row("H")};
    const auto old = published_finding(somebody, kPolicy, limit + 1ms);
    CHECK(old.beyond_policy);
    CHECK(old.entitlements.size() == 1);
    const Policy patient{.published_up_to = 400 * 24h};
    CHECK_FALSE(published_finding(somebody, patient, limit + 1ms).beyond_policy);
}

TEST_CASE("what comes from the future is of no known age") {
    const registry::PublishedFor nobody{
        .authority = authority("132012"), .as_of = kNow + 31s, .entitlements = {}};
    CHECK(published_finding(nobody, kPolicy, kNow).beyond_policy);
    CHECK_FALSE(published_finding(nobody, kPolicy, kNow + 1s).beyond_policy);
    CHECK(fail_with(ErrorCode::source_timeout, cached(-31s)).beyond_policy);
}

TEST_CASE("a row that says the same as before has not changed") {
    const Instant before = kNow - 1h;
    std::vector<domain::Entitlement> rows{row("same", kNow), row("other", kNow), row("new", kNow),
                                          row("gone", kNow), row("back", kNow)};
    rows[3].revoked_at = kNow;
    std::vector<domain::Entitlement> old{row("same", before), row("other", before),
                                         row("gone", before), row("back", before)};
    old[1].valid_to = date("2026-12-31");
    old[2].revoked_at = before;
    old[3].revoked_at = before;
    keep_change_times(rows, old);
    CHECK(rows[0].changed_at == before);
    CHECK(rows[1].changed_at == kNow);
    CHECK(rows[2].changed_at == kNow);
    CHECK(rows[3].changed_at == before);
    CHECK(rows[3].revoked_at == before);
    CHECK(rows[4].changed_at == kNow);
    CHECK_FALSE(rows[4].revoked_at);
}
