#include "gateway/sources/finding.h"

#include <algorithm>

#include "gateway/support/bounds.h"

namespace shikaku::sources {
namespace {

using domain::Finding;
using domain::Freshness;
using domain::SourceStatus;

Finding make(domain::AuthorityCode authority, std::string_view kind, adapters::Records records,
             Freshness freshness) {
    const bool answered = records.ambiguous || !records.entitlements.empty();
    return {.authority = authority,
            .status = answered ? SourceStatus::answered : SourceStatus::no_record,
            .kind = std::string(kind),
            .freshness = freshness,
            .as_of = records.as_of,
            .ambiguous = records.ambiguous,
            .entitlements = std::move(records.entitlements)};
}

SourceStatus status_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::source_timeout:
            return SourceStatus::timeout;
        case ErrorCode::source_refused:
            return SourceStatus::refused;
        default:
            return SourceStatus::unavailable;
    }
}

// At most `limit` old; what comes from the future is of no known age.
bool is_within(Instant then, std::chrono::seconds limit, Instant now) {
    return then <= now + bounds::kClockStep && now - then <= limit;
}

bool says_the_same(const domain::Entitlement& row, const domain::Entitlement& before) {
    if (row.revoked_at.has_value() != before.revoked_at.has_value()) return false;
    domain::Entitlement timeless = before;
    timeless.changed_at = row.changed_at;
    timeless.revoked_at = row.revoked_at;
    return row == timeless;
}

}  // namespace

Finding published_finding(registry::PublishedFor published, const Policy& policy, Instant now) {
    Finding finding = make(published.authority, "published",
                           {.entitlements = std::move(published.entitlements),
                            .as_of = published.as_of,
                            .ambiguous = false},
                           Freshness::published);
    finding.beyond_policy = !is_within(published.as_of, policy.published_up_to, now);
    if (published.cut_off || finding.beyond_policy) finding.status = SourceStatus::unavailable;
    return finding;
}

Finding other_linkage_finding(domain::AuthorityCode authority, Instant as_of) {
    return {.authority = authority,
            .status = SourceStatus::unavailable,
            .kind = "published",
            .freshness = Freshness::published,
            .as_of = as_of,
            .other_linkage = true,
            .entitlements = {}};
}

Finding live_finding(domain::AuthorityCode authority, std::string_view kind,
                     adapters::Records records) {
    return make(authority, kind, std::move(records), Freshness::live);
}

bool is_fresh(const Cached& cached, const Policy& policy, Instant now) {
    const bool has_facts = cached.records.ambiguous || !cached.records.entitlements.empty();
    const std::chrono::seconds limit =
        has_facts ? policy.fresh_for
                  : std::min(policy.fresh_for, std::chrono::seconds(bounds::kNoRecordFresh));
    const auto age = now - cached.fetched;
    return age >= std::chrono::milliseconds(0) && age < limit;
}

Finding cached_finding(domain::AuthorityCode authority, std::string_view kind, Cached cached) {
    return make(authority, kind, std::move(cached.records), Freshness::cached);
}

Finding failed_finding(domain::AuthorityCode authority, std::string_view kind, const Error& error,
                       std::optional<Cached> cached, const Policy& policy, Instant now) {
    // The list of authorities tells how the source did, the freshness where the facts are from.
    if (cached && is_within(cached->fetched, policy.stale_up_to, now)) {
        Finding stale = make(authority, kind, std::move(cached->records), Freshness::stale);
        stale.status = status_of(error);
        return stale;
    }
    Finding finding{.authority = authority,
                    .status = status_of(error),
                    .kind = std::string(kind),
                    .freshness = Freshness::live,
                    .entitlements = {}};
    if (cached) {
        finding.freshness = Freshness::stale;
        finding.as_of = cached->records.as_of;
        finding.beyond_policy = true;
    }
    return finding;
}

void keep_change_times(std::vector<domain::Entitlement>& rows,
                       const std::vector<domain::Entitlement>& before) {
    for (domain::Entitlement& row : rows) {
        const auto old = std::ranges::find_if(before, [&row](const domain::Entitlement& one) {
            return one.history_key == row.history_key;
        });
        if (old == before.end() || !says_the_same(row, *old)) continue;
        row.changed_at = old->changed_at;
        row.revoked_at = old->revoked_at;
    }
}

}  // namespace shikaku::sources
