#include "gateway/domain/waiting_line.h"

#include <catch2/catch.hpp>
#include <deque>
#include <string>

namespace {

using namespace shikaku;
using namespace std::chrono_literals;
using domain::Priority;
using domain::WaitingLine;
using Patience = WaitingLine::Patience;

struct Line {
    explicit Line(const WaitingLine::Bounds& bounds = {}) : line(bounds) {}

    // Gives who had to go.
    std::string join(WaitingLine::ClientKey client, Priority priority,
                     Patience patience = Patience::desk) {
        WaitingLine::Place& place = places.emplace_back();
        place.client = client;
        place.priority = priority;
        place.patience = patience;
        return told(line.join(place, now));
    }
    std::string next() { return told(line.take_next()); }
    std::string late() { return told(line.take_late(now)); }
    std::string all(std::string (Line::*take)()) {
        std::string out;
        for (std::string one = (this->*take)(); !one.empty(); one = (this->*take)())
            out += (out.empty() ? "" : " ") + one;
        return out;
    }
    void advance(std::chrono::milliseconds by) { now += by; }

    // "1w": a walk_in of client 1.
    static std::string told(const WaitingLine::Place* place) {
        if (place == nullptr) return {};
        return std::to_string(place->client) + domain::name(place->priority)[0];
    }

    std::deque<WaitingLine::Place> places;  // outlive the line
    WaitingLine line;
    WaitingLine::Time now{std::chrono::hours(1)};
};

TEST_CASE("a higher priority goes first, in the order of coming within a client") {
    Line line;
    for (const auto priority :
         {Priority::bulk, Priority::scheduled, Priority::walk_in, Priority::emergency})
        line.join(1, priority);
    CHECK(line.all(&Line::next) == "1e 1w 1s 1b");
    CHECK(line.line.empty());
    CHECK(line.line.at_once() == 4);
}

TEST_CASE("clients take turns: many questions of one do not delay the one of another") {
    Line line;
    for (int i = 0; i < 1'000; ++i)
        line.join(1, Priority::walk_in);
    line.join(2, Priority::walk_in);
    line.join(3, Priority::walk_in);
    line.join(3, Priority::walk_in);
    CHECK(line.next() == "1w");
    CHECK(line.next() == "2w");
    CHECK(line.next() == "3w");
    CHECK(line.next() == "1w");
    CHECK(line.next() == "3w");
    CHECK(line.next() == "1w");
    CHECK(line.next() == "1w");
    line.join(2, Priority::walk_in);
    CHECK(line.next() == "1w");
    CHECK(line.next() == "2w");
}

TEST_CASE("a line that has just come waits, one that stands is kept short") {
    struct Row {
        const char* what;
        Priority priority;
        Patience patience;
        std::chrono::milliseconds stands;  // before it joins
        std::chrono::milliseconds waits;
        bool late;
    };
    for (const Row& row : std::vector<Row>{
             {"a burst is worked off", Priority::walk_in, Patience::desk, 0ms, 99ms, false},
             {"bulk in a burst", Priority::bulk, Patience::desk, 0ms, 99ms, false},
             {"standing walk_in", Priority::walk_in, Patience::desk, 200ms, 60ms, false},
             {"standing walk_in", Priority::walk_in, Patience::desk, 200ms, 61ms, true},
             {"standing scheduled", Priority::scheduled, Patience::desk, 200ms, 40ms, false},
             {"standing scheduled", Priority::scheduled, Patience::desk, 200ms, 41ms, true},
             {"standing bulk", Priority::bulk, Patience::desk, 200ms, 20ms, false},
             {"standing bulk", Priority::bulk, Patience::desk, 200ms, 21ms, true},
             {"a batch has time", Priority::bulk, Patience::batch, 200ms, 3s, false},
             {"a batch, but not for ever", Priority::bulk, Patience::batch, 200ms, 3001ms, true},
             {"an emergency waits", Priority::emergency, Patience::desk, 200ms, 1h, false}}) {
        CAPTURE(row.what, row.waits.count());
        Line line;
        // Somebody who is always there keeps the line from being empty.
        line.join(9, row.priority, Patience::batch);
        line.advance(row.stands);
        line.join(1, row.priority, row.patience);
        line.advance(row.waits);
        std::string late = line.all(&Line::late);
        if (const auto other = late.find('9'); other != std::string::npos) late.erase(other, 3);
        CHECK(late == (row.late ? Line::told(&line.places.back()) : ""));
    }
}

TEST_CASE("whoever is late is taken out lowest priority first, and does not get a turn") {
    Line line;
    line.join(1, Priority::walk_in);
    line.join(1, Priority::scheduled);
    line.join(1, Priority::bulk);
    line.join(1, Priority::emergency);
    line.advance(1001ms);
    line.join(2, Priority::walk_in);
    CHECK(line.all(&Line::late) == "1b 1s 1w");
    CHECK(line.all(&Line::next) == "1e 2w");
}

TEST_CASE("an empty line stands no more") {
    Line line;
    line.join(1, Priority::walk_in);
    line.advance(500ms);
    CHECK(line.next() == "1w");
    line.join(1, Priority::walk_in);
    line.advance(90ms);
    CHECK(line.late().empty());
}

TEST_CASE("without room the lowest goes, the newest of it, and never an emergency") {
    Line line({.at_once = 9, .at_once_per_client = 9, .waiting = 3, .waiting_per_client = 3});
    CHECK(line.join(1, Priority::bulk).empty());
    CHECK(line.join(2, Priority::bulk).empty());
    CHECK(line.join(1, Priority::walk_in).empty());
    CHECK(line.join(4, Priority::bulk) == "4b");
    CHECK(line.join(4, Priority::scheduled) == "2b");
    CHECK(line.join(4, Priority::walk_in) == "1b");
    CHECK(line.join(5, Priority::emergency) == "4s");
    CHECK(line.join(5, Priority::scheduled) == "5s");
    CHECK(line.join(5, Priority::walk_in) == "5w");
    CHECK(line.join(5, Priority::emergency) == "4w");
    CHECK(line.join(5, Priority::emergency) == "1w");
    CHECK(line.join(5, Priority::emergency).empty());
    CHECK(line.all(&Line::next) == "5e 5e 5e 5e");
}

TEST_CASE("one client does not fill the line") {
    Line line({.at_once = 9, .at_once_per_client = 9, .waiting = 10, .waiting_per_client = 2});
    CHECK(line.join(1, Priority::walk_in).empty());
    CHECK(line.join(1, Priority::walk_in).empty());
    CHECK(line.join(1, Priority::walk_in) == "1w");
    CHECK(line.join(1, Priority::emergency).empty());
    CHECK(line.join(2, Priority::walk_in).empty());
}

TEST_CASE("what is begun is bounded, for each client and in all; an emergency begins") {
    Line line({.at_once = 3, .at_once_per_client = 2, .waiting = 99, .waiting_per_client = 99});
    CHECK(line.line.begin(1, Priority::walk_in));
    CHECK(line.line.begin(1, Priority::walk_in));
    CHECK_FALSE(line.line.begin(1, Priority::walk_in));
    CHECK(line.line.begin(1, Priority::emergency));
    CHECK_FALSE(line.line.begin(2, Priority::walk_in));
    line.join(1, Priority::walk_in);
    line.join(2, Priority::walk_in);
    line.join(2, Priority::walk_in);
    CHECK(line.next().empty());
    line.line.end(1);
    CHECK(line.next() == "2w");  // client 1 has two begun still
    CHECK(line.next().empty());
    line.join(3, Priority::emergency);
    CHECK(line.next() == "3e");
    line.line.end(3);
    line.line.end(1);
    CHECK(line.next() == "1w");
    line.line.end(1);
    line.line.end(1);
    CHECK(line.next() == "2w");
    CHECK(line.line.at_once() == 2);
}

TEST_CASE("an emergency that waited goes before its client's other questions have ended") {
    Line line({.at_once = 10, .at_once_per_client = 1});
    CHECK(line.line.begin(1, Priority::walk_in));
    line.join(1, Priority::walk_in);
    line.join(1, Priority::emergency);
    CHECK(line.next() == "1e");
    CHECK(line.next().empty());
}

TEST_CASE("nobody goes past those who wait") {
    Line line;
    CHECK(line.line.begin(1, Priority::walk_in));
    line.join(2, Priority::bulk);
    CHECK_FALSE(line.line.begin(1, Priority::walk_in));
    CHECK(line.next() == "2b");
    CHECK(line.line.begin(1, Priority::walk_in));
}

TEST_CASE("where emergencies are bounded too, they have places that nobody else takes") {
    Line line({.at_once = 2,
               .at_once_per_client = 2,
               .at_once_for_emergencies = 3,
               .waiting = 99,
               .waiting_per_client = 99});
    CHECK(line.line.begin(1, Priority::walk_in));
    CHECK(line.line.begin(1, Priority::emergency));
    CHECK_FALSE(line.line.begin(2, Priority::walk_in));
    CHECK(line.line.begin(2, Priority::emergency));
    CHECK_FALSE(line.line.begin(3, Priority::emergency));
    line.join(3, Priority::emergency);
    line.join(4, Priority::walk_in);
    CHECK(line.next().empty());
    line.line.end(2);
    CHECK(line.all(&Line::next) == "3e");
    line.line.end(3);
    line.line.end(1);
    CHECK(line.all(&Line::next) == "4w");
}

TEST_CASE("who waits no more leaves, and the others keep their turns") {
    Line line;
    line.join(1, Priority::walk_in);
    line.join(1, Priority::walk_in);
    line.join(2, Priority::walk_in);
    line.line.leave(line.places[0]);
    line.line.leave(line.places[2]);
    CHECK(line.all(&Line::next) == "1w");
    CHECK(line.line.empty());
}

}  // namespace
