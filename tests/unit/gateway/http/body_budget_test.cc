#include "gateway/http/body_budget.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "gateway/support/bounds.h"

namespace shikaku::http {
namespace {

constexpr std::size_t kSmall = bounds::kApiBodyBytes;

TEST_CASE("what large bodies leave is for small ones") {
    HttpMetrics metrics("budget");
    BodyBudget budget({.total = 16 * kSmall, .per_client = 16 * kSmall}, metrics);
    BodyBudget::Bytes client = 0;
    const auto large = budget.take(client, 12 * kSmall);
    REQUIRE(large);
    CHECK_FALSE(budget.take(client, kSmall + 1));
    std::vector<Result<BodyBudget::Share>> small;
    for (int i = 0; i < 4; ++i) {
        small.push_back(budget.take(client, kSmall));
        CHECK(small.back());
    }
    const auto refused = budget.take(client, 1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::overloaded);
    CHECK(metrics.bodies_refused_client.Value() + metrics.bodies_refused_total.Value() == 2);
    small.pop_back();
    CHECK(budget.take(client, kSmall));
}

TEST_CASE("the first bytes of a large body are not small ones") {
    HttpMetrics metrics("first bytes");
    BodyBudget budget({.total = 16 * kSmall, .per_client = 16 * kSmall}, metrics);
    BodyBudget::Bytes client = 0;
    std::vector<Result<BodyBudget::Share>> begun;
    for (int i = 0; i < 12; ++i) {
        begun.push_back(budget.take(client, kSmall, 64 * kSmall));
        CHECK(begun.back());
    }
    CHECK_FALSE(budget.take(client, kSmall, 64 * kSmall));
    CHECK(budget.take(client, kSmall));
}

TEST_CASE("a refused body takes nothing, and one that is moved is given back once") {
    HttpMetrics metrics("budget");
    BodyBudget budget({.total = 1'000'000, .per_client = 100}, metrics);
    BodyBudget::Bytes client = 0;
    CHECK_FALSE(budget.take(client, 101));
    CHECK_FALSE(budget.take(client, ~std::uint64_t{0}));
    CHECK(client == 0);
    {
        auto share = budget.take(client, 60);
        REQUIRE(share);
        CHECK_FALSE(budget.take(client, 41));
        BodyBudget::Share kept;
        kept = std::move(*share);
        share = fail(ErrorCode::internal);
        CHECK(client == 60);
        CHECK(budget.in_use() == 60);
    }
    CHECK(client == 0);
    CHECK(budget.in_use() == 0);
}

TEST_CASE("many threads take and give back: nothing is left, and never is too much in use") {
    HttpMetrics metrics("budget");
    BodyBudget budget({.total = 1'000'000, .per_client = 1'000}, metrics);
    BodyBudget::Bytes client = 0;
    std::atomic<int> held = 0;
    std::atomic<bool> too_many = false;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 2'000; ++n) {
                    const auto share = budget.take(client, 400);
                    if (!share) continue;
                    if (++held > 2) too_many = true;
                    --held;
                }
            });
        }
    }
    CHECK_FALSE(too_many);
    CHECK(client == 0);
}

}  // namespace
}  // namespace shikaku::http
