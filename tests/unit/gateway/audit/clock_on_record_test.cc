#include "gateway/audit/clock_on_record.h"

#include "gateway/audit/event_entry.h"
#include "tests/unit/gateway/audit/log_fixture.h"

namespace {

using namespace log_test;
using namespace std::chrono_literals;

// Its entries were stamped by a clock that was two hours ahead.
struct LogAhead : LogFixture {
    LogAhead() {
        open();
        clock.set(kStart + 2h);
        log_stop();
        clock.set(kStart);
    }
    void log_stop() { wait_covered(append(Kind::stop, lifecycle_detail("stop", "1"))); }
    ClockOnRecord look(OperatorWord word = OperatorWord::none) {
        const auto record = clock_on_record(*log, clock.now(), word);
        if (!record) FAIL(record.error().detail);
        return *record;
    }
    // As the gateway starts.
    ClockOnRecord start(OperatorWord word = OperatorWord::none) {
        const auto record = look(word);
        wait_covered(append(Kind::start, lifecycle_detail("start", "1", record.right_at)));
        return record;
    }
    std::uint64_t append(Kind kind, audit::Detail detail) const {
        const auto done = log->append_and_wait({kind, std::move(detail), {}});
        REQUIRE(done);
        return done->index;
    }
};

TEST_CASE_METHOD(LogAhead,
                 "a clock behind the log is wrong, said to be right or not started upon") {
    CHECK(start().not_before == kStart + 2h);
    CHECK_FALSE(start().right_at);
    CHECK(start().not_before == kStart + 2h);
}

TEST_CASE_METHOD(LogAhead, "a clock that was said to be right stays right over restarts") {
    CHECK(start(OperatorWord::clock_is_right).not_before == kStart);
    clock.advance(10min);
    log_stop();
    CHECK(start().right_at == kStart + 10min);
    clock.advance(10min);
    CHECK(start().not_before == kStart + 10min);
    // Behind what it showed then it is wrong again, and the word is kept.
    clock.set(kStart - 1h);
    for (int again = 0; again < 2; ++again) {
        CHECK(start().not_before == kStart + 20min);
        CHECK(look().right_at == kStart + 20min);
    }
    // Until it has come to the log.
    clock.set(kStart + 2h);
    CHECK_FALSE(start().right_at);
}

TEST_CASE_METHOD(LogAhead, "that a clock is right says nothing about a log that went on ahead") {
    start(OperatorWord::clock_is_right);
    clock.set(kStart + 3h);
    log_stop();
    clock.set(kStart + 10min);
    CHECK(look().not_before == kStart + 3h);
    CHECK_FALSE(look().right_at);
}

}  // namespace
