#include "gateway/inquiry/used_tokens.h"

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/audit/log_fixture.h"

namespace {

using namespace log_test;
using namespace std::chrono_literals;
using identity::ReplayGuard;
using State = ReplayGuard::Claim::State;

constexpr identity::RequestKey kAgain{9};  // not the request of the first use

struct Tokens : LogFixture {
    Tokens() { open(); }

    audit::TokenUse use(std::uint8_t number, std::chrono::seconds life = 300s) const {
        audit::TokenUse token;
        token.key.fill(number);
        token.expires_s =
            std::chrono::floor<std::chrono::seconds>(wall + life).time_since_epoch().count();
        return token;
    }
    // Used and logged at the time that the gateway's clock shows.
    void log_use(const audit::TokenUse& token) {
        const auto done = log->append_and_wait({Kind::eligibility, {"{}"}, token});
        REQUIRE(done);
        wait_covered(done->index);
    }
    // The clocks of gateway and card reader alike.
    void set(Instant instant) {
        wall = instant;
        clock.set(instant);
    }
    void restart(Instant now) {
        guard = std::make_unique<ReplayGuard>();
        REQUIRE(inquiry::remember_used_tokens(*log, *guard, now));
    }
    State claim(const audit::TokenUse& token, Instant now) const {
        return guard->claim(token.key, kAgain, token.expires_s, now).state;
    }

    Instant wall = kStart;
    std::unique_ptr<ReplayGuard> guard;
};

TEST_CASE("a used token stays used over a restart") {
    Tokens tokens;
    const auto token = tokens.use(1);
    tokens.log_use(token);
    tokens.restart(kStart + 10s);
    CHECK(tokens.claim(token, kStart + 10s) == State::replayed);
    CHECK(tokens.claim(tokens.use(2), kStart + 10s) == State::first);
}

TEST_CASE("a clock that is ahead at start forgets no token") {
    Tokens tokens;
    const auto token = tokens.use(1);
    tokens.log_use(token);
    tokens.restart(kStart + 2h);
    CHECK(tokens.claim(token, kStart + 60s) == State::replayed);
}

TEST_CASE("entries stamped while the clock was ahead make no fresh token look used") {
    Tokens tokens;
    tokens.set(kStart + 2h);
    const auto first = tokens.use(1);
    tokens.log_use(first);
    tokens.set(kStart + 2h + 10min);
    const auto second = tokens.use(2);
    tokens.log_use(second);
    tokens.set(kStart);  // right again: the log goes on at the time it had reached
    const auto third = tokens.use(3);
    tokens.log_use(third);

    tokens.restart(kStart + 10s);
    CHECK(tokens.claim(tokens.use(4), kStart + 10s) == State::first);
    CHECK(tokens.claim(first, kStart + 10s) == State::replayed);
    CHECK(tokens.claim(second, kStart + 10s) == State::replayed);
    CHECK(tokens.claim(third, kStart + 10s) == State::replayed);
}

TEST_CASE("after such a time the guard empties itself as ever") {
    Tokens tokens;
    tokens.set(kStart + 2h);
    tokens.log_use(tokens.use(1));
    tokens.set(kStart);
    for (std::uint8_t number = 10; number < 40; ++number)
        tokens.log_use(tokens.use(number));
    tokens.log_use(tokens.use(50, -70s));  // expired before: cannot pass its own check
    tokens.restart(kStart + 10s);
    CHECK(tokens.guard->size() == 31);
    const Instant later = kStart + 20min;
    for (std::uint8_t number = 100; number < 104; ++number)
        CHECK(tokens.claim(tokens.use(number, 20min), later) == State::first);
    CHECK(tokens.guard->size() <= 5);  // those, and the one of two hours ahead
}

TEST_CASE("an empty log remembers nothing") {
    Tokens tokens;
    tokens.restart(kStart);
    CHECK(tokens.guard->size() == 0);
}

}  // namespace
