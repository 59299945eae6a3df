#include "gateway/domain/query.h"

#include <array>
#include <cstddef>

namespace shikaku::domain {
namespace {

// Each in the order of its enum.
constexpr auto kPriorities =
    std::to_array<std::string_view>({"emergency", "walk_in", "scheduled", "bulk"});
constexpr auto kSourceStatuses = std::to_array<std::string_view>(
    {"answered", "no_record", "not_connected", "unavailable", "timeout", "refused"});
constexpr auto kFreshnesses =
    std::to_array<std::string_view>({"published", "live", "cached", "stale"});

}  // namespace

std::string_view name(Priority priority) {
    return kPriorities[static_cast<std::size_t>(priority)];
}

std::string_view name(SourceStatus status) {
    return kSourceStatuses[static_cast<std::size_t>(status)];
}

std::string_view name(Freshness freshness) {
    return kFreshnesses[static_cast<std::size_t>(freshness)];
}

std::optional<Priority> parse_priority(std::string_view text) {
    for (std::size_t i = 0; i < kPriorities.size(); ++i) {
        if (kPriorities[i] == text) return static_cast<Priority>(i);
    }
    return std::nullopt;
}

}  // namespace shikaku::domain
