#include "gateway/support/clock_watch.h"

#include <ctime>

#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku {
namespace {

using std::chrono::milliseconds;

// Both readings are cut to milliseconds and taken one after the other; that is no step.
constexpr milliseconds kJitter{20};

std::int64_t offset_of(const WatchedClock::Reading& reading) {
    return (reading.wall.time_since_epoch() - reading.since_boot).count();
}

std::string seconds(milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

Error jumped(milliseconds by) {
    const std::string how_far = (by.count() > 0 ? "+" : "") + seconds(by);
    return {ErrorCode::clock_unsure,
            "clock: システムの時計が動作中に " + how_far +
                " 飛びました。時計を正すか、今の時計が正しければ再起動してください / the system "
                "clock jumped by " +
                how_far +
                " while the gateway was running; set it right, or restart the gateway if it is "
                "right now",
            {}};
}

Error behind(milliseconds by) {
    return {ErrorCode::clock_unsure,
            "clock: システムの時計が記録の最後の項目より " + seconds(by) +
                " 遅れています。時計を正してください。時計が正しければ shikaku serve "
                "--clock-is-right で起動してください / the system clock is " +
                seconds(by) +
                " behind the last entry of the log; set it right, or, if it is right, start with "
                "--clock-is-right",
            {}};
}

}  // namespace

WatchedClock::Reading WatchedClock::read_system() {
    timespec since_boot{};
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return {.wall = SystemClock().now(),
            .since_boot = std::chrono::duration_cast<milliseconds>(
                std::chrono::seconds(since_boot.tv_sec) +
                std::chrono::nanoseconds(since_boot.tv_nsec))};
}

WatchedClock::WatchedClock(std::function<Reading()> read)
    : read_(std::move(read)), offset_ms_(offset_of(read_())) {}

WatchedClock::Seen WatchedClock::look() const {
    const Reading reading = read_();
    const std::int64_t known = offset_ms_.load(std::memory_order_relaxed);
    const milliseconds step(offset_of(reading) - known);
    if (std::chrono::abs(step) > bounds::kClockStep)
        return {.now = Instant(reading.since_boot + milliseconds(known)), .jump = step};
    if (std::chrono::abs(step) > kJitter)
        offset_ms_.store(offset_of(reading), std::memory_order_relaxed);
    return {.now = reading.wall};
}

Instant WatchedClock::now() const {
    return look().now;
}

Status WatchedClock::trusted() const {
    const Seen seen = look();
    const Instant past = past_.load(std::memory_order_relaxed);
    const bool is_behind = past - bounds::kClockStep > seen.now;
    if (seen.jump.count() == 0 && !is_behind) {
        if (told_.load(std::memory_order_relaxed) && told_.exchange(false))
            log_info("the system clock is right again");
        return {};
    }
    Error error = is_behind ? behind(past - seen.now) : jumped(seen.jump);
    if (!told_.exchange(true)) log_error("questions are refused", error);
    return fail(std::move(error));
}

}  // namespace shikaku
