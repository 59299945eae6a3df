#include "gateway/api/turnstile.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace shikaku::api {
namespace {

namespace asio = boost::asio;
using domain::Priority;

// A question that waits for its turn and is answered some handlers later.
asio::awaitable<void> ask(Turnstile& turnstile, Turnstile::ClientKey client, Priority priority,
                          std::string& order) {
    auto turn = co_await turnstile.wait(client, priority, Turnstile::Patience::desk);
    REQUIRE(turn);
    order += std::to_string(client) + domain::name(priority)[0] + " ";
    for (int i = 0; i < 3; ++i)
        co_await asio::post(asio::use_awaitable);
}

TEST_CASE("questions that wait are let through by priority and in turn between clients") {
    asio::io_context context{1};
    const auto turnstile = Turnstile::of_this_thread(context.get_executor());
    std::string order;
    const auto spawn = [&](Turnstile::ClientKey client, Priority priority) {
        asio::co_spawn(context, ask(*turnstile, client, priority, order), asio::detached);
    };
    spawn(1, Priority::bulk);
    spawn(1, Priority::walk_in);
    spawn(1, Priority::walk_in);
    spawn(2, Priority::walk_in);
    spawn(3, Priority::emergency);
    context.run();
    CHECK(order == "3e 1w 2w 1w 1b ");
}

TEST_CASE("what finds nobody in the line and a thread with time goes straight through") {
    asio::io_context context{1};
    const auto turnstile = Turnstile::of_this_thread(context.get_executor());
    std::string order;
    {
        const auto turn = turnstile->try_enter(1, Priority::walk_in);
        CHECK(turn);
        asio::co_spawn(context, ask(*turnstile, 2, Priority::bulk, order), asio::detached);
        asio::post(context, [&] {
            // Somebody waits by now.
            CHECK_FALSE(turnstile->try_enter(3, Priority::walk_in));
        });
        context.run();
    }
    CHECK(order == "2b ");
    CHECK(Turnstile::of_this_thread(context.get_executor()) == turnstile);
}

asio::awaitable<void> note_outcome(std::shared_ptr<Turnstile> turnstile, Priority priority,
                                   std::vector<std::string>& outcomes) {
    const auto turn = co_await turnstile->wait(1, priority, Turnstile::Patience::desk);
    outcomes.emplace_back(turn ? "begun" : name(turn.error().code));
    if (!turn) {
        CHECK(turn.error().retry_after_s >= 1);
        CHECK(turn.error().retry_after_s <= 3);
    }
}

TEST_CASE("who finds no room to wait is told, and who waits goes on when one has been answered") {
    asio::io_context context{1};
    const auto turnstile = std::make_shared<Turnstile>(
        context.get_executor(),
        domain::WaitingLine::Bounds{
            .at_once = 1, .at_once_per_client = 1, .waiting = 1, .waiting_per_client = 1});
    std::vector<std::string> outcomes;
    auto first = turnstile->try_enter(1, Priority::walk_in);
    REQUIRE(first);
    asio::co_spawn(context, note_outcome(turnstile, Priority::walk_in, outcomes), asio::detached);
    asio::co_spawn(context, note_outcome(turnstile, Priority::walk_in, outcomes), asio::detached);
    asio::co_spawn(context, note_outcome(turnstile, Priority::emergency, outcomes), asio::detached);
    context.poll();
    // The emergency took the place of the one that waited.
    CHECK(std::ranges::count(outcomes, "overloaded") == 2);
    CHECK(std::ranges::count(outcomes, "begun") == 1);
    context.restart();
    asio::co_spawn(context, note_outcome(turnstile, Priority::bulk, outcomes), asio::detached);
    context.poll();
    CHECK(outcomes.size() == 3);
    first.reset();
    context.restart();
    context.run();
    CHECK(outcomes.back() == "begun");
}

}  // namespace
}  // namespace shikaku::api
