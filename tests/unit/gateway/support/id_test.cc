#include "gateway/support/id.h"

#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

namespace shikaku {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an id has 26 characters of Crockford's base 32") {
    const std::string id = make_ulid(Instant(1'469'918'176'385ms));
    CHECK(id.size() == 26);
    CHECK(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string::npos);
    // The time part of the ULID specification's example.
    CHECK(id.starts_with("01ARYZ6S41"));
}

TEST_CASE("ids sort by time") {
    CHECK(make_ulid(Instant(0ms)).starts_with("0000000000"));
    CHECK(make_ulid(Instant(1000ms)) < make_ulid(Instant(1001ms)));
    CHECK(make_ulid(Instant(31ms)) < make_ulid(Instant(32ms)));
}

TEST_CASE("ids of one instant differ, on one thread and on several") {
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 1000;
    std::vector<std::vector<std::string>> made(kThreads);
    {
        std::vector<std::jthread> threads;
        for (auto& ids : made) {
            threads.emplace_back([&ids] {
                for (std::size_t i = 0; i < kEach; ++i)
                    ids.push_back(make_ulid(Instant(7ms)));
            });
        }
    }
    std::set<std::string> distinct;
    for (const auto& ids : made)
        distinct.insert(ids.begin(), ids.end());
    CHECK(distinct.size() == kThreads * kEach);
}

TEST_CASE("every random character of an id varies") {
    std::vector<std::set<char>> seen(26);
    for (int i = 0; i < 500; ++i) {
        const std::string id = make_ulid(Instant(0ms));
        for (std::size_t k = 0; k < id.size(); ++k)
            seen[k].insert(id[k]);
    }
    for (std::size_t k = 10; k < 26; ++k)
        CHECK(seen[k].size() > 16);
}

}  // namespace
}  // namespace shikaku
