#include "gateway/api/denial_tally.h"

#include <catch2/catch.hpp>
#include <random>

#include "gateway/support/bounds.h"

namespace {

using namespace shikaku;
using namespace shikaku::api;
using namespace std::chrono_literals;
using Told = DenialTally::Told;

constexpr Instant kStart{1'795'132'800'000ms};

DenialKind kind(std::string caller, std::string_view code = "token_expired") {
    return {.caller = std::move(caller), .route = "/v1/eligibility", .code = code};
}

// A refusal that is told, when it is to be, before the next one comes.
Told tell(DenialTally& tally, const DenialKind& one, Instant now) {
    const Told noted = tally.note(one, now);
    if (noted == Told::at_once) tally.told(one);
    return noted;
}

std::uint64_t sum(const std::vector<CountedDenials>& counted) {
    std::uint64_t all = 0;
    for (const CountedDenials& one : counted) {
        CHECK(one.first <= one.last);
        all += one.count;
    }
    return all;
}

TEST_CASE("refusals told at once and counted add up to all, whatever comes") {
    const unsigned seed = GENERATE(range(1U, 21U));
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](unsigned limit) {
        return static_cast<unsigned>(random() % limit);
    };
    constexpr std::string_view kCodes[] = {"token_expired", "invalid_field", "not_found"};
    DenialTally tally;
    std::uint64_t noted = 0, told = 0, failed = 0, entries_of_kinds = 0;
    Instant now = kStart;
    const unsigned callers = 1 + below(3000);
    const auto take = [&](const std::vector<CountedDenials>& counted) {
        for (const CountedDenials& one : counted) {
            if (below(10) == 0) {
                tally.put_back(one, now);
                continue;
            }
            told += one.count;
            if (!one.kind.caller.empty()) ++entries_of_kinds;
        }
    };
    for (int i = 0; i < 20'000; ++i) {
        DenialKind one{.caller = std::to_string(below(callers)),
                       .route = std::to_string(below(60)),
                       .code = kCodes[below(3)]};
        ++noted;
        if (tally.note(one, now) == Told::at_once) {
            if (below(50) == 0) {
                ++failed;
                tally.forget(one, now);
            } else {
                tally.told(one);
                ++told;
                ++entries_of_kinds;
            }
        }
        REQUIRE(tally.kinds() <= bounds::kDenialKinds);
        now += std::chrono::milliseconds(below(20));
        if (below(20) == 0) take(tally.take_over(now));
    }
    told += sum(tally.take_all());
    CHECK(told + failed == noted);
    CHECK(tally.kinds() == 0);
    const double seconds = std::chrono::duration<double>(now - kStart).count();
    CHECK(static_cast<double>(entries_of_kinds) <=
          static_cast<double>(bounds::kDenialEntriesPerSecond) * (seconds + 1));
}

TEST_CASE("a kind is told again at once when its window is over") {
    DenialTally tally;
    CHECK(tell(tally, kind("a"), kStart) == Told::at_once);
    CHECK(tell(tally, kind("a"), kStart + 1s) == Told::counted);
    CHECK(tally.take_over(kStart + bounds::kDenialWindow - 1ms).empty());
    const auto over = tally.take_over(kStart + bounds::kDenialWindow);
    REQUIRE(over.size() == 1);
    CHECK(over[0].kind == kind("a"));
    CHECK(over[0].count == 1);
    CHECK(over[0].first == kStart + 1s);
    CHECK(tell(tally, kind("a"), kStart + bounds::kDenialWindow) == Told::at_once);
    CHECK(tally.take_over(kStart + 3 * bounds::kDenialWindow).empty());  // none was counted
}

TEST_CASE("an equal refusal is not counted before the first is told") {
    DenialTally tally;
    const auto later = kStart + 2 * bounds::kDenialWindow;
    REQUIRE(tally.note(kind("a"), kStart) == Told::at_once);
    CHECK(tally.is_awaited(kind("a")));
    CHECK(tally.note(kind("a"), kStart) == Told::awaited);
    CHECK(tally.take_over(later).empty());
    CHECK(tally.note(kind("a"), later) == Told::awaited);  // its window waits as well
    tally.told(kind("a"));
    CHECK_FALSE(tally.is_awaited(kind("a")));
    CHECK(tally.note(kind("a"), later) == Told::counted);
    CHECK(sum(tally.take_over(later)) == 1);
    REQUIRE(tally.note(kind("a"), later) == Told::at_once);
    tally.forget(kind("a"), later);
    CHECK(tally.note(kind("a"), later) == Told::at_once);
}

TEST_CASE("what could not be told keeps its kind, as far as there is room") {
    DenialTally tally;
    const auto one = [](std::string caller, Instant at) {
        return CountedDenials{.kind = kind(std::move(caller)), .count = 2, .first = at, .last = at};
    };
    tally.put_back(one("a", kStart - 1s), kStart);
    tally.put_back(one("a", kStart), kStart);
    CHECK(tally.take_over(kStart + bounds::kDenialWindow - 1ms).empty());
    const auto over = tally.take_over(kStart + bounds::kDenialWindow);
    REQUIRE(over.size() == 1);
    CHECK(over[0].kind == kind("a"));
    CHECK(over[0].count == 4);
    CHECK(over[0].first == kStart - 1s);
    CHECK(over[0].last == kStart);
    for (std::size_t i = 0; i < bounds::kDenialKinds + 10; ++i)
        tally.put_back(one(std::to_string(i), kStart), kStart);
    const auto all = tally.take_all();
    CHECK(all.size() == bounds::kDenialKinds + 1);
    CHECK(sum(all) == 2 * (bounds::kDenialKinds + 10));
}

TEST_CASE("kinds beyond the entries of a second are counted by code, without who") {
    DenialTally tally;
    std::uint64_t at_once = 0;
    constexpr std::uint64_t kCallers = 10'000;
    for (std::uint64_t i = 0; i < kCallers; ++i)
        at_once += tally.note(kind(std::to_string(i)), kStart) == Told::at_once ? 1 : 0;
    CHECK(at_once == bounds::kDenialEntriesPerSecond / 2);  // the other half for their counts
    const auto over = tally.take_over(kStart + bounds::kDenialWindow);
    REQUIRE(over.size() == 1);
    CHECK(over[0].kind.caller.empty());
    CHECK(over[0].kind.code == "token_expired");
    CHECK(over[0].count == kCallers - at_once);
}

TEST_CASE("one caller's many kinds leave room for another's first") {
    DenialTally tally;
    for (int i = 0; i < 1000; ++i)
        static_cast<void>(
            tally.note({.caller = "loud", .route = std::to_string(i), .code = "x"}, kStart));
    CHECK(tally.kinds() == bounds::kDenialKindsPerCaller);
    CHECK(tally.note(kind("quiet"), kStart) == Told::at_once);
}

TEST_CASE("no more kinds are kept than the bound, and a full table counts by code") {
    DenialTally tally;
    Instant now = kStart;
    std::uint64_t at_once = 0;
    for (std::size_t i = 0; i < 2 * bounds::kDenialKinds; ++i) {
        at_once += tally.note(kind(std::to_string(i)), now) == Told::at_once ? 1 : 0;
        now += 21ms;
    }
    CHECK(at_once == bounds::kDenialKinds);
    CHECK(tally.kinds() == bounds::kDenialKinds);
    CHECK(sum(tally.take_all()) == bounds::kDenialKinds);
}

TEST_CASE("a clock that goes back gives no entries for nothing") {
    DenialTally tally;
    for (int i = 0; i < 1000; ++i)
        static_cast<void>(tally.note(kind(std::to_string(i)), kStart - std::chrono::seconds(i)));
    CHECK(tally.kinds() == bounds::kDenialEntriesPerSecond / 2);
}

}  // namespace
