#include "gateway/domain/reasons.h"

namespace shikaku::domain {
namespace {

constexpr auto kOutcomes = std::to_array<Named<Outcome>>({{Outcome::eligible, "eligible"},
                                                          {Outcome::not_eligible, "not_eligible"},
                                                          {Outcome::unknown, "unknown"}});
static_assert(lists_all(kOutcomes));

}  // namespace

std::string_view name(Outcome outcome) {
    return name_in(kOutcomes, outcome);
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    return value_in(kOutcomes, text);
}

std::optional<Reason> parse_reason(std::string_view text) {
    const auto found = std::ranges::find(kReasons, text, &ReasonInfo::name);
    return found == kReasons.end() ? std::nullopt : std::optional(found->reason);
}

}  // namespace shikaku::domain
