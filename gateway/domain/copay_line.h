// Which line of a rule's co-payment table counts for this certificate, setting and age.
#pragma once

#include <optional>
#include <span>

#include "gateway/domain/entitlement.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

struct CopayChoice {
    enum class State : std::uint8_t {
        found,        // copay is set
        not_covered,  // no line names the setting, or the line says so
        unknown,      // covered, but a fact is missing that the lines depend on
    };
    State state = State::unknown;
    const Copay* copay = nullptr;
};

struct CopayFacts {
    const Entitlement& entitlement;
    const std::optional<PayerNumber>& payer_number;
    const std::optional<Date>& birth_date;
    Setting setting;
    Date on;
};

// The first line that fits. Lines for the setting none of which fits leave the amount unknown: the
// authority issued the certificate, so its segments are news to the pack and no reason to say no.
[[nodiscard]] CopayChoice choose_copay(const RuleVersion& rule, const CopayFacts& facts);

// Whether any certificate is left for `line` after the lines before it.
[[nodiscard]] bool can_count(std::span<const CopayLine> before, const CopayLine& line);

}  // namespace shikaku::domain
