// How a valid subsidy is settled at this institution: in kind, or by paying back (償還払い,
// 自動償還).
#pragma once

#include "gateway/domain/query.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

enum class Whereabouts : std::uint8_t { inside, outside, unknown };
// Whether the institution lies in the area where the certificate is honoured in kind.
[[nodiscard]] Whereabouts check_area(const Area& area, AuthorityCode authority,
                                     const InstitutionCode& institution);

struct Settling {
    enum class Cause : std::uint8_t {
        rule,
        certificate_always,
        rule_always,
        outside_area,
        insurer
    };
    Settlement settlement = Settlement::in_kind;
    Cause cause = Cause::rule;
    bool area_unknown = false;
    bool insurer_unknown =
        false;  // the rule asks for the insurer; not told, or no telling its kind
};

// `rule` may be null: then only the certificate's own word counts.
[[nodiscard]] Settling settle(const RuleVersion* rule, AuthorityCode authority,
                              const Entitlement& entitlement, const Query& query);

}  // namespace shikaku::domain
