#include "gateway/identity/replay_guard.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "gateway/support/bounds.h"

namespace shikaku::identity {
namespace {

using State = ReplayGuard::Claim::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kStart = 1'795'132'800;

Instant at(std::int64_t second) {
    return Instant(seconds(second));
}

TokenKey token(std::uint8_t number) {
    return {number, 1, 2, 3, 4, 5, 6, number};
}
RequestKey request(std::uint8_t number) {
    return {number};
}

TEST_CASE("the first use owns the token; what comes after depends on request and time") {
    ReplayGuard guard;
    const std::int64_t expires = kStart + 300;
    CHECK(guard.claim(token(1), request(1), expires, at(kStart)).state == State::first);
    CHECK(guard.claim(token(1), request(1), expires, at(kStart)).state == State::in_progress);
    CHECK(guard.claim(token(1), request(2), expires, at(kStart)).state == State::replayed);
    guard.answered(token(1), 4711, at(kStart));
    const auto repeat = guard.claim(token(1), request(1), expires, at(kStart + 60));
    CHECK(repeat.state == State::repeat);
    CHECK(repeat.index == 4711);
    CHECK(guard.claim(token(1), request(2), expires, at(kStart + 1)).state == State::replayed);
    CHECK(guard.claim(token(1), request(1), expires, at(kStart + 60) + milliseconds(1)).state ==
          State::replayed);
    CHECK(guard.claim(token(1), request(1), expires, at(kStart + 329)).state == State::replayed);
    CHECK(guard.size() == 1);
}

TEST_CASE("of however many tokens grow old at once, none is answered again too late") {
    ReplayGuard guard;
    constexpr std::uint8_t kTokens = 200;  // more than are put away at one question
    for (std::uint8_t i = 0; i < kTokens; ++i) {
        CHECK(guard.claim(token(i), request(1), kStart + 300, at(kStart)).state == State::first);
        guard.answered(token(i), i, at(kStart));
    }
    CHECK(guard.claim(token(kTokens - 1), request(1), kStart + 300, at(kStart + 61)).state ==
          State::replayed);
}

TEST_CASE("tokens are remembered up to a bound, then none is taken any more") {
    constexpr std::uint8_t kTokens = 5;
    ReplayGuard guard(kTokens);
    const auto claim = [&guard](std::uint8_t number, std::int64_t later) {
        return guard.claim(token(number), request(1), kStart + 300, at(kStart + later)).state;
    };
    for (std::uint8_t i = 0; i < kTokens; ++i) {
        CHECK(claim(i, 0) == State::first);
        guard.answered(token(i), i, at(kStart));
    }
    CHECK(claim(kTokens, 0) == State::full);
    CHECK(claim(kTokens, 61) == State::full);  // also those that are not answered again
    CHECK(guard.size() == kTokens);
    CHECK(claim(0, 61) == State::replayed);
    CHECK(guard.claim(token(kTokens), request(1), kStart + 2000, at(kStart + 1000)).state ==
          State::first);
}

TEST_CASE("a released token may be used again, an answered one may not be released") {
    ReplayGuard guard;
    CHECK(guard.claim(token(1), request(1), kStart + 300, at(kStart)).state == State::first);
    guard.release(token(1));
    CHECK(guard.size() == 0);
    CHECK(guard.claim(token(1), request(2), kStart + 300, at(kStart + 5)).state == State::first);
    guard.answered(token(1), 7, at(kStart + 5));
    guard.release(token(1));
    CHECK(guard.claim(token(1), request(2), kStart + 300, at(kStart + 6)).state == State::repeat);
    // The use that was released is forgotten; the window runs from the one that counted.
    CHECK(guard.claim(token(1), request(2), kStart + 300, at(kStart + 65)).state == State::repeat);
    CHECK(guard.claim(token(1), request(2), kStart + 300, at(kStart + 66)).state ==
          State::replayed);
}

TEST_CASE("reports about tokens that are not claimed change nothing") {
    ReplayGuard guard;
    guard.answered(token(1), 1, at(kStart));
    guard.release(token(1));
    CHECK(guard.size() == 0);
    CHECK(guard.claim(token(1), request(1), kStart + 300, at(kStart)).state == State::first);
    guard.answered(token(1), 1, at(kStart));
    guard.answered(token(1), 2, at(kStart));
    CHECK(guard.claim(token(1), request(1), kStart + 300, at(kStart)).index == 1);
}

TEST_CASE("tokens are remembered past their expiry and skew, then forgotten") {
    ReplayGuard guard;
    for (std::uint8_t i = 0; i < 200; ++i) {
        CHECK(guard.claim(token(i), request(i), kStart + i, at(kStart)).state == State::first);
        guard.answered(token(i), i, at(kStart));
    }
    CHECK(guard.size() == 200);
    for (std::uint8_t i = 0; i < 200; ++i) {
        const Instant last = at(kStart + i) + bounds::kClockSkew + bounds::kTokenMargin;
        CHECK(guard.claim(token(i), request(250), kStart + i, last).state == State::replayed);
    }
    // Each claim tidies a bounded part; a few of them later nothing is left of the two hundred.
    const std::int64_t later = kStart + 1000;
    for (std::uint8_t i = 0; i < 5; ++i) {
        const TokenKey fresh = {0xff, i};
        CHECK(guard.claim(fresh, request(1), later + 300, at(later)).state == State::first);
    }
    CHECK(guard.size() == 5);
}

TEST_CASE("a clock that is set back does not make a used token new") {
    ReplayGuard guard;
    CHECK(guard.claim(token(1), request(1), kStart + 300, at(kStart)).state == State::first);
    guard.answered(token(1), 1, at(kStart));
    CHECK(guard.claim(token(2), request(1), kStart + 9300, at(kStart + 9000)).state ==
          State::first);
    CHECK(guard.claim(token(3), request(1), kStart + 9300, at(kStart + 9000)).state ==
          State::first);
    CHECK(guard.claim(token(1), request(1), kStart + 300, at(kStart)).state == State::replayed);
}

TEST_CASE("after a restart the log's uses are remembered as if nothing had happened") {
    ReplayGuard guard;
    guard.remember(token(1), request(1), kStart + 300, 41, at(kStart));
    guard.remember(token(2), request(2), kStart + 350, 42, at(kStart + 50));
    guard.remember(token(2), request(3), kStart + 350, 43,
                   at(kStart + 51));  // the first one counts
    CHECK(guard.size() == 2);
    const std::int64_t now = kStart + 80;
    CHECK(guard.claim(token(1), request(1), kStart + 300, at(now)).state == State::replayed);
    const auto repeat = guard.claim(token(2), request(2), kStart + 350, at(now));
    CHECK(repeat.state == State::repeat);
    CHECK(repeat.index == 42);
    CHECK(guard.claim(token(2), request(3), kStart + 350, at(now)).state == State::replayed);
}

// What the header promises, in the plainest form: every use kept for ever.
class Reference {
  public:
    ReplayGuard::Claim claim(const TokenKey& key, const RequestKey& asked, Instant now) {
        const auto found = uses_.find(key);
        if (found == uses_.end()) {
            uses_[key] = {.request = asked, .used = now};
            return {State::first, 0};
        }
        const Use& use = found->second;
        if (use.request != asked || now - use.used > bounds::kTokenRepeat)
            return {State::replayed, 0};
        if (!use.answered) return {State::in_progress, 0};
        return {State::repeat, use.index};
    }
    void answered(const TokenKey& key, std::uint64_t index) {
        uses_[key].answered = true;
        uses_[key].index = index;
    }
    void release(const TokenKey& key) { uses_.erase(key); }
    // A question is answered or given up within seconds, long before the window ends.
    [[nodiscard]] bool pending(const TokenKey& key, Instant now) const {
        const auto found = uses_.find(key);
        return found != uses_.end() && !found->second.answered &&
               now - found->second.used <= bounds::kTokenRepeat;
    }
    // What the log would give back, oldest use first.
    void replay_into(ReplayGuard& guard, const std::map<TokenKey, std::int64_t>& expiries) const {
        std::vector<std::pair<Instant, TokenKey>> order;
        for (const auto& [key, use] : uses_) {
            if (use.answered) order.emplace_back(use.used, key);
        }
        std::ranges::sort(order);
        for (const auto& [used, key] : order) {
            const Use& use = uses_.at(key);
            guard.remember(key, use.request, expiries.at(key), use.index, used);
        }
    }
    void forget_pending() {
        std::erase_if(uses_, [](const auto& entry) { return !entry.second.answered; });
    }

  private:
    struct Use {
        RequestKey request{};
        Instant used{};
        bool answered = false;
        std::uint64_t index = 0;
    };
    std::map<TokenKey, Use> uses_;
};

struct Token {
    TokenKey key{};
    std::int64_t expires_s = 0;
};

// Random claims, answers, releases and restarts over some hours; a token is only shown while it
// would pass its own expiry check, as in the gateway.
TEST_CASE("the guard agrees with a map that forgets nothing") {
    const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
    std::mt19937_64 random(seed);
    const auto below = [&random](std::uint64_t n) { return random() % n; };
    auto guard = std::make_unique<ReplayGuard>();
    Reference reference;
    std::map<TokenKey, std::int64_t> expiries;
    Instant now = at(kStart);
    std::vector<Token> tokens;
    std::uint64_t index = 0;
    std::map<State, int> seen;
    const auto now_s = [&now] { return now.time_since_epoch().count() / 1000; };
    for (int step = 0; step < 60'000; ++step) {
        now += milliseconds(below(8) == 0 ? below(2000) : below(30));
        if (tokens.empty() || below(3) == 0) {
            Token fresh{.expires_s = now_s() + 1 + static_cast<std::int64_t>(below(330))};
            for (auto& byte : fresh.key)
                byte = static_cast<std::uint8_t>(random());
            tokens.push_back(fresh);
            expiries[fresh.key] = fresh.expires_s;
        }
        if (step % 15'000 == 14'999) {  // a restart: what was not answered is not in the log
            reference.forget_pending();
            guard = std::make_unique<ReplayGuard>();
            reference.replay_into(*guard, expiries);
        }
        // Recent tokens more often than old ones.
        const std::size_t back =
            std::min<std::size_t>(below(2) == 0 ? below(5) : below(2000), tokens.size() - 1);
        const Token& chosen = tokens[tokens.size() - 1 - back];
        if (now >= at(chosen.expires_s) + bounds::kClockSkew) continue;
        const RequestKey asked = {static_cast<std::uint8_t>(below(8) == 0 ? 1 : 0)};
        const auto expected = reference.claim(chosen.key, asked, now);
        const auto actual = guard->claim(chosen.key, asked, chosen.expires_s, now);
        INFO("step " << step);
        REQUIRE(actual.state == expected.state);
        REQUIRE(actual.index == expected.index);
        ++seen[actual.state];
        if (reference.pending(chosen.key, now) && below(4) != 0) {
            if (below(6) == 0) {
                guard->release(chosen.key);
                reference.release(chosen.key);
            } else {
                guard->answered(chosen.key, ++index, now);
                reference.answered(chosen.key, index);
            }
        }
    }
    for (const State state : {State::first, State::in_progress, State::repeat, State::replayed}) {
        CHECK(seen[state] > 50);
    }
    CHECK(guard->size() < tokens.size() / 2);  // it does forget
}

TEST_CASE("of many threads that show one token, one owns it") {
    ReplayGuard guard;
    std::atomic<int> owners = 0;
    {
        std::vector<std::jthread> threads;
        for (std::uint8_t t = 0; t < 4; ++t) {
            threads.emplace_back([&guard, &owners] {
                for (std::uint8_t i = 0; i < 250; ++i) {
                    const auto claim = guard.claim(token(i), request(1), kStart + 300, at(kStart));
                    if (claim.state != State::first) continue;
                    ++owners;
                    guard.answered(token(i), i, at(kStart));
                }
            });
        }
    }
    CHECK(owners == 250);
    CHECK(guard.size() == 250);
}

}  // namespace
}  // namespace shikaku::identity
