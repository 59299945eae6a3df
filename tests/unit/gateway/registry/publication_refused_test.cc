// Rows that are refused although it is known whose they are: that person is never told "no record".
#include "gateway/storage/sqlite/registry_schema.h"
#include "registry_fixture.h"

using namespace registry_test;

namespace {

constexpr std::uint64_t kRows = 200;

struct Refused : RegistryFixture {
    // With a row that nobody can read, of the person of that number.
    static std::vector<Row> with_refused(std::uint64_t of) {
        auto rows = people(kRows);
        rows.push_back({.key = of, .of = of, .valid_to = "someday"});
        return rows;
    }
    [[nodiscard]] bool unknown(std::uint64_t number) const {
        const auto found = registry->find_all(person(number));
        if (!found) FAIL(found.error().detail);
        return !found->empty() && found->front().cut_off;
    }
    [[nodiscard]] bool no_record(std::uint64_t number) const {
        const auto found = registry->find_all(person(number));
        if (!found) FAIL(found.error().detail);
        return found->empty() || (!found->front().cut_off && found->front().entitlements.empty());
    }
    [[nodiscard]] std::uint64_t rows() const { return registry->authorities()[0].rows; }
    // A delta upon what is in force, or all that is in force and these rows.
    PublicationReport beside(Mode mode, const std::string& lines) {
        return publish(request(mode),
                       csv(mode == Mode::full ? people(kRows) : std::vector<Row>{}) + lines);
    }
    [[nodiscard]] std::int64_t kept_unread() const {
        auto options = storage::registry_options(folder.path() / "registry.db");
        options.read_only = true;
        auto file = storage::Database::open(options);
        REQUIRE(file);
        auto statement = file->prepare("SELECT count(*) FROM entitlement WHERE sealed=x''");
        REQUIRE(statement);
        REQUIRE(statement->step().value());
        return statement->integer(0);
    }
};

}  // namespace

TEST_CASE_METHOD(Refused, "of whom a first file's refused row is, nothing is known") {
    const auto first = full(with_refused(500));
    REQUIRE(first.state == PublicationState::active);
    CHECK(first.refused == 1);
    CHECK(first.added == kRows);
    CHECK(rows() == kRows);
    CHECK(unknown(500));
    CHECK(no_record(501));
    CHECK(says(1) == "A");
    SECTION("nor after a restart") {
        close();
        open();
        CHECK_FALSE(registry->damaged());
        CHECK(unknown(500));
        CHECK_FALSE(registry->damaged());
    }
    SECTION("nor after the same file again") {
        const auto again = full(with_refused(500));
        CHECK(again.unchanged == kRows);
        CHECK(again.added + again.changed + again.ended == 0);
        CHECK(unknown(500));
        CHECK(kept_unread() == 1);
    }
    SECTION("until the row is mended, and again when that is rolled back") {
        auto mended = with_refused(500);
        mended.back().valid_to = "2027-03-31";
        const auto second = full(mended);
        REQUIRE(second.state == PublicationState::active);
        CHECK(second.added == 1);
        CHECK(second.changed + second.ended + second.warnings == 0);
        CHECK(says(500) == "A");
        CHECK_FALSE(unknown(500));
        CHECK(rows() == kRows + 1);
        REQUIRE(registry->rollback(kHachioji, second.id, "wrong", "operator:operator-a"));
        CHECK(unknown(500));
        CHECK(rows() == kRows);
    }
    SECTION("until it is left out: then there is no record, and no end of one") {
        const auto second = full(people(kRows));
        CHECK(second.ended == 0);
        CHECK(no_record(500));
        CHECK(rows() == kRows);
        // Nobody needs it when it cannot be gone back to.
        for (char letter = 'B'; letter <= 'D'; ++letter)
            delta({{.key = 1, .of = 1, .segment = std::string(1, letter)}});
        CHECK(kept_unread() == 1);
        registry->keep_house_once();
        CHECK(kept_unread() == 0);
        CHECK(no_record(500));
    }
    SECTION("until a delta deletes it") {
        const auto second = delta({{.key = 500, .of = 500, .deleted = true}});
        CHECK(second.ended + second.warnings == 0);
        CHECK(no_record(500));
        CHECK(rows() == kRows);
    }
}

TEST_CASE_METHOD(Refused, "of whom a later file's refused row is, nothing is known") {
    full(people(kRows));
    REQUIRE(no_record(500));
    SECTION("a full one") {
        REQUIRE(full(with_refused(500)).state == PublicationState::active);
    }
    SECTION("a delta") {
        REQUIRE(delta({{.key = 500, .of = 500, .valid_to = "someday"}}).refused == 1);
    }
    CHECK(unknown(500));
    CHECK(rows() == kRows);
}

TEST_CASE_METHOD(Refused, "what is in force of a person stands beside a refused row") {
    full(people(kRows));
    delta({{.key = 500, .of = 1, .valid_to = "someday"}});
    CHECK(says(1) == "A");
    CHECK(unknown(1));
    // Its own refused row leaves a row as it is.
    delta({{.key = 2, .of = 2, .segment = "B", .valid_to = "someday"}});
    CHECK(says(2) == "A");
    CHECK_FALSE(unknown(2));
}

TEST_CASE_METHOD(Refused, "a refused row under another person's key says something of its own") {
    full(people(kRows));
    REQUIRE(no_record(500));
    SECTION("in a full publication") {
        auto moved = people(kRows);
        moved[0].of = 500;
        moved[0].valid_to = "someday";
        REQUIRE(full(moved).state == PublicationState::active);
        REQUIRE(full(moved).state == PublicationState::active);
    }
    SECTION("in a delta") {
        delta({{.key = 1, .of = 500, .valid_to = "someday"}});
        delta({{.key = 1, .of = 500, .valid_to = "someday"}});
        CHECK(kept_unread() == 1);
    }
    CHECK(unknown(500));
    CHECK(says(1) == "A");
    CHECK_FALSE(unknown(1));
    CHECK(rows() == kRows);
    // The next full publication says what there is.
    full(people(kRows));
    CHECK(no_record(500));
    CHECK(rows() == kRows);
    delta({{.key = 1, .of = 1, .segment = "B"}});
    delta({{.key = 1, .of = 1, .segment = "C"}});
    registry->keep_house_once();
    CHECK(kept_unread() == 0);
}

TEST_CASE_METHOD(Refused, "whose a row is counts although its history key cannot be used") {
    full(people(kRows));
    const std::string good = line({.key = 500, .of = 500});
    for (const Mode mode : {Mode::full, Mode::delta}) {
        for (const std::string& bad :
             {good.substr(good.find(',')), std::string(101, 'H') + good.substr(good.find(',')),
              "123456789018" + good.substr(good.find(','))}) {
            CAPTURE(name(mode), bad);
            full(people(kRows));
            REQUIRE(no_record(500));
            const auto report = beside(mode, bad);
            CHECK(report.state == PublicationState::active);
            CHECK(report.refused == 1);
            CHECK(unknown(500));
            CHECK(rows() == kRows);
            beside(mode, bad);
            CHECK(unknown(500));
        }
    }
}

TEST_CASE_METHOD(Refused, "the second row of a key says something of its person, and no more") {
    full(people(kRows));
    for (const Mode mode : {Mode::full, Mode::delta}) {
        for (const std::string_view valid_to : {"2027-03-31", "someday"}) {
            CAPTURE(name(mode), valid_to);
            full(people(kRows));
            REQUIRE(no_record(500));
            const std::string second =
                line({.key = 1, .of = 500, .valid_to = std::string(valid_to)});
            const std::string first = mode == Mode::delta ? line({.key = 1, .of = 1}) : "";
            REQUIRE(beside(mode, first + second).state == PublicationState::active);
            CHECK(unknown(500));
            CHECK(of(500).empty());  // nothing of what was refused
            CHECK(says(1) == "A");
            CHECK(rows() == kRows);
            close();
            open();
            CHECK(unknown(500));
            CHECK_FALSE(registry->damaged());
        }
    }
}

TEST_CASE_METHOD(Refused, "a row that says its history key only holds a full publication once") {
    const std::string key_only = "H500,,,,,,,,,\n";
    SECTION("where nothing is in force under it") {
        const auto first = beside(Mode::full, key_only);
        REQUIRE(first.state == PublicationState::held);
        REQUIRE(first.held_because.size() == 1);
        CHECK(first.held_because[0].en.contains("(line " + std::to_string(kRows + 2) + ")"));
        REQUIRE(registry->release(kHachioji, first.id, "known", "operator:operator-a"));
    }
    SECTION("also when all stays as it was") {
        full(people(kRows));
        const auto second = beside(Mode::full, key_only);
        REQUIRE(second.state == PublicationState::held);
        REQUIRE(registry->release(kHachioji, second.id, "known", "operator:operator-a"));
    }
    SECTION("not where something is") {
        auto rows = people(kRows);
        rows.push_back({.key = 500, .of = 500});
        full(rows);
        CHECK(beside(Mode::full, key_only).state == PublicationState::active);
        CHECK(says(500) == "A");
        return;
    }
    CHECK(rows() == kRows);
    const auto again = beside(Mode::full, line({.key = 300, .of = 300}) + key_only);
    CHECK(again.state == PublicationState::active);
    CHECK(again.added == 1);
    const auto mended = beside(Mode::full, line({.key = 500, .of = 500}));
    CHECK(mended.state == PublicationState::active);
    CHECK(says(500) == "A");
    CHECK(rows() == kRows + 1);
}
