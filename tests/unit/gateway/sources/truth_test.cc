// Whatever the sources, the cache and the registry say, an answer does not contradict itself: its
// reason is one that the list of authorities bears out. Every finding that can be made, in pairs.
#include "gateway/sources/finding.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/domain/builders.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace std::chrono_literals;
using domain::Finding;
using domain::Reason;
using domain::SourceStatus;
using domain::test::kHachioji;
using domain::test::kTokyo;

const Instant kNow = domain::test::instant("2026-11-20");

std::vector<std::vector<domain::Entitlement>> possible_rows() {
    domain::Entitlement active = domain::test::entitlement("maru-ko", "88131248");
    domain::Entitlement expired = active;
    expired.valid_to = domain::test::date("2026-10-31");
    domain::Entitlement revoked = active;
    revoked.revoked_at = domain::test::instant("2026-11-01");
    return {{}, {active}, {expired}, {revoked}, {expired, active}};
}

std::vector<Finding> possible_findings(std::string_view code) {
    const domain::AuthorityCode authority = domain::test::authority(code);
    std::vector<Finding> all{{.authority = authority, .kind = {}, .entitlements = {}}};
    for (const auto& rows : possible_rows()) {
        for (const auto age : {0h, 1h, 24h * 400})
            for (const bool cut_off : {false, true})
                all.push_back(published_finding({.authority = authority,
                                                 .as_of = kNow - age,
                                                 .entitlements = rows,
                                                 .cut_off = cut_off && !rows.empty()},
                                                {}, kNow));
        for (const bool ambiguous : {false, true}) {
            const adapters::Records records{
                .entitlements = rows, .as_of = kNow, .ambiguous = ambiguous};
            all.push_back(live_finding(authority, "rest", records));
            all.push_back(cached_finding(authority, "rest", {.records = records, .fetched = kNow}));
            for (const auto code_of_error :
                 {ErrorCode::source_unavailable, ErrorCode::source_timeout,
                  ErrorCode::source_refused, ErrorCode::source_malformed})
                for (const auto age : {1h, 24h * 400})
                    all.push_back(failed_finding(authority, "rest", {code_of_error, {}, {}},
                                                 Cached{.records = records, .fetched = kNow - age},
                                                 {}, kNow));
        }
    }
    all.push_back(failed_finding(authority, "rest", {ErrorCode::source_timeout, {}, {}},
                                 std::nullopt, {}, kNow));
    return all;
}

bool some(const domain::Case& facts, std::initializer_list<SourceStatus> statuses) {
    return std::ranges::any_of(facts.findings, [&](const Finding& finding) {
        return std::ranges::find(statuses, finding.status) != statuses.end();
    });
}

bool is_borne_out(const domain::Case& facts, const domain::Decision& decision) {
    using enum SourceStatus;
    switch (decision.reason) {
        case Reason::SOURCE_UNAVAILABLE:
        case Reason::STALE_BEYOND_POLICY:
            return some(facts, {unavailable, timeout, refused});
        case Reason::NOT_CONNECTED:
            return some(facts, {not_connected});
        case Reason::AMBIGUOUS_SUBJECT:
            return std::ranges::any_of(facts.findings, &Finding::ambiguous);
        case Reason::ACTIVE:
            return true;
        default:  // a no: everybody was heard
            return decision.outcome == domain::Outcome::not_eligible &&
                   !some(facts, {not_connected, unavailable, timeout, refused});
    }
}

TEST_CASE("the list of authorities bears out the reason of every answer") {
    const domain::RuleBook rules =
        domain::test::rule_book({domain::test::scheme(kHachioji, "maru-ko", "88131248"),
                                 domain::test::scheme(kTokyo, "maru-ko", "88131248")});
    int wrong = 0;
    std::string first;
    for (const Finding& one : possible_findings(kHachioji)) {
        for (const Finding& other : possible_findings(kTokyo)) {
            const domain::Case facts = domain::test::facts({one, other});
            const domain::Decision decision = domain::decide(facts, rules);
            if (is_borne_out(facts, decision)) continue;
            if (wrong++ == 0)
                first = std::string(domain::info(decision.reason).name) + ": " +
                        std::string(name(one.status)) + ", " + std::string(name(other.status));
        }
    }
    INFO(first);
    CHECK(wrong == 0);
}

}  // namespace
