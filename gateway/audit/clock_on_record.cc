#include "gateway/audit/clock_on_record.h"

#include <algorithm>

#include "gateway/support/bounds.h"
#include "gateway/support/json.h"

namespace shikaku::audit {
namespace {

// As the last start was told, when the log has not gone on to a later time since.
Result<std::optional<Instant>> told_before(const Log& log, Instant last_entry) {
    std::optional<std::uint64_t> start;
    SHIKAKU_TRY(log.visit_changes(0, [&](std::uint64_t index, Kind kind) -> Status {
        if (kind == Kind::start) start = index;
        return {};
    }));
    if (!start) return std::nullopt;
    SHIKAKU_TRY_LET(const auto entry, log.open_entry(*start));
    if (entry.leaf.time < last_entry) return std::nullopt;
    const auto detail = parse_json(entry.detail.rest);
    if (!detail || !detail->is_object()) return std::nullopt;
    const auto told = detail->find("clock_right_at_ms");
    if (told == detail->end() || !told->is_number_integer()) return std::nullopt;
    return Instant(std::chrono::milliseconds(told->get<std::int64_t>()));
}

}  // namespace

Result<ClockOnRecord> clock_on_record(const Log& log, Instant now, OperatorWord word) {
    SHIKAKU_TRY_LET(const auto last, log.last_entry_time());
    if (!last) return ClockOnRecord{};
    if (now >= *last - bounds::kClockStep) return ClockOnRecord{.not_before = *last};
    if (word == OperatorWord::clock_is_right)
        return ClockOnRecord{.not_before = now, .right_at = now};
    SHIKAKU_TRY_LET(const auto told, told_before(log, *last));
    if (!told) return ClockOnRecord{.not_before = *last};
    return ClockOnRecord{.not_before = *told, .right_at = std::max(now, *told)};
}

}  // namespace shikaku::audit
