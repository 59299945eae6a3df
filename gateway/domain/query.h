// The question of a desk and what the sources found: everything decide() looks at. Together with
// the rules in force they fix the answer completely, so the log keeps a Case and can derive the
// answer again years later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/entitlement.h"
#include "gateway/domain/numbers.h"
#include "gateway/domain/setting.h"

namespace shikaku::domain {

enum class Priority : std::uint8_t { emergency, walk_in, scheduled, bulk };
[[nodiscard]] std::string_view name(Priority priority);
[[nodiscard]] std::optional<Priority> parse_priority(std::string_view text);

// 被保険者資格: what the card token carried about insurance, or what an insurance source said.
struct Insurance {
    enum class Status : std::uint8_t { valid, invalid, unknown };
    Status status = Status::unknown;
    std::optional<InsurerNumber> insurer;
    std::string symbol;  // 記号
    std::string number;  // 番号
    std::string branch;  // 枝番
    std::optional<int> copay_ratio_percent;
    bool from_source = false;  // an insurance source answered; otherwise the token's claim
    Instant as_of{};
    bool operator==(const Insurance&) const = default;
};
[[nodiscard]] std::string_view name(Insurance::Status status);
[[nodiscard]] std::optional<Insurance::Status> parse_insurance_status(std::string_view text);

struct Query {
    InstitutionCode institution;
    Date service_date;
    Date today;  // JST date of the question, fixes how dates are explained
    Setting setting = Setting::outpatient;
    bool consent = false;  // 医療費助成情報の提供に同意
    std::optional<AuthorityCode> residence;
    std::optional<Date> birth_date;  // from the token
    std::optional<Insurance> insurance;
    bool explain = false;
};

// How one authority's part of the facts was obtained (docs/contract.md 3.2, authorities[] and
// freshness).
enum class SourceStatus : std::uint8_t {
    answered,
    no_record,
    not_connected,
    unavailable,
    timeout,
    refused
};
enum class Freshness : std::uint8_t { published, live, cached, stale };
[[nodiscard]] std::string_view name(SourceStatus status);
[[nodiscard]] std::optional<SourceStatus> parse_source_status(std::string_view text);
[[nodiscard]] std::string_view name(Freshness freshness);
[[nodiscard]] std::optional<Freshness> parse_freshness(std::string_view text);

struct Finding {
    AuthorityCode authority;
    SourceStatus status = SourceStatus::not_connected;
    std::string kind;  // adapter kind: published, rest, ...; empty: not connected
    Freshness freshness = Freshness::live;
    Instant as_of{};  // when the facts were true
    std::int64_t elapsed_ms = 0;
    // Older than the policy allows: what is there can lead to a yes, but not to a no. A live source
    // gives nothing then.
    bool beyond_policy = false;
    bool ambiguous = false;  // the source matched several people
    // The authority's data was made with another linkage secret than the card token: nobody can be
    // found in it.
    bool other_linkage = false;
    std::vector<Entitlement> entitlements;
};

struct Case {
    Query query;
    std::vector<Finding> findings;  // at most bounds::kAuthoritiesPerQuestion
};

}  // namespace shikaku::domain
