#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/log_details.h"
#include "gateway/registry/logged_changes.h"
#include "gateway/registry/row_keys.h"
#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "registry_fixture.h"

using namespace registry_test;
using Catch::Contains;

namespace {

struct Backups : RegistryFixture {
    [[nodiscard]] std::filesystem::path registry_file() const {
        return folder.path() / "registry.db";
    }
    void copy(std::string_view from, std::string_view to) const {
        std::filesystem::copy_file(folder.path() / from, folder.path() / to,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    void backup() {
        close();
        copy("registry.db", "registry.backup");
        open();
    }
    void remove_registry() {
        close();
        for (const char* ending : {"", "-wal", "-shm"})
            std::filesystem::remove(registry_file().string() + ending);
    }
    void restore() {
        remove_registry();
        copy("registry.backup", "registry.db");
    }
    // Opens log and registry; empty: it started.
    std::string refusal() {
        auto opened_log = audit::Log::open({folder.path() / "log.db", "shikaku.example/log"}, *keys,
                                           signer, clock);
        REQUIRE(opened_log);
        log = std::move(*opened_log);
        auto opened = Registry::open(registry_file(), *keys, *log, clock);
        if (!opened) {
            CHECK(opened.error().code == ErrorCode::corrupt);
            log.reset();
            return opened.error().detail;
        }
        registry = std::move(*opened);
        return {};
    }
    // The program stops between the entry and the change.
    void log_only(const storage::IntentRow& intent, const audit::Detail& detail) {
        registry.reset();
        auto store = storage::RegistryStore::open(registry_file());
        REQUIRE(store);
        LoggedChanges changes(**store, *log);
        REQUIRE(changes.log(intent, detail, "authority:132012"));
    }
    void log_switch_only(const storage::IntentRow& intent) {
        log_only(
            intent,
            switch_detail(
                subsidies_of(kHachioji), "authority:132012", intent.subject,
                {.step = intent.step, .from = intent.base, .to = intent.target, .reason = ""}));
    }
    // A change of the program that runs failed, and the log could not be told that it did.
    void leave_standing(const storage::IntentRow& intent) const {
        auto store = storage::RegistryStore::open(registry_file());
        REQUIRE(store);
        REQUIRE((*store)->intend(intent));
        REQUIRE(log->append_and_wait(
            {.kind = audit::Kind::registry_switch,
             .detail = switch_detail(
                 subsidies_of(kHachioji), "authority:132012", intent.subject,
                 {.step = intent.step, .from = intent.base, .to = intent.target, .reason = ""}),
             .token = {}}));
    }
    void log_event(audit::Kind kind) const {
        REQUIRE(log->append_and_wait({.kind = kind, .detail = {.rest = "{}"}, .token = {}}));
    }
    [[nodiscard]] std::size_t undone() const {
        const auto all = entries();
        return static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& entry) {
            return entry.detail.only().contains(R"("step":"undo")");
        }));
    }
};

constexpr std::string_view kToVersion3 =
    "DROP TABLE log_position; DROP TABLE intent; DROP TABLE log_anchor; DROP TABLE key_check;"
    "DROP TABLE linkage;"
    "CREATE TABLE before(person BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(person, id)) "
    "WITHOUT ROWID;"
    "INSERT INTO before SELECT person,id FROM by_person; DROP TABLE by_person;"
    "ALTER TABLE before RENAME TO by_person; ALTER TABLE authority DROP COLUMN swept; PRAGMA "
    "user_version=3";

const storage::IntentRow kPublishing{
    .authority = 132012, .subject = "01PUBLICATION", .step = "publish", .base = 1, .target = 2};

}  // namespace

TEST_CASE_METHOD(Backups, "an older registry.db under a newer log does not start") {
    full(people(3));
    backup();
    SECTION("a switch is missing: the revoked person would be ACTIVE again") {
        delta({{.key = 1, .of = 1, .deleted = true}});
        REQUIRE(says(1) == "A revoked");
        restore();
        const auto words = refusal();
        CHECK_THAT(words, Contains("132012 has generation 1"));
        CHECK_THAT(words, Contains("(publish) made generation 2"));
        CHECK_THAT(words, Contains("same backup"));
        CHECK_FALSE(refusal().empty());  // the first refusal changed nothing
    }
    SECTION("a rollback is missing") {
        const auto second = delta({{.key = 1, .of = 1, .segment = "B"}});
        backup();
        REQUIRE(registry->rollback(kHachioji, second.id, "wrong", "operator:operator-a"));
        restore();
        CHECK_THAT(refusal(), Contains("(rollback) made generation 1"));
    }
    SECTION("a scheme pack is missing") {
        auto outcome = registry->put_schemes(
            kHachioji, pack_of(kHachioji).replace(pack_of(kHachioji).find("Child"), 5, "Young"),
            "authority:test");
        REQUIRE(outcome);
        REQUIRE(outcome->result.pack);
        restore();
        CHECK_THAT(refusal(), Contains(outcome->version));
    }
    SECTION("another authority's switch is missing: it is named, this one is not") {
        REQUIRE(put_schemes(kMusashino).result.pack);
        auto wanted = request(Mode::full);
        wanted.authority = kMusashino;
        publish(std::move(wanted), csv(people(1)));
        restore();
        const auto words = refusal();
        CHECK_THAT(words, Contains("132039 has generation 0"));
        CHECK_THAT(words, !Contains("132012"));
    }
    SECTION("a switch and the entry that undid it: nothing is missing") {
        auto other = storage::Database::open(storage::registry_options(registry_file()));
        REQUIRE(other);
        REQUIRE(
            other->execute("CREATE TRIGGER broken BEFORE UPDATE OF generation ON authority "
                           "BEGIN SELECT RAISE(ABORT, 'on purpose'); END"));
        CHECK_FALSE(try_publish(request(Mode::delta), csv({{.key = 1, .of = 1}, {.key = 9}})));
        *other =
            std::move(storage::Database::open(storage::registry_options(registry_file())).value());
        restore();
        CHECK(refusal().empty());
        CHECK(says(1) == "A");
    }
    SECTION("the same file: starts") {
        delta({{.key = 1, .of = 1, .deleted = true}});
        close();
        CHECK(refusal().empty());
        CHECK(says(1) == "A revoked");
    }
}

TEST_CASE_METHOD(Backups, "a lost registry.db is not a new installation") {
    full(people(3));
    remove_registry();
    SECTION("the file is missing") {
        CHECK_THAT(refusal(), Contains("is missing"));
        CHECK_FALSE(std::filesystem::exists(registry_file()));
    }
    SECTION("the file is empty") {
        REQUIRE(write_file(registry_file(), "", 0600));
        CHECK_THAT(refusal(), Contains("132012 has generation 0"));
    }
}

TEST_CASE_METHOD(Backups, "a registry.db that is newer than the log does not start") {
    close();
    for (const char* name : {"log.db", "log.entries"})
        copy(name, std::string("old.") + name);
    open();
    full(people(3));
    close();
    for (const char* name : {"log.db-wal", "log.db-shm"})
        std::filesystem::remove(folder.path() / name);
    for (const char* name : {"log.db", "log.entries"})
        copy(std::string("old.") + name, name);
    CHECK_THAT(refusal(), Contains("newer than the log"));
}

TEST_CASE_METHOD(Backups,
                 "a stop between entry and change is undone in the log at the next start") {
    const auto first = full(people(3));
    SECTION("of a publication") {
        log_switch_only(kPublishing);
        close();
        REQUIRE(refusal().empty());
        CHECK_THAT(std::string(entries().back().detail.only()),
                   Contains(R"("publication":"01PUBLICATION")") &&
                       Contains(R"("step":"undo","from":2,"to":1)") && Contains("publish"));
        CHECK(says(1) == "A");
    }
    SECTION("of a rollback") {
        log_switch_only(
            {.authority = 132012, .subject = first.id, .step = "rollback", .base = 1, .target = 0});
        close();
        REQUIRE(refusal().empty());
        CHECK_THAT(std::string(entries().back().detail.only()),
                   Contains(R"("step":"undo","from":0,"to":1)"));
        CHECK(says(1) == "A");
    }
    SECTION("of a scheme pack") {
        const storage::IntentRow intent{.authority = 132012,
                                        .kind = storage::IntentRow::Kind::schemes,
                                        .subject = "0123456789abcdef",
                                        .step = "scheme_change"};
        log_only(intent, {.rest = R"({"authorities":["132012"],"version":"0123456789abcdef"})"});
        close();
        REQUIRE(refusal().empty());
        CHECK_THAT(std::string(entries().back().detail.only()),
                   Contains(R"("version":"0123456789abcdef","step":"undo")"));
        CHECK(registry->authorities()[0].pack_version != "0123456789abcdef");
    }
    close();
    CHECK(refusal().empty());  // once is enough
    CHECK(undone() == 1);
    delta({{.key = 1, .of = 1, .segment = "B"}});
    CHECK(says(1) == "B");
}

TEST_CASE_METHOD(Backups, "an interrupted change whose entry was never written leaves no trace") {
    full(people(3));
    registry.reset();
    {
        auto store = storage::RegistryStore::open(registry_file());
        REQUIRE(store);
        REQUIRE((*store)->intend(kPublishing));
        CHECK_FALSE((*store)->intend(kPublishing));  // one at a time
    }
    close();
    REQUIRE(refusal().empty());
    CHECK(undone() == 0);
    delta({{.key = 1, .of = 1, .segment = "B"}});
    CHECK(says(1) == "B");
}

TEST_CASE_METHOD(Backups, "a backup made while a switch was going on is an older file, too") {
    full(people(3));
    log_switch_only(kPublishing);
    // The program went on, as its stop shows: this registry.db is not what it went on with.
    log_event(audit::Kind::stop);
    close();
    CHECK_THAT(refusal(), Contains("(publish) made generation 2"));
}

TEST_CASE_METHOD(Backups,
                 "a failed change that stands in the log keeps nobody from starting again") {
    full(people(3));
    leave_standing(kPublishing);
    SECTION("settled before the stop") {
        REQUIRE(registry->settle());
    }
    SECTION("settled by the authority's next change") {
        delta({{.key = 1, .of = 1, .segment = "B"}});
        CHECK(says(1) == "B");
    }
    CHECK(undone() == 1);
    REQUIRE(registry->settle());  // once is enough
    log_event(audit::Kind::stop);
    close();
    CHECK(refusal().empty());
    CHECK(undone() == 1);
}

TEST_CASE_METHOD(Backups, "a failed change is undone in the log whatever else cannot be read") {
    full(people(3));
    const auto second = delta({{.key = 1, .of = 1, .segment = "B"}});
    {
        auto other = storage::Database::open(storage::registry_options(registry_file()));
        REQUIRE(other);
        REQUIRE(
            other->execute("CREATE TRIGGER broken BEFORE UPDATE OF generation ON authority "
                           "BEGIN SELECT RAISE(ABORT, 'on purpose'); END;"
                           "INSERT INTO linkage VALUES('" +
                           second.id + "','no value')"));
    }
    SECTION("a publication") {
        CHECK_FALSE(try_publish(request(Mode::delta), csv({{.key = 1, .of = 1, .segment = "C"}})));
    }
    SECTION("a rollback") {
        CHECK_FALSE(registry->rollback(kHachioji, second.id, "wrong", "operator:operator-a"));
    }
    CHECK(undone() == 1);
    CHECK(says(1) == "B");
}

TEST_CASE_METHOD(Backups, "the log's own undo of an interrupted change is found again") {
    full(people(3));
    log_switch_only(kPublishing);
    REQUIRE(log->append_and_wait(
        {.kind = audit::Kind::registry_switch,
         .detail = switch_detail(subsidies_of(kHachioji), "gateway", "01PUBLICATION",
                                 {.step = "undo", .from = 2, .to = 1, .reason = "stopped"}),
         .token = {}}));
    log_event(audit::Kind::stop);
    close();
    REQUIRE(refusal().empty());
    CHECK(undone() == 1);
}

TEST_CASE_METHOD(Backups,
                 "a switch and its undo change nothing; another authority's undo is not its") {
    full(people(3));
    const auto of = GENERATE(kHachioji, kMusashino);
    const auto log_switch = [this](domain::AuthorityCode authority, const SwitchStep& step) {
        REQUIRE(log->append_and_wait(
            {.kind = audit::Kind::registry_switch,
             .detail = switch_detail(subsidies_of(authority), "gateway", "01PUBLICATION", step),
             .token = {}}));
    };
    log_switch(kHachioji, {.step = "publish", .from = 1, .to = 2, .reason = ""});
    log_switch(of, {.step = "undo", .from = 2, .to = 1, .reason = "stopped"});
    close();
    CHECK(refusal().empty() == (of == kHachioji));
}

TEST_CASE_METHOD(Backups, "a registry.db of the version before starts and knows the log so far") {
    full(people(3));
    close();
    {
        auto file = storage::Database::open(storage::registry_options(registry_file()));
        REQUIRE(file);
        REQUIRE(file->execute(kToVersion3));
    }
    SECTION("as it is") {
        REQUIRE(refusal().empty());
        CHECK(says(1) == "A");
    }
    SECTION("killed between entry and switch") {
        open();
        REQUIRE(log->append_and_wait(
            {.kind = audit::Kind::registry_switch,
             .detail = switch_detail(subsidies_of(kHachioji), "a", "01PUBLICATION",
                                     {.step = "publish", .from = 1, .to = 2, .reason = ""}),
             .token = {}}));
        close();
        {
            auto file = storage::Database::open(storage::registry_options(registry_file()));
            REQUIRE(file);
            REQUIRE(file->execute(kToVersion3));
            REQUIRE(file->execute(
                "INSERT INTO generation VALUES(132012,2,1,'01PUBLICATION',0,0,0,100,100)"));
        }
        REQUIRE(refusal().empty());
        CHECK(undone() == 1);
    }
}

TEST_CASE_METHOD(Backups, "a switch that an older version logged and threw away is undone") {
    full(people(3));
    // Killed between entry and switch; the next start of then discarded the generation.
    REQUIRE(log->append_and_wait(
        {.kind = audit::Kind::registry_switch,
         .detail = switch_detail(subsidies_of(kHachioji), "a", "01PUBLICATION",
                                 {.step = "publish", .from = 1, .to = 2, .reason = ""}),
         .token = {}}));
    std::string thrown_away = "UPDATE authority SET last_generation=2;";
    auto then = audit::Kind::start;
    bool proven = true;
    SECTION("as its number shows, which was given") {}
    SECTION("its number was never given: an older file") {
        thrown_away.clear();
        proven = false;
    }
    SECTION("the program went on after it: an older file") {
        then = audit::Kind::stop;
        proven = false;
    }
    SECTION("it is there") {
        thrown_away += "INSERT INTO generation VALUES(132012,2,1,'01PUBLICATION',1,0,3,100,100);";
        proven = false;
    }
    SECTION("another one is in force") {
        thrown_away += "UPDATE authority SET generation=0;";
        proven = false;
    }
    log_event(then);
    close();
    {
        auto file = storage::Database::open(storage::registry_options(registry_file()));
        REQUIRE(file);
        REQUIRE(file->execute(thrown_away));
    }
    const auto words = refusal();
    if (!proven) {
        CHECK_THAT(words, Contains("older than the log") && Contains("continue-registry"));
        return;
    }
    REQUIRE(words.empty());
    CHECK(undone() == 1);
    CHECK(says(1) == "A");
    close();
    REQUIRE(refusal().empty());  // once is enough
    CHECK(undone() == 1);
    delta({{.key = 1, .of = 1, .segment = "B"}});
    CHECK(says(1) == "B");
}

TEST_CASE_METHOD(Backups, "what happens to one authority's data never touches another's") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    auto theirs = people(40);  // the same history keys, the same people
    for (Row& row : theirs)
        row.segment = "M";
    full(people(40));
    auto wanted = request(Mode::full);
    wanted.authority = kMusashino;
    publish(std::move(wanted), csv(theirs));
    const auto musashino = [&] {
        std::string text;
        for (std::uint64_t i = 1; i <= 40; ++i) {
            const auto found = registry->find(kMusashino, person(i));
            REQUIRE(found);
            for (const auto& one : found->entitlements)
                text += one.segment + (one.revoked_at ? " revoked," : ",");
        }
        for (const AuthorityState& state : registry->authorities())
            if (state.authority == kMusashino)
                text += std::to_string(state.generation) + "/" + std::to_string(state.rows);
        return text;
    };
    const std::string before = musashino();

    auto rows = people(10);
    rows[0].segment = "B";
    const auto held = full(rows);
    REQUIRE(registry->release(kHachioji, held.id, "ok", "operator:operator-a"));
    CHECK(says(31) == "A revoked");
    CHECK(musashino() == before);
    REQUIRE(registry->rollback(kHachioji, held.id, "not ok", "operator:operator-a"));
    CHECK(musashino() == before);
    delta({{.key = 1, .of = 1, .segment = "C"}});  // discards what was rolled back
    CHECK(says(31) == "A");
    CHECK(musashino() == before);

    log_switch_only({.authority = 132012,
                     .subject = "01PUBLICATION",
                     .step = "publish",
                     .base = 3,
                     .target = 4});
    {
        auto store = storage::RegistryStore::open(registry_file());
        REQUIRE(store);
        REQUIRE((*store)->begin_generation(132012, 3, "01PUBLICATION", 1000));
    }
    close();
    REQUIRE(refusal().empty());
    CHECK(musashino() == before);
    CHECK(says(1) == "C");
    CHECK(says(2) == "A");
    CHECK(registry->report(kMusashino, held.id).error().code == ErrorCode::not_found);
    CHECK(registry->rollback(kMusashino, held.id, "x", "a").error().code == ErrorCode::not_found);
    CHECK(registry->release(kMusashino, held.id, "x", "a").error().code == ErrorCode::not_found);
}

TEST_CASE_METHOD(Backups, "after a loss an operator's word goes on without what is missing") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    auto theirs = request(Mode::full);
    theirs.authority = kMusashino;
    publish(std::move(theirs), csv(people(2)));
    full(people(3));
    const auto go_on = [&] {
        auto opened_log = audit::Log::open({folder.path() / "log.db", "shikaku.example/log"}, *keys,
                                           signer, clock);
        REQUIRE(opened_log);
        return Registry::continue_after_loss(registry_file(), **opened_log, "the disk broke");
    };
    SECTION("an older file") {
        backup();
        delta({{.key = 1, .of = 1, .deleted = true}});
        restore();
        REQUIRE_FALSE(refusal().empty());
        REQUIRE(go_on() == std::vector{kHachioji});
        REQUIRE(refusal().empty());
        CHECK(registry->find(kMusashino, person(1))->entitlements.size() == 1);
    }
    SECTION("no file") {
        remove_registry();
        REQUIRE(go_on() == std::vector{kHachioji, kMusashino});
        REQUIRE(refusal().empty());
        CHECK_FALSE(registry->has_published(kMusashino));
    }
    SECTION("nothing is missing") {  // last: what comes after a return is never found
        close();
        const auto nothing = go_on();
        REQUIRE_FALSE(nothing);
        CHECK(nothing.error().code == ErrorCode::conflict);
        CHECK(refusal().empty());
        CHECK(says(1) == "A");
        return;
    }
    CHECK_FALSE(registry->has_published(kHachioji));
    CHECK_THAT(std::string(entries().back().detail.only()),
               Contains("continue_registry") && Contains("the disk broke") && Contains("132012"));
    REQUIRE(put_schemes(kHachioji).result.pack);
    last_key = 1;  // the same file under the same Idempotency-Key is no repetition
    const auto report = full(people(3));
    CHECK(report.added == 3);
    CHECK(says(1) == "A");
    CHECK(registry->authorities()[0].rows == 3);
    close();
    CHECK(refusal().empty());
}
