#include "gateway/registry/housekeeping.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "gateway/support/bounds.h"
#include "registry_fixture.h"

using namespace registry_test;

namespace {

struct House : RegistryFixture {
    [[nodiscard]] std::int64_t count(std::string_view sql) const {
        auto options = storage::registry_options(folder.path() / "registry.db");
        options.read_only = true;
        auto file = storage::Database::open(options);
        REQUIRE(file);
        auto statement = file->prepare(sql);
        REQUIRE(statement);
        REQUIRE(statement->step().value());
        return statement->integer(0);
    }
    [[nodiscard]] Result<PublicationReport> back(const PublicationReport& report) const {
        return registry->rollback(kHachioji, report.id, "test", "operator:operator-a");
    }
};

}  // namespace

TEST_CASE_METHOD(House, "rows that no generation to go back to shows are erased, in all tables") {
    std::vector<PublicationReport> reports{full(people(3))};
    for (char letter = 'B'; letter <= 'F'; ++letter)
        reports.push_back(delta({{.key = 1, .of = 1, .segment = std::string(1, letter)}}));
    CHECK(count("SELECT count(*) FROM entitlement") == 8);
    registry->keep_house_once();
    for (const char* table : {"entitlement", "by_person", "history"})
        CHECK(count(std::string("SELECT count(*) FROM ") + table) == 3 - 1 + 3);
    CHECK(says(1) == "F");
    CHECK(says(2) == "A");
    REQUIRE(back(reports[5]));
    CHECK(says(1) == "E");
    REQUIRE(back(reports[4]));
    CHECK(says(1) == "D");
    registry->keep_house_once();
    const auto too_far = back(reports[3]);
    REQUIRE_FALSE(too_far);
    CHECK(too_far.error().code == ErrorCode::conflict);
    CHECK(says(1) == "D");
    close();
    open();
    CHECK(says(1) == "D");
    delta({{.key = 1, .of = 1, .segment = "G"}});
    CHECK(says(1) == "G");
}

TEST_CASE_METHOD(House, "a row that has ended says so as long as it is kept, then it is erased") {
    full(people(3));
    delta({{.key = 1, .of = 1, .deleted = true}});
    for (char letter = 'B'; letter <= 'D'; ++letter)
        delta({{.key = 2, .of = 2, .segment = std::string(1, letter)}});
    registry->keep_house_once();
    CHECK(says(1) == "A revoked");
    clock.advance(bounds::kEndedRowsKept);
    registry->keep_house_once();
    close();  // with it the snapshot that this thread reads
    open();
    CHECK(says(1).empty());
    CHECK(says(2) == "D");
    CHECK(says(3) == "A");
    CHECK(registry->authorities()[0].rows == 2);
}

TEST_CASE_METHOD(House, "of old publications the remarks are erased, and that is said") {
    full(people(30));
    const std::string wrong = csv({{.key = 1, .of = 1, .segment = "B"}}) + "H2,kodomo\n";
    std::vector<PublicationReport> reports;
    for (std::size_t i = 0; i < bounds::kPublicationsWithRemarks + 1; ++i)
        reports.push_back(publish(request(Mode::delta), wrong));
    registry->keep_house_once();
    CHECK(registry->errors_csv(kHachioji, reports[1].id));
    CHECK(registry->report(kHachioji, reports[0].id));
    const auto erased = registry->errors_csv(kHachioji, reports[0].id);
    REQUIRE_FALSE(erased);
    CHECK(erased.error().code == ErrorCode::not_found);
}

TEST_CASE_METHOD(House, "a publication is not held for ever") {
    full(people(100));
    const auto held = full(people(50));
    REQUIRE(held.state == PublicationState::held);
    clock.advance(bounds::kHeldKept - std::chrono::hours(1));
    registry->keep_house_once();
    CHECK(registry->report(kHachioji, held.id)->state == PublicationState::held);
    clock.advance(std::chrono::hours(2));
    registry->keep_house_once();
    CHECK(registry->report(kHachioji, held.id)->state == PublicationState::rejected);
    CHECK(staging_files() == 0);
}

TEST_CASE_METHOD(House, "by a clock that is not trusted nothing is too old") {
    full(people(100));
    delta({{.key = 1, .of = 1, .deleted = true}});
    for (char letter = 'B'; letter <= 'D'; ++letter)
        delta({{.key = 2, .of = 2, .segment = std::string(1, letter)}});
    const auto held = full(people(50));
    REQUIRE(held.state == PublicationState::held);
    clock.distrust();
    clock.advance(bounds::kEndedRowsKept + bounds::kHeldKept);
    registry->keep_house_once();
    CHECK(registry->report(kHachioji, held.id)->state == PublicationState::held);
    CHECK(staging_files() == 1);
    CHECK(count("SELECT count(*) FROM entitlement WHERE deleted=1") == 1);
}

TEST_CASE_METHOD(House, "the full publication that deltas stand on is kept as long as they are") {
    const auto publish_one = [&](Mode mode, const std::vector<Row>& rows) {
        auto wanted = request(mode);
        wanted.linkage = domain::LinkageCheck::parse("abcdefghijklmnop");
        const auto report = publish(std::move(wanted), csv(rows));
        CHECK(report.state == PublicationState::active);
        return report;
    };
    const auto first = publish_one(Mode::full, people(3));
    for (char letter = 'B'; letter <= 'F'; ++letter)
        publish_one(Mode::delta, {{.key = 1, .of = 1, .segment = std::string(1, letter)}});
    SECTION("also when a newer full one can still be rolled back") {
        const auto newer = publish_one(Mode::full, people(3));
        registry->keep_house_once();
        REQUIRE(back(newer));
    }
    registry->keep_house_once();
    close();
    {
        auto store = storage::RegistryStore::open(folder.path() / "registry.db");
        REQUIRE(store);
        REQUIRE((*store)->forget_old_publications(132012,
                                                  {.remarks = 1,
                                                   .reports = 1,
                                                   .held = static_cast<int>(PublicationState::held),
                                                   .full = "full"}));
    }
    open();
    CHECK(registry->report(kHachioji, first.id));
    CHECK(count("SELECT count(*) FROM publication") < 6);
    publish_one(Mode::delta, {{.key = 1, .of = 1, .segment = "G"}});
    CHECK(says(1) == "G");
    CHECK(says(2) == "A");
}

TEST_CASE_METHOD(House, "what linkage a publication noted is erased with its report") {
    constexpr std::string_view kLone =
        "SELECT count(*) FROM linkage WHERE publication NOT IN (SELECT id FROM publication)";
    for (int i = 0; i < 8; ++i) {
        auto wanted = request(Mode::full);
        wanted.linkage = domain::LinkageCheck::parse("abcdefghijklmnop");
        publish(std::move(wanted), csv(people(3)));
    }
    registry->keep_house_once();
    close();
    {
        auto store = storage::RegistryStore::open(folder.path() / "registry.db");
        REQUIRE(store);
        REQUIRE((*store)->forget_old_publications(132012,
                                                  {.remarks = 1,
                                                   .reports = 1,
                                                   .held = static_cast<int>(PublicationState::held),
                                                   .full = "full"}));
        CHECK(count("SELECT count(*) FROM publication") < 8);
        CHECK(count(kLone) == 0);
        REQUIRE((*store)->put_linkage("01CAMETONOTHING", "abcdefghijklmnop"));
        CHECK(count(kLone) == 1);
    }
    open();
    CHECK(count(kLone) == 0);
    CHECK(registry->in_force(kHachioji)->linkage);
}

TEST_CASE_METHOD(House, "one authority's old publications are forgotten, no other's") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    for (int i = 0; i < 11; ++i) {
        auto wanted = request(Mode::full);
        if (i < 3) wanted.authority = kMusashino;
        publish(std::move(wanted), csv(people(3)));
    }
    registry->keep_house_once();
    close();
    auto store = storage::RegistryStore::open(folder.path() / "registry.db");
    REQUIRE(store);
    REQUIRE(
        (*store)->forget_old_publications(132012, {.remarks = 1,
                                                   .reports = 1,
                                                   .held = static_cast<int>(PublicationState::held),
                                                   .full = "full"}));
    CHECK(count("SELECT count(*) FROM publication WHERE authority=132012") < 8);
    CHECK(count("SELECT count(*) FROM publication WHERE authority=132039") == 3);
}

TEST_CASE_METHOD(House, "a flipped bit in registry.db is never a no") {
    constexpr std::uint64_t kPeople = 300;
    full(people(kPeople));
    close();
    const auto file = folder.path() / "registry.db";
    const std::string good = *read_file(file);
    constexpr std::size_t kPage = 4096;
    const auto put = [&](const std::string& bytes) {
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    };
    int refused_start = 0;
    int answered_unknown = 0;
    for (std::size_t page = 1; page < good.size() / kPage; ++page) {
        CAPTURE(page);
        std::string damaged = good;
        damaged[page * kPage + kPage - 300] ^= 0x20;
        put(damaged);
        auto opened_log = audit::Log::open({folder.path() / "log.db", "shikaku.example/log"}, *keys,
                                           signer, clock);
        REQUIRE(opened_log);
        log = std::move(*opened_log);
        auto opened = Registry::open(file, *keys, *log, clock);
        if (!opened) {
            ++refused_start;
        } else {
            registry = std::move(*opened);
            bool met = false;
            for (std::uint64_t i = 1; i <= kPeople; ++i) {
                const auto found = registry->find_all(person(i));
                if (found) REQUIRE(found->size() == 1);
                met = met || !found;
            }
            CHECK(registry->damaged() == met);
            answered_unknown += met ? 1 : 0;
            registry->keep_house_once();
            CHECK(registry->damaged());
        }
        close();
        for (const char* ending : {"-wal", "-shm"})
            std::filesystem::remove(file.string() + ending);
    }
    CHECK(refused_start > 0);
    CHECK(answered_unknown > 10);
    put(good);
    open();
    registry->keep_house_once();
    CHECK_FALSE(registry->damaged());
}

TEST_CASE_METHOD(House, "generations that nothing names are forgotten, their numbers are not") {
    full(people(3));
    const Instant began = of(2)[0].changed_at;
    delta({{.key = 3, .of = 3, .deleted = true}});
    const auto ended = of(3)[0].revoked_at;
    for (char letter = 'B'; letter <= 'H'; ++letter)
        delta({{.key = 1, .of = 1, .segment = std::string(1, letter)}});
    CHECK(count("SELECT count(*) FROM generation") == 9);
    registry->keep_house_once();
    // When rows began and ended, and the three to go back to.
    CHECK(count("SELECT count(*) FROM generation") == 2 + 3);
    close();
    open();
    CHECK(of(2)[0].changed_at == began);
    CHECK(of(3)[0].revoked_at == ended);
    CHECK(says(1) == "H");
    // The full publication that deltas stand on stays, though no row began with it any more.
    delta({{.key = 2, .of = 2, .segment = "X"}});
    for (char letter = 'B'; letter <= 'E'; ++letter)
        delta({{.key = 2, .of = 2, .segment = std::string(1, letter)}});
    clock.advance(bounds::kEndedRowsKept);
    registry->keep_house_once();
    CHECK(count("SELECT min(number) FROM generation") == 1);
    CHECK(count("SELECT count(*) FROM generation") < 9);
    close();
    open();
    delta({{.key = 2, .of = 2, .segment = "Y"}});
    CHECK(says(2) == "Y");
    CHECK(count("SELECT max(number) FROM generation") == 15);
}
