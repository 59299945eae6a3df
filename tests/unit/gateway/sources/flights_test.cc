#include "gateway/sources/flights.h"

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace shikaku::sources::test;
using namespace std::chrono_literals;

struct Tower {
    void join(std::uint16_t who, std::chrono::milliseconds time = 10s) {
        Hash256 link_key{};
        link_key[0] = static_cast<std::uint8_t>(who);
        link_key[1] = static_cast<std::uint8_t>(who >> 8);
        flights.join(context.get_executor(), connected(source, {}),
                     {.authority = authority("130001"),
                      .link_key = link_key,
                      .service_date = date("2026-11-20"),
                      .request_id = {},
                      .deadline = std::chrono::steady_clock::now() + time},
                     [this](std::shared_ptr<const Flights::Outcome> outcome) {
                         *outcome ? ++answered : ++failed;
                         if (!*outcome) last = outcome->error();
                     });
    }

    std::shared_ptr<FakeSource> source = std::make_shared<FakeSource>();
    int heard = 0, answered = 0, failed = 0;
    Error last;
    Flights flights{
        [this](const Connected&, const adapters::Inquiry&, adapters::Records&) { ++heard; }};
    asio::io_context context;
};

}  // namespace

TEST_CASE("an authority is asked a bounded number of times at once; the others wait their turn") {
    Tower tower;
    tower.source->pause = 1ms;
    constexpr int kAsked = 3 * static_cast<int>(bounds::kSourceConnections);
    for (std::uint16_t who = 0; who < kAsked; ++who)
        tower.join(who);
    tower.context.run();
    CHECK(tower.answered == kAsked);
    CHECK(tower.heard == kAsked);
    CHECK(tower.source->most_at_once == static_cast<int>(bounds::kSourceConnections));
}

TEST_CASE("those who wait behind a source that hangs end at their deadline without being asked") {
    Tower tower;
    tower.source->pause = 1h;
    tower.source->deaf = true;
    constexpr int kAsked = 2 * static_cast<int>(bounds::kSourceConnections);
    for (std::uint16_t who = 0; who < kAsked; ++who)
        tower.join(who, 20ms);
    while (tower.failed < kAsked && tower.context.run_one() > 0) {
    }
    CHECK(tower.failed == kAsked);
    CHECK(tower.last.code == ErrorCode::source_timeout);
    CHECK(tower.source->asked == static_cast<int>(bounds::kSourceConnections));
}

TEST_CASE("a cancelled adapter gives its place to who waits") {
    Tower tower;
    tower.source->pause = 1h;
    tower.source->slow = static_cast<int>(bounds::kSourceConnections);  // not the one that waits
    for (std::uint16_t who = 0; who < bounds::kSourceConnections; ++who)
        tower.join(who, 20ms);
    tower.join(1000);
    tower.context.run();
    CHECK(tower.failed == static_cast<int>(bounds::kSourceConnections));
    CHECK(tower.answered == 1);
}

TEST_CASE("more waiting look-ups than the bound are turned away at once") {
    Tower tower;
    tower.source->pause = 1h;
    constexpr std::size_t kRoom = bounds::kSourceConnections + bounds::kSourceWaiting;
    for (std::uint16_t who = 0; who < kRoom; ++who)
        tower.join(who);
    CHECK(tower.failed == 0);
    tower.join(static_cast<std::uint16_t>(kRoom));
    CHECK(tower.failed == 1);
    CHECK(tower.last.code == ErrorCode::source_unavailable);
}

TEST_CASE("what an adapter throws does not reach the error") {
    Tower tower;
    tower.source->throws = true;
    tower.join(1);
    tower.context.run();
    CHECK(tower.failed == 1);
    CHECK(tower.last.code == ErrorCode::source_unavailable);
    CHECK(tower.last.detail.find("1234566") == std::string::npos);
}

TEST_CASE("who joins a look-up with more time does not share the end of a shorter one") {
    Tower tower;
    tower.source->pause = 1h;
    tower.source->slow = 1;  // asked again, it answers
    tower.join(1, 20ms);
    tower.join(1, 10s);
    tower.context.run();
    CHECK(tower.source->asked == 2);
    CHECK(tower.answered == 1);
    CHECK(tower.failed == 1);
    CHECK(tower.last.code == ErrorCode::source_timeout);
}

TEST_CASE("a source's own failure is everyone's, whatever time they have") {
    Tower tower;
    tower.source->says = fail(ErrorCode::source_refused, "no");
    tower.source->pause = 1ms;
    tower.join(1, 5s);
    tower.join(1, 10s);
    tower.context.run();
    CHECK(tower.source->asked == 1);
    CHECK(tower.failed == 2);
    CHECK(tower.last.code == ErrorCode::source_refused);
}

TEST_CASE("look-ups at one authority under two configurations are not merged") {
    Tower tower;
    tower.source->pause = 1ms;
    tower.join(1);
    const auto before = tower.source;
    tower.source = std::make_shared<FakeSource>();
    tower.source->where = "https://two.example";
    tower.source->pause = 1ms;
    tower.join(1);
    tower.context.run();
    CHECK(before->asked == 1);
    CHECK(tower.source->asked == 1);
    CHECK(tower.answered == 2);
}
