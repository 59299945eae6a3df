// Checkups through the pipeline that subsidies go through: upload, comparison, switch, rollback,
// restart; and never mixed with them.
#include "gateway/kinds/checkup/checkup.h"

#include <set>

#include "gateway/kinds/checkup/checkup_kind.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/row_keys.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "tests/unit/gateway/kinds/checkup/checkups.h"
#include "tests/unit/gateway/registry/registry_fixture.h"

using namespace checkup_test;
using namespace shikaku::checkup;
using registry_test::kMusashino;
using registry_test::person;
using shikaku::registry::Mode;
using shikaku::registry::PublicationState;
using shikaku::registry::RecordType;

namespace {

struct Line {
    std::uint64_t key = 0;
    std::uint64_t of = 0;
    std::string judgement = "ok";
    bool deleted = false;
};

std::string csv_of(const std::vector<Line>& lines) {
    std::string body = "履歴キー,link_key,検診ID,年度,受診日,総合判定,deleted\n";
    for (const Line& one : lines)
        body += "K" + std::to_string(one.key) + "," + to_base64url(person(one.of)) +
                ",lung,令和8年度,2026-07-01," + one.judgement + "," + (one.deleted ? "1" : "0") +
                "\n";
    return body;
}

std::vector<Line> people(std::uint64_t count) {
    std::vector<Line> lines;
    for (std::uint64_t i = 1; i <= count; ++i)
        lines.push_back({.key = i, .of = i});
    return lines;
}

struct CheckupFixture : registry_test::RegistryFixture {
    CheckupFixture() : RegistryFixture(registry::RecordKinds({&checkup_kind()})) {
        const auto put = registry->put_pack(checkups_of(kHachioji), kPack, "authority:132012");
        REQUIRE(put);
        REQUIRE(put->read.pack);
    }
    registry::PublicationRequest checkups(Mode mode) {
        auto wanted = request(mode);
        wanted.records = RecordType::checkups;
        return wanted;
    }
    // "K1 ok,K2 recall"; "cut off" behind it when there is more.
    [[nodiscard]] std::string checkups_say(std::uint64_t number) const {
        const auto found = registry->rows_of(RecordType::checkups, person(number));
        REQUIRE(found);
        std::set<std::string> rows;  // they come in no order
        bool cut_off = false;
        for (const auto& authority : *found) {
            CHECK(authority.authority == kHachioji);
            for (const auto& row : authority.rows) {
                const auto checkup = decode_checkup(row.content);
                REQUIRE(checkup);
                rows.insert(checkup->history_key + ' ' + checkup->judgement);
            }
            cut_off = cut_off || authority.cut_off;
        }
        std::string text;
        for (const std::string& row : rows)
            text += (text.empty() ? "" : ",") + row;
        return cut_off ? text + " cut off" : text;
    }
};

}  // namespace

TEST_CASE_METHOD(CheckupFixture, "checkups are published, changed, ended, and rolled back") {
    auto report = publish(checkups(Mode::full), csv_of(people(3)));
    CHECK(report.state == PublicationState::active);
    CHECK(report.added == 3);
    CHECK(report.records == RecordType::checkups);
    CHECK(checkups_say(1) == "K1 ok");
    CHECK(checkups_say(9).empty());

    report = publish(checkups(Mode::delta), csv_of({{.key = 1, .of = 1, .judgement = "recall"},
                                                    {.key = 2, .of = 2, .deleted = true},
                                                    {.key = 4, .of = 1}}));
    CHECK(report.changed == 1);
    CHECK(report.ended == 1);
    CHECK(checkups_say(1) == "K1 recall,K4 ok");
    CHECK(checkups_say(2).empty());

    const auto back = registry->rollback(kHachioji, report.id, "wrong file", "authority:132012");
    REQUIRE(back);
    CHECK(back->records == RecordType::checkups);
    CHECK(checkups_say(1) == "K1 ok");
    CHECK(checkups_say(2) == "K2 ok");
}

TEST_CASE_METHOD(CheckupFixture, "checkups and subsidies of one authority never mix") {
    full(registry_test::people(3));
    // The same history keys, people and Idempotency-Key are others'.
    auto wanted = checkups(Mode::full);
    wanted.idempotency_key = "key-1";
    const auto report = publish(wanted, csv_of(people(2)));
    CHECK(report.added == 2);
    CHECK(says(1) == "A");
    CHECK(checkups_say(1) == "K1 ok");
    CHECK(checkups_say(3).empty());
    CHECK(registry->find_all(person(1))->size() == 1);
    CHECK(registry->authorities().size() == 1);

    // A rollback of one leaves the other.
    REQUIRE(registry->rollback(kHachioji, report.id, "r", "authority:132012"));
    CHECK(checkups_say(1).empty());
    CHECK_FALSE(registry->in_force(checkups_of(kHachioji)));
    CHECK(says(1) == "A");
}

TEST_CASE_METHOD(CheckupFixture, "a person cannot be joined over kinds by who reads the file") {
    const registry::RowKeys row_keys(*keys);
    CHECK(row_keys.person(RecordType::subsidies, person(1)) !=
          row_keys.person(RecordType::checkups, person(1)));
    const auto subsidies = number_of(registry::subsidies_of(kHachioji));
    const auto checkups = number_of(checkups_of(kHachioji));
    CHECK(subsidies == 132012);
    CHECK(checkups == 1'132'012);
    CHECK(registry::set_of(checkups) == checkups_of(kHachioji));
    CHECK(row_keys.history(subsidies, "K1") != row_keys.history(checkups, "K1"));
    // A sealed row of one kind does not open as another's.
    const registry::RowKeys::RowId row{.person = {}, .history = {}, .set = checkups};
    const Bytes sealed = row_keys.seal(row, as_bytes("x"));
    auto moved = row;
    moved.set = subsidies;
    CHECK(row_keys.open(row, sealed));
    CHECK_FALSE(row_keys.open(moved, sealed));
}

TEST_CASE_METHOD(CheckupFixture,
                 "a publication that would end many checkups is held, and released") {
    publish(checkups(Mode::full), csv_of(people(100)));
    auto report = publish(checkups(Mode::full), csv_of(people(70)));
    REQUIRE(report.state == PublicationState::held);
    CHECK(checkups_say(100) == "K100 ok");
    // One of subsidies meanwhile does not supersede it.
    full(registry_test::people(2));
    close();
    open();
    REQUIRE(registry->report(kHachioji, report.id)->state == PublicationState::held);
    REQUIRE(registry->release(kHachioji, report.id, "seen", "authority:132012"));
    CHECK(checkups_say(100).empty());
    CHECK(says(1) == "A");
}

TEST_CASE_METHOD(CheckupFixture, "what nobody can read of a checkup is more, not nothing") {
    publish(checkups(Mode::full), csv_of(people(200)));
    // The row is refused, its person is known: what is in force under its key stays.
    const auto report =
        publish(checkups(Mode::delta), csv_of({{.key = 201, .of = 201, .judgement = "X"}}));
    CHECK(report.refused == 1);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows.front().column == "judgement");
    CHECK(report.rows.front().code == "unknown_judgement");
    CHECK(checkups_say(201) == " cut off");
    const auto csv = registry->errors_csv(kHachioji, report.id);
    REQUIRE(csv);
    CHECK(csv->contains("judgement,unknown_judgement"));
}

TEST_CASE_METHOD(CheckupFixture, "checkups survive a restart, and the log says of which kind") {
    publish(checkups(Mode::full), csv_of(people(2)));
    close();
    open();
    CHECK(checkups_say(2) == "K2 ok");
    CHECK(registry->packs().in_force(checkups_of(kHachioji)) != nullptr);
    CHECK(registry->rules()->packs.size() == 1);
    std::size_t of_checkups = 0;
    for (const auto& entry : entries()) {
        if (entry.leaf.kind == audit::Kind::start || entry.leaf.kind == audit::Kind::stop) continue;
        of_checkups += entry.detail.only().contains(R"("records":"checkups")") ? 1 : 0;
    }
    CHECK(of_checkups == 3);  // pack, publication, switch
}

TEST_CASE_METHOD(CheckupFixture, "a lost registry.db lacks the checkups too") {
    publish(checkups(Mode::full), csv_of(people(2)));
    registry.reset();
    for (const char* ending : {"", "-wal", "-shm"})
        std::filesystem::remove(folder.path() / ("registry.db" + std::string(ending)));
    auto lost = registry::Registry::continue_after_loss(folder.path() / "registry.db", *log, "r");
    REQUIRE(lost);
    CHECK(*lost == std::vector{kHachioji});  // named once, though both its sets are lost
    close();
    open();
    CHECK_FALSE(registry->in_force(checkups_of(kHachioji)));
}

TEST_CASE_METHOD(CheckupFixture,
                 "checkups need a pack of their own, and a gateway that takes them") {
    auto of_musashino = checkups(Mode::full);
    of_musashino.authority = kMusashino;
    put_schemes(kMusashino);
    const auto refused = try_publish(of_musashino, csv_of(people(1)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(try_publish(checkups(Mode::delta), csv_of(people(1))).error().code ==
          ErrorCode::full_publication_required);

    // Columns of subsidies are none of checkups, nor the other way round.
    const auto report = publish(checkups(Mode::full), registry_test::csv(registry_test::people(1)));
    CHECK(report.state == PublicationState::rejected);
}

TEST_CASE_METHOD(registry_test::RegistryFixture, "a gateway without checkups refuses them") {
    auto wanted = request(Mode::full);
    wanted.records = RecordType::checkups;
    CHECK(try_publish(wanted, csv_of(people(1))).error().code == ErrorCode::unprocessable);
    CHECK(registry->put_pack(checkups_of(kHachioji), kPack, "a").error().code ==
          ErrorCode::unprocessable);
}

TEST_CASE("names and numbers of kinds of record never change") {
    CHECK(name(RecordType::subsidies) == "subsidies");
    CHECK(name(RecordType::checkups) == "checkups");
    CHECK(static_cast<int>(RecordType::subsidies) == 0);
    CHECK(static_cast<int>(RecordType::checkups) == 1);
    CHECK_FALSE(registry::parse_record_type("recipients"));
}
