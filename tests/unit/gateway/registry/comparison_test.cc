// What a publication would do to persons and periods of 1,000 rows in force on 2026-11-20.
#include "gateway/registry/comparison.h"

#include "gateway/storage/sqlite/registry_schema.h"
#include "registry_fixture.h"

using namespace registry_test;

namespace {

constexpr std::uint64_t kRows = 1000;

std::vector<Row> changed(const std::function<void(Row&)>& change) {
    auto rows = people(kRows);
    std::ranges::for_each(rows, change);
    return rows;
}

}  // namespace

TEST_CASE_METHOD(RegistryFixture, "a mass change of persons or periods is held, full and delta") {
    REQUIRE(full(people(kRows)).state == PublicationState::active);
    struct Case {
        std::string_view says;
        std::vector<Row> rows;
    };
    const Case cases[] = {
        {"another person's", changed([](Row& row) { row.of += 5000; })},
        {"no longer be valid today", changed([](Row& row) { row.valid_to = "2026-11-19"; })},
        {"no longer be valid today", changed([](Row& row) {
             row.valid_from = "2027-06-08";
             row.valid_to = "2028-03-31";
         })},
        {"no longer be valid today", changed([](Row& row) {  // next year's, too early
             row.valid_from = "2027-04-01";
             row.valid_to = "2028-03-31";
         })},
        {"more than two years", changed([](Row& row) { row.valid_to = "2037-03-31"; })},
        {"more than two years", changed([](Row& row) { row.valid_from = "1996-04-01"; })},
    };
    for (const Case& one : cases) {
        for (const Mode mode : {Mode::full, Mode::delta}) {
            CAPTURE(one.says, one.rows[0].valid_to, name(mode));
            const auto report = publish(request(mode), csv(one.rows));
            CHECK(report.state == PublicationState::held);
            CHECK(report.changed == kRows);
            REQUIRE(report.held_because.size() == 1);
            CHECK(report.held_because[0].en.contains(one.says));
            CHECK(says(1) == "A");
            CHECK(of(1)[0].valid_to.iso() == "2027-03-31");
        }
    }
}

TEST_CASE_METHOD(RegistryFixture, "what an office does every year comes into force") {
    REQUIRE(full(people(kRows)).state == PublicationState::active);
    CHECK(full(changed([](Row& row) { row.segment = "B"; })).state == PublicationState::active);
    CHECK(full(changed([](Row& row) { row.valid_to = "2028-03-31"; })).state ==
          PublicationState::active);  // renewed for a year
    CHECK(full(changed([](Row& row) {
              if (row.key > 100) return;
              row.of += 5000;  // a tenth
          })).state == PublicationState::active);
    CHECK(says(1) == "A revoked");
}

TEST_CASE_METHOD(RegistryFixture, "an old row that cannot be read is replaced, and that is said") {
    REQUIRE(full(people(100)).state == PublicationState::active);
    const auto harm = [this](std::string_view where) {
        auto other =
            storage::Database::open(storage::registry_options(folder.path() / "registry.db"));
        REQUIRE(other);
        REQUIRE(other->execute("UPDATE entitlement SET sealed=x'00'" + std::string(where)));
    };
    harm(" WHERE id=(SELECT max(id) FROM entitlement)");
    auto rows = people(100);
    for (Row& row : rows)
        row.segment = "B";
    const auto report = full(rows);
    CHECK(report.state == PublicationState::active);
    CHECK(report.warnings == 1);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].line == 101);
    CHECK(report.rows[0].code == "not_comparable");
    CHECK(report.rows[0].warning);
    CHECK(says(100) == "B");

    harm("");
    const auto blind = full(people(100));
    CHECK(blind.state == PublicationState::held);
    REQUIRE(blind.held_because.size() == 1);
    CHECK(blind.held_because[0].en.contains("cannot be read"));
}
