#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"
#include "registry_fixture.h"

using namespace registry_test;

TEST_CASE_METHOD(RegistryFixture, "readers never see half a publication while generations switch") {
    // Every generation gives each person the same segment letter in both rows.
    const auto rows = [](char letter) {
        std::vector<Row> all;
        for (std::uint64_t i = 1; i <= 50; ++i) {
            all.push_back({.key = i, .of = i, .segment = std::string(1, letter)});
            all.push_back({.key = i + 1000, .of = i, .segment = std::string(1, letter)});
        }
        return all;
    };
    full(rows('A'));
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::atomic<std::uint64_t> asked{0};
    std::vector<std::thread> readers;
    for (std::uint64_t reader = 0; reader < 3; ++reader) {
        readers.emplace_back([&, reader] {
            std::uint64_t i = reader;
            while (!stop) {
                const auto found = registry->find_all(person(i++ % 50 + 1));
                const bool good = found && found->size() == 1 &&
                                  found->front().entitlements.size() == 2 &&
                                  found->front().entitlements[0].segment ==
                                      found->front().entitlements[1].segment &&
                                  !found->front().entitlements[0].revoked_at;
                if (!good) ++wrong;
                ++asked;
            }
        });
    }
    char before = 'A';
    for (char letter = 'B'; letter <= 'K'; ++letter) {
        const auto report = full(rows(letter));
        CHECK(report.changed == 100);
        CHECK(says(7) == std::string{letter} + "," + letter);  // visible at once to this thread
        if (letter % 3 == 0) {
            CHECK(registry->rollback(kHachioji, report.id, "test", "operator:operator-a"));
            CHECK(says(7) == std::string{before} + "," + before);  // though the others are there
        } else {
            before = letter;
        }
    }
    while (asked < 100)
        std::this_thread::yield();
    stop = true;
    for (std::thread& reader : readers)
        reader.join();
    CHECK(wrong == 0);
}

TEST_CASE_METHOD(RegistryFixture, "an idle reader does not keep the old generation") {
    full(people(2));
    const auto on_a_thread = [&] {
        return std::async(std::launch::async, [&] { return says(1); }).get();
    };
    CHECK(on_a_thread() == "A");
    CHECK(says(1) == "A");
    delta({{.key = 1, .of = 1, .segment = "B"}});
    CHECK(says(1) == "B");
    CHECK(on_a_thread() == "B");
}

TEST_CASE_METHOD(RegistryFixture,
                 "rows in force come before ended ones and a person's rows are bounded") {
    std::vector<Row> rows;
    for (std::uint64_t i = 1; i <= 60; ++i)
        rows.push_back({.key = i, .of = 1, .segment = "S" + std::to_string(i)});
    full(rows);
    CHECK(of(1).size() == 32);
    CHECK(registry->find_all(person(1))->at(0).cut_off);
    std::vector<Row> gone;
    for (std::uint64_t i = 1; i <= 40; ++i)
        gone.push_back({.key = i, .of = 1, .deleted = true});
    const auto held = delta(gone);
    REQUIRE(held.state == PublicationState::held);
    REQUIRE(registry->release(kHachioji, held.id, "ok", "operator:operator-a"));
    const auto left = of(1);
    REQUIRE(left.size() == 32);
    std::size_t in_force = 0;
    for (const auto& row : left)
        in_force += row.revoked_at ? 0 : 1;
    CHECK(in_force == 20);
    CHECK_FALSE(left[0].revoked_at);
}

TEST_CASE_METHOD(RegistryFixture, "exactly as many rows as a question takes are not cut off") {
    std::vector<Row> rows;
    for (std::uint64_t i = 1; i <= bounds::kEntitlementsPerAuthority; ++i)
        rows.push_back({.key = i, .of = 1});
    full(rows);
    const auto all = registry->find_all(person(1));
    REQUIRE(all);
    CHECK(all->at(0).entitlements.size() == bounds::kEntitlementsPerAuthority);
    CHECK_FALSE(all->at(0).cut_off);
}

TEST_CASE_METHOD(RegistryFixture,
                 "what lies behind too many changes of one certificate is missed") {
    full({{.key = 1, .of = 1}, {.key = 2, .of = 1}});
    for (std::size_t i = 0; i < bounds::kRowsPerPersonAndAuthority; ++i)
        delta({{.key = 2, .of = 1, .segment = i % 2 == 0 ? "B" : "A"}});
    const auto all = registry->find_all(person(1));
    REQUIRE(all);
    REQUIRE(all->size() == 1);
    CHECK(all->at(0).cut_off);
}

TEST_CASE_METHOD(RegistryFixture, "one authority's excess of rows silences that authority alone") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    const auto excess = GENERATE(kHachioji, kMusashino);  // read first, or last
    const auto other = excess == kHachioji ? kMusashino : kHachioji;
    const auto publish_as = [&](domain::AuthorityCode authority, const std::vector<Row>& rows) {
        auto wanted = request(Mode::full);
        wanted.authority = authority;
        REQUIRE(publish(std::move(wanted), csv(rows)).state == PublicationState::active);
    };
    publish_as(other, people(2));
    std::vector<Row> rows{{.key = 9999, .of = 2}};
    for (std::uint64_t i = 1; i <= bounds::kRowsPerPersonAndAuthority; ++i)
        rows.push_back({.key = i, .of = 1});
    publish_as(excess, rows);
    CHECK(registry->authorities_of(person(1))->size() == 2);
    for (std::uint64_t i = 1; i <= 2000; ++i)
        rows.push_back({.key = 10'000 + i, .of = 1});
    publish_as(excess, rows);

    const auto all = registry->find_all(person(1));
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    for (const PublishedFor& one : *all) {
        CHECK(one.cut_off == (one.authority == excess));
        if (one.authority == other) CHECK(one.entitlements.size() == 1);
    }
    CHECK(registry->find(excess, person(1))->cut_off);
    CHECK_FALSE(registry->find(other, person(1))->cut_off);
    CHECK(registry->authorities_of(person(1)) ==
          std::vector<domain::AuthorityCode>{kHachioji, kMusashino});
    const auto second = registry->find_all(person(2));  // the same thread goes on
    REQUIRE(second);
    for (const PublishedFor& one : *second)
        CHECK((!one.cut_off && one.entitlements.size() == 1));
}

TEST_CASE_METHOD(RegistryFixture,
                 "of too many rows the newest are read, which say what is in force") {
    std::vector<Row> rows;
    for (std::uint64_t i = 1; i <= bounds::kRowsPerPersonAndAuthority; ++i)
        rows.push_back({.key = i, .of = 1});
    full(rows);
    rows[0].segment = "B";
    for (Row& row : rows)
        row.deleted = row.key != 1;
    const auto held = delta(rows);
    REQUIRE(registry->release(kHachioji, held.id, "test", "operator:operator-a"));
    CHECK(of(1).at(0).segment == "B");
    delta({{.key = 1, .of = 1, .deleted = true}});
    CHECK(registry->find(kHachioji, person(1))->cut_off);
    for (const domain::Entitlement& one : of(1))
        CHECK(one.revoked_at);
}

TEST_CASE_METHOD(RegistryFixture, "questions without a pause do not let the write-ahead log grow") {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> asked{0};
    full(people(10'000));
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&] {
            while (!stop) {
                if (registry->find_all(person(asked % 10'000 + 1))) ++asked;
            }
        });
    }
    const auto log = folder.path() / "registry.db-wal";
    for (char letter = 'B'; letter <= 'E'; ++letter) {
        auto rows = people(10'000);
        for (Row& row : rows)
            row.segment = std::string(1, letter);
        const auto before = asked.load();
        full(rows);
        CHECK(asked > before);
        CHECK(std::filesystem::file_size(log) == 0);
    }
    stop = true;
    for (std::thread& reader : readers)
        reader.join();
    CHECK(says(1) == "E");
}

TEST_CASE_METHOD(RegistryFixture, "a row knows whether it was deleted or left out") {
    full(people(4));
    delta({{.key = 1, .of = 1, .deleted = true}});
    REQUIRE(of(1).at(0).revoked_at);
    CHECK_FALSE(of(1).at(0).left_out);
    auto rows = people(3);
    rows.erase(rows.begin());
    rows[0].deleted = true;  // of person 2; person 4 is left out
    const auto report = full(rows);
    REQUIRE(report.state == PublicationState::active);
    REQUIRE(of(2).at(0).revoked_at);
    CHECK_FALSE(of(2).at(0).left_out);
    REQUIRE(of(4).at(0).revoked_at);
    CHECK(of(4).at(0).left_out);
    CHECK_FALSE(of(3).at(0).left_out);
    // Taken back and ended again, the other way.
    REQUIRE(registry->rollback(kHachioji, report.id, "test", "operator:operator-a"));
    CHECK_FALSE(of(2).at(0).revoked_at);
    full({{.key = 3, .of = 3}, {.key = 4, .of = 4}});
    CHECK(of(2).at(0).left_out);
}

TEST_CASE_METHOD(RegistryFixture,
                 "the prefecture of who knows the person is named by the same read") {
    const auto tokyo = *domain::AuthorityCode::parse("130001");
    const auto check = domain::LinkageCheck::parse("abcdefghijklmnop");
    full(people(1));
    CHECK(registry->find_all(person(1))->size() == 1);  // it has published nothing
    REQUIRE(put_schemes(tokyo).result.pack);
    auto wanted = request(Mode::full);
    wanted.authority = tokyo;
    wanted.linkage = check;
    REQUIRE(publish(std::move(wanted), csv({{.key = 9, .of = 9}})).state ==
            PublicationState::active);
    const auto all = registry->find_all(person(1));
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK((*all)[0].authority == tokyo);
    CHECK((*all)[0].entitlements.empty());
    CHECK_FALSE((*all)[0].cut_off);
    CHECK((*all)[0].as_of == registry->in_force(tokyo)->as_of);
    CHECK((*all)[0].linkage == check);
    CHECK((*all)[1].authority == kHachioji);
    CHECK((*all)[1].entitlements.size() == 1);
    CHECK_FALSE((*all)[1].linkage);
    CHECK(registry->find_all(person(2))->empty());
    CHECK(registry->authorities_of(person(1)) == std::vector{kHachioji});
}

TEST_CASE_METHOD(RegistryFixture, "a row that cannot be opened cuts its authority off, no other") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    auto wanted = request(Mode::full);
    wanted.authority = kMusashino;
    REQUIRE(publish(std::move(wanted), csv(people(2))).state == PublicationState::active);
    full({{.key = 1, .of = 1}, {.key = 2, .of = 1, .segment = "B"}, {.key = 3, .of = 2}});
    struct Case {
        std::string_view sealed;
        bool damaged;
    };
    const auto one = GENERATE(Case{"sealed || x'00'", true},                   // not authentic
                              Case{"x'00000000' || substr(sealed,5)", false},  // no such key
                              Case{"x'00'", true});
    {
        auto file =
            storage::Database::open(storage::registry_options(folder.path() / "registry.db"));
        REQUIRE(file);
        REQUIRE(file->execute("UPDATE entitlement SET sealed = " + std::string(one.sealed) +
                              " WHERE id=(SELECT max(id) FROM entitlement)"));
    }
    std::size_t cut_off = 0;
    for (const std::uint64_t number : {1, 2}) {
        const auto all = registry->find_all(person(number));
        REQUIRE(all);
        REQUIRE(all->size() == 2);
        const PublishedFor& mine = (*all)[0];
        REQUIRE(mine.authority == kHachioji);
        cut_off += mine.cut_off ? 1 : 0;
        CHECK(mine.entitlements.size() == (number == 1 ? 2U : 1U) - (mine.cut_off ? 1 : 0));
        CHECK((*all)[1].authority == kMusashino);
        CHECK((*all)[1].entitlements.size() == 1);
        CHECK_FALSE((*all)[1].cut_off);
    }
    CHECK(cut_off == 1);
    CHECK(registry->damaged() == one.damaged);
}

TEST_CASE_METHOD(RegistryFixture, "a hundred thousand rows are published and found") {
    const auto report = full(people(100'000));
    CHECK(report.added == 100'000);
    CHECK(report.state == PublicationState::active);
    for (const std::uint64_t number : {1ULL, 2ULL, 777ULL, 54'321ULL, 100'000ULL})
        CHECK(says(number) == "A");
    CHECK(says(100'001).empty());
    auto rows = people(100'000);
    rows[54'320].segment = "B";
    const auto second = full(rows);
    CHECK(second.unchanged == 99'999);
    CHECK(second.changed == 1);
    CHECK(says(54'321) == "B");
}

TEST_CASE_METHOD(RegistryFixture,
                 "a write-ahead log that somebody keeps from being emptied shows") {
    const auto left = [] {
        const std::string all = render_metrics();
        const std::string name = "\nshikaku_registry_wal_bytes ";
        const auto at = all.find(name);
        return at == std::string::npos ? -1.0 : std::stod(all.substr(at + name.size()));
    };
    full(people(2));
    CHECK(left() == 0);
    {
        auto options = storage::registry_options(folder.path() / "registry.db");
        options.read_only = true;
        auto other = storage::Database::open(options);
        REQUIRE(other);
        REQUIRE(other->execute("BEGIN; SELECT count(*) FROM entitlement"));
        delta({{.key = 1, .of = 1, .segment = "B"}});
        CHECK(left() > 0);
        REQUIRE(other->execute("COMMIT"));
    }
    delta({{.key = 1, .of = 1, .segment = "C"}});
    CHECK(left() == 0);
}

TEST_CASE_METHOD(RegistryFixture, "whether the write-ahead log could be emptied is told") {
    full(people(2));
    close();
    auto store = storage::RegistryStore::open(folder.path() / "registry.db");
    REQUIRE(store);
    const auto emptied = [&] {
        const auto done = (*store)->empty_log();
        REQUIRE(done);
        return *done;
    };
    REQUIRE((*store)->put_linkage("01A", "value"));
    auto other = storage::Database::open(storage::registry_options(folder.path() / "registry.db"));
    REQUIRE(other);
    REQUIRE(other->execute("BEGIN; SELECT count(*) FROM entitlement"));
    CHECK_FALSE(emptied());
    REQUIRE(other->execute("COMMIT"));
    CHECK(emptied());
    CHECK((*store)->log_bytes() == 0);
}
