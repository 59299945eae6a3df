#include "gateway/sources/flights.h"

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace shikaku::sources::test;
using namespace std::chrono_literals;

// Never paused, unless a test says otherwise.
constexpr Policy kPatient{.pause_after = 1000};

struct Tower {
    explicit Tower(Breaker::Pauses pauses = {}, std::chrono::milliseconds airtime = {})
        : flights(
              [this](const Connected&, const adapters::LookUp&, adapters::Records&) { ++heard; },
              pauses, airtime) {}

    // As a client of its own, unless the test says whose.
    void join(std::uint16_t who, std::chrono::milliseconds time = 10s) {
        join(who, {.client = who}, time);
    }
    void join(std::uint16_t who, Flights::Asker asker, std::chrono::milliseconds time = 10s) {
        Hash256 link_key{};
        link_key[0] = static_cast<std::uint8_t>(who);
        link_key[1] = static_cast<std::uint8_t>(who >> 8);
        flights.join(context.get_executor(), connected(source, policy),
                     {.authority = authority("130001"),
                      .link_key = link_key,
                      .service_date = date("2026-11-20"),
                      .request_id = {},
                      .deadline = std::chrono::steady_clock::now() + time},
                     asker, [this, who](std::shared_ptr<const Flights::Outcome> outcome) {
                         *outcome ? ++answered : ++failed;
                         if (!*outcome) last = outcome->error();
                         if (!*outcome) refused.push_back(who);
                     });
    }

    std::shared_ptr<FakeSource> source = std::make_shared<FakeSource>();
    int heard = 0, answered = 0, failed = 0;
    Error last;
    std::vector<int> refused;
    // Whom the source was asked about, in order.
    [[nodiscard]] std::vector<int> about() const {
        std::vector<int> out;
        for (const auto& lookup : source->about)
            out.push_back(lookup.link_key[0] | lookup.link_key[1] << 8);
        return out;
    }
    Policy policy = kPatient;
    Flights flights;
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

namespace {

using domain::Priority;
constexpr int kPlaces = static_cast<int>(bounds::kSourceConnections);

// All places are taken by look-ups of others, which the source answers after a while.
struct BusyTower : Tower {
    BusyTower() {
        source->pause = 20ms;
        source->slow = kPlaces;
        for (std::uint16_t who = 0; who < bounds::kSourceConnections; ++who)
            join(who);
    }
    // Of those who came later.
    [[nodiscard]] std::vector<int> asked_later() const {
        auto all = about();
        all.erase(all.begin(), all.begin() + kPlaces);
        return all;
    }
};

}  // namespace

TEST_CASE("the line before a source goes by priority, and clients take turns") {
    BusyTower tower;
    tower.join(101, {.client = 1001, .priority = Priority::bulk});
    tower.join(102, {.client = 1001, .priority = Priority::bulk});
    tower.join(103, {.client = 1001, .priority = Priority::walk_in});
    tower.join(104, {.client = 1001, .priority = Priority::walk_in});
    tower.join(105, {.client = 1002, .priority = Priority::walk_in});
    tower.join(106, {.client = 1003, .priority = Priority::scheduled});
    tower.context.run();
    CHECK(tower.asked_later() == std::vector<int>{103, 105, 104, 106, 101, 102});
}

TEST_CASE("emergencies have places at a source that nobody else takes") {
    BusyTower tower;
    tower.source->slow = 1000;
    for (std::uint16_t who = 101; who <= 105; ++who)
        tower.join(who, {.client = 1001, .priority = Priority::emergency});
    tower.context.run();
    CHECK(tower.source->most_at_once ==
          kPlaces + static_cast<int>(bounds::kSourceConnectionsForEmergencies));
    CHECK(tower.answered == kPlaces + 5);
}

TEST_CASE("one client takes neither all places at a source nor the whole line") {
    Tower tower;
    tower.source->pause = 1h;
    constexpr std::size_t kRoom =
        bounds::kSourceConnectionsPerClient + bounds::kSourceWaitingPerClient;
    for (std::uint16_t who = 0; who < kRoom; ++who)
        tower.join(who, {.client = 1001});
    CHECK(tower.failed == 0);
    tower.join(5000, {.client = 1001});
    CHECK(tower.refused == std::vector<int>{5000});
    tower.context.poll();
    CHECK(tower.source->asked == static_cast<int>(bounds::kSourceConnectionsPerClient));
    // Somebody else is asked for at once.
    tower.join(6000, {.client = 1002});
    tower.context.poll();
    CHECK(tower.about().back() == 6000);
}

TEST_CASE("in a full line the least urgent gives way") {
    Tower tower;
    tower.source->pause = 1h;
    constexpr std::size_t kRoom = bounds::kSourceConnections + bounds::kSourceWaiting;
    for (std::uint16_t who = 0; who < kRoom; ++who)
        tower.join(who, {.client = who, .priority = Priority::bulk});
    tower.join(5000, {.client = 5000, .priority = Priority::scheduled});
    tower.join(5001, {.client = 5001, .priority = Priority::bulk});
    tower.context.poll();
    CHECK(tower.refused == std::vector<int>{5001, static_cast<int>(kRoom) - 1});
    CHECK(tower.last.code == ErrorCode::source_unavailable);
}

TEST_CASE("who waits is moved up when somebody more urgent asks the same") {
    BusyTower tower;
    tower.join(101, {.client = 1001, .priority = Priority::walk_in});
    tower.join(102, {.client = 1002, .priority = Priority::bulk});
    tower.join(103, {.client = 1003, .priority = Priority::scheduled});
    tower.join(102, {.client = 1004, .priority = Priority::emergency});
    tower.context.run();
    CHECK(tower.asked_later() == std::vector<int>{102, 101, 103});
    CHECK(tower.answered == kPlaces + 4);
}

TEST_CASE("time that went by in the line is not the source's failure") {
    Tower tower({.first = 1h, .longest = 1h}, 6s);
    tower.policy.pause_after = 3;
    tower.source->pause = 20ms;
    for (std::uint16_t who = 0; who < bounds::kSourceConnections; ++who)
        tower.join(who);
    for (std::uint16_t who = 100; who < 110; ++who)
        tower.join(who, 5s);  // less than the airtime
    tower.context.run();
    CHECK(tower.answered == kPlaces);
    CHECK(tower.failed == 10);
    CHECK(tower.last.code == ErrorCode::source_timeout);
    CHECK(tower.source->asked == kPlaces);
    CHECK(tower.flights.state(authority("130001")) != "paused");
}

TEST_CASE("places in the line of a context that has gone hold up nobody") {
    Tower tower;
    tower.source->pause = 1ms;
    auto other = std::make_unique<asio::io_context>();
    int lost = 0;
    for (std::uint16_t who = 0; who < bounds::kSourceConnections; ++who)
        tower.join(who);
    for (std::uint16_t who = 200; who < 210; ++who)
        tower.flights.join(other->get_executor(), connected(tower.source, tower.policy),
                           {.authority = authority("130001"),
                            .link_key = person(static_cast<std::uint8_t>(who)),
                            .service_date = date("2026-11-20"),
                            .request_id = {},
                            .deadline = std::chrono::steady_clock::now() + 10s},
                           {.client = who}, [&lost](const auto&) { ++lost; });
    other.reset();
    tower.join(101, {.client = 1001, .priority = Priority::bulk});
    tower.context.run();
    CHECK(lost == 0);
    CHECK(tower.answered == kPlaces + 1);
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

namespace {

// A tower whose source has failed until it was paused.
struct PausedTower : Tower {
    explicit PausedTower(std::chrono::milliseconds pause)
        : Tower({.first = pause, .longest = pause}) {
        policy.pause_after = 3;
        source->says = fail(ErrorCode::source_unavailable, "down");
        for (std::uint16_t who = 1; who <= 3; ++who)
            join(who);
        run();
        REQUIRE(failed == 3);
        REQUIRE(flights.state(authority("130001")) == "paused");
    }
    void run() {
        context.restart();
        context.run();
    }
};

}  // namespace

TEST_CASE("a paused source is not asked, and nobody waits for it") {
    PausedTower tower(1h);
    for (std::uint16_t who = 10; who < 20; ++who)
        tower.join(who);
    CHECK(tower.failed == 13);  // at once: the context has not run
    CHECK(tower.source->asked == 3);
    CHECK(tower.last.code == ErrorCode::source_unavailable);
    CHECK(tower.last.detail.starts_with("not asked"));
}

TEST_CASE("after the pause one look-up asks a paused source, the others still do not wait") {
    PausedTower tower(0ms);
    tower.join(10);
    tower.join(11);
    tower.join(12);
    CHECK(tower.failed == 5);
    tower.run();
    CHECK(tower.source->asked == 4);
    CHECK(tower.failed == 6);
    CHECK(tower.flights.state(authority("130001")) == "paused");
    tower.source->says = adapters::Records{};
    tower.join(13);
    tower.run();
    CHECK(tower.answered == 1);
    CHECK(tower.flights.state(authority("130001")) == "answering");
    tower.join(14);
    tower.join(15);
    tower.run();
    CHECK(tower.answered == 3);
}

TEST_CASE("a probe that is not answered in time lets the next one go") {
    PausedTower tower(0ms);
    tower.source->pause = 1h;
    tower.source->slow = 4;
    tower.join(10, 20ms);
    tower.run();
    CHECK(tower.last.code == ErrorCode::source_timeout);
    tower.source->says = adapters::Records{};
    tower.join(11);
    tower.run();
    CHECK(tower.answered == 1);
}

TEST_CASE("a probe that never had its turn lets the next one go") {
    Tower tower({.first = 0ms, .longest = 0ms});
    tower.policy.pause_after = 3;
    tower.source->deaf = true;  // its places stay taken, although nobody waits any more
    tower.source->pause = 200ms;
    constexpr int kAtOnce = static_cast<int>(bounds::kSourceConnections);
    for (std::uint16_t who = 0; who < kAtOnce; ++who)
        tower.join(who, 10ms);
    while (tower.failed < kAtOnce)
        tower.context.run_one();
    REQUIRE(tower.flights.state(authority("130001")) == "paused");
    tower.join(kAtOnce, 10ms);
    while (tower.failed < kAtOnce + 1)
        tower.context.run_one();
    tower.source->deaf = false;
    tower.source->pause = 0ms;
    tower.context.run();
    tower.join(kAtOnce + 1);
    tower.context.restart();
    tower.context.run();
    CHECK(tower.answered == 1);
}

TEST_CASE("look-ups that wait for their turn when a source is paused do not wait on") {
    Tower tower({.first = 1h, .longest = 1h});
    tower.policy.pause_after = 3;
    tower.source->says = fail(ErrorCode::source_unavailable, "down");
    tower.source->pause = 1ms;
    constexpr int kAsked = 2 * static_cast<int>(bounds::kSourceConnections);
    for (std::uint16_t who = 0; who < kAsked; ++who)
        tower.join(who);
    tower.context.run();
    CHECK(tower.failed == kAsked);
    CHECK(tower.source->asked < kAsked);
}

TEST_CASE("refusals and broken answers are there at once and pause nobody") {
    const ErrorCode code = GENERATE(ErrorCode::source_refused, ErrorCode::source_malformed);
    Tower tower({.first = 1h, .longest = 1h});
    tower.policy.pause_after = 3;
    tower.source->says = fail(code, "no");
    for (std::uint16_t who = 0; who < 10; ++who)
        tower.join(who);
    tower.context.run();
    CHECK(tower.source->asked == 10);
    CHECK(tower.flights.state(authority("130001")) == "failing");
}

TEST_CASE("another source in the place of a paused one is asked") {
    PausedTower tower(1h);
    tower.source = std::make_shared<FakeSource>();
    tower.source->where = "https://two.example";
    tower.join(10);
    tower.run();
    CHECK(tower.answered == 1);
}
