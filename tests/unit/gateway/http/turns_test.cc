#include "gateway/http/turns.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <string>

namespace shikaku::http::testing {
namespace {

asio::awaitable<void> take_turn(Turns& turns, Turns::Executor executor, std::uint64_t network,
                                std::string& order) {
    co_await turns.wait(executor, {.prefix = network});
    order += static_cast<char>('a' + network);
}

}  // namespace

TEST_CASE("networks take turns, and each network's connections in order of coming") {
    asio::io_context io;
    Turns turns;
    std::string order;
    for (const std::uint64_t network : {0, 0, 0, 0, 1, 2, 1})
        asio::co_spawn(io, take_turn(turns, io.get_executor(), network, order), asio::detached);
    io.run();
    CHECK(order == "abcabaa");
    io.restart();
    asio::co_spawn(io, take_turn(turns, io.get_executor(), 3, order), asio::detached);
    io.run();
    CHECK(order == "abcabaad");
}

}  // namespace shikaku::http::testing
