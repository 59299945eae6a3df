// Why a question about checkups was answered as it was, and what the desk is told. Names are in the
// log and in clients: never rename.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/domain/localized.h"

namespace shikaku::checkup {

enum class Outcome : std::uint8_t { found, none, unknown };
[[nodiscard]] std::string_view name(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

enum class Reason : std::uint8_t {
    FOUND,
    FOUND_PARTLY,
    NO_RECORD,
    CONSENT_REFUSED,
    NOT_CONNECTED,
    SOURCE_UNAVAILABLE,
    STALE_BEYOND_POLICY,
};

struct ReasonInfo {
    Reason reason;
    Outcome outcome;
    std::string_view name;
    std::string_view recommended_action;
    struct {
        std::string_view ja, en;
    } desk, it;
};
[[nodiscard]] const ReasonInfo& info(Reason reason);
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view text);

}  // namespace shikaku::checkup
