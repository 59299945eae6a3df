#include <sqlite3.h>
#include <catch2/catch.hpp>

#include "gateway/audit/pack_version.h"
#include "gateway/crypto/hash.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "registry_fixture.h"

using namespace registry_test;

TEST_CASE_METHOD(RegistryFixture, "an accepted pack is in force, logged, and kept by version") {
    const auto rules = registry->rules();
    REQUIRE(rules->packs.contains(kHachioji));
    const std::string version = rules->packs.at(kHachioji)->version;
    CHECK(version == to_hex(crypto::sha256(as_bytes(pack_of(kHachioji)))));
    CHECK(entries().back().leaf.kind == audit::Kind::scheme_change);
    CHECK(entries().back().detail.only().find(version) != std::string::npos);

    const auto again = put_schemes(kHachioji);
    CHECK(again.version == version);
    CHECK(again.log_index == entries().size() - 1);  // nothing new was logged

    std::string changed = pack_of(kHachioji);
    changed.replace(changed.find("Child subsidy"), 13, "Child support");
    const auto second = registry->put_schemes(kHachioji, changed, "authority:132012");
    REQUIRE(second);
    REQUIRE(second->result.pack);
    CHECK(second->version != version);
    CHECK(registry->rules()->packs.at(kHachioji)->version == second->version);
    CHECK(rules->packs.at(kHachioji)->version == version);  // a snapshot stays what it was
    const auto old = registry->pack(kHachioji, version);
    REQUIRE(old);
    CHECK((*old)->schemes[0].name.en == "Child subsidy");
    CHECK(registry->pack(kHachioji, "0000000000000000").error().code == ErrorCode::not_found);

    close();
    open();
    CHECK(registry->rules()->packs.at(kHachioji)->version == second->version);
    CHECK(registry->pack(kHachioji, version));
    CHECK(registry->authorities()[0].pack_version == second->version);
}

TEST_CASE_METHOD(RegistryFixture, "a refused pack leaves the one in force") {
    const std::string version = registry->rules()->packs.at(kHachioji)->version;
    const std::size_t logged = entries().size();
    std::string failing = pack_of(kHachioji);
    failing.replace(failing.find("\"ACTIVE\""), 8, "\"EXPIRED\"");
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("[1"), pack_of(kMusashino), failing}) {
        const auto outcome = registry->put_schemes(kHachioji, bad, "authority:132012");
        REQUIRE(outcome);
        CHECK_FALSE(outcome->result.pack);
        CHECK_FALSE(outcome->result.problems.empty());
    }
    CHECK(
        registry->put_schemes(kHachioji, std::string(4 * 1024 * 1024 + 1, ' '), "c").error().code ==
        ErrorCode::body_too_large);
    CHECK(registry->rules()->packs.at(kHachioji)->version == version);
    CHECK(entries().size() == logged);
}

TEST_CASE_METHOD(RegistryFixture, "a stored pack whose examples would fail now still opens") {
    std::string failing = pack_of(kHachioji);
    failing.replace(failing.find("\"ACTIVE\""), 8, "\"EXPIRED\"");
    const std::string version =
        audit::pack_version(failing).substr(0, 16);  // as versions were once
    close();
    {
        auto store = storage::RegistryStore::open(folder.path() / "registry.db");
        REQUIRE(store);
        REQUIRE((*store)->put_in_force({.authority = 132012,
                                        .version = version,
                                        .body = failing,
                                        .accepted_ms = 1000,
                                        .log_index = 0}));
    }
    open();
    CHECK(registry->rules()->packs.at(kHachioji)->version == version);
    CHECK(registry->rules()->accepted.at(kHachioji) == Instant(std::chrono::seconds(1)));
    REQUIRE(put_schemes(kHachioji).result.pack);
    CHECK(registry->pack(kHachioji, version));  // also when it is an old one
}

TEST_CASE("a version is the hash of a pack's bytes, or was its beginning") {
    const std::string whole = audit::pack_version("pack");
    CHECK(whole == to_hex(crypto::sha256(as_bytes("pack"))));
    CHECK(audit::is_version_of(whole, "pack"));
    CHECK(audit::is_version_of(whole.substr(0, 16), "pack"));
    for (const std::string& other :
         {std::string(), whole.substr(0, 15), whole.substr(0, 17), whole.substr(0, 63), whole + "0",
          whole.substr(1, 16), audit::pack_version("pack "), std::string(64, '0')}) {
        INFO(other);
        CHECK_FALSE(audit::is_version_of(other, "pack"));
    }
}

TEST_CASE_METHOD(RegistryFixture, "a pack that is not the one its version names is refused") {
    const std::string version = registry->rules()->packs.at(kHachioji)->version;
    std::string changed = pack_of(kHachioji);
    changed.replace(changed.find("Child subsidy"), 13, "Child support");
    REQUIRE(registry->put_schemes(kHachioji, changed, "authority:132012"));
    const std::size_t logged = entries().size();
    const auto replace_stored = [&] {
        auto store = storage::RegistryStore::open(folder.path() / "registry.db");
        REQUIRE(store);
        const storage::PackRow other{.authority = 132012,
                                     .version = version,
                                     .body = changed,
                                     .accepted_ms = 1000,
                                     .log_index = 1};
        CHECK((*store)->put_in_force(other).error().code == ErrorCode::conflict);
        CHECK((*store)->pack(132012, version).value()->body == pack_of(kHachioji));
    };
    close();
    replace_stored();
    // What the store refuses an attacker writes.
    const auto file = folder.path() / "registry.db";
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE,
                            storage::checked_pages_vfs()) == SQLITE_OK);
    const auto sql =
        "UPDATE scheme_pack SET body=replace(body, 'Child subsidy', 'Child support') "
        "WHERE version='" +
        version + "'";
    REQUIRE(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_changes(raw) == 1);
    sqlite3_close(raw);
    open();  // another one is in force
    const auto old = registry->pack(kHachioji, version);
    REQUIRE_FALSE(old);
    CHECK(old.error().code == ErrorCode::corrupt);
    CHECK(old.error().detail.contains(version));
    CHECK(registry->pack_text(kHachioji, version).error().code == ErrorCode::corrupt);
    // Nothing is logged of a pack that cannot be stored.
    const auto again = registry->put_schemes(kHachioji, pack_of(kHachioji), "authority:132012");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::corrupt);
    CHECK(entries().size() == logged);
}

TEST_CASE_METHOD(RegistryFixture,
                 "the rules know when each pack was accepted, after a restart too") {
    CHECK(registry->rules()->accepted.at(kHachioji) == kStart);
    clock.advance(std::chrono::hours(1));
    put_schemes(kHachioji);  // in force already
    CHECK(registry->rules()->accepted.at(kHachioji) == kStart);
    put_schemes(kMusashino);
    close();
    open();
    CHECK(registry->rules()->accepted.at(kHachioji) == kStart);
    CHECK(registry->rules()->accepted.at(kMusashino) == kStart + std::chrono::hours(1));
    CHECK(registry->authorities().at(1).pack_accepted == kStart + std::chrono::hours(1));
}

TEST_CASE_METHOD(RegistryFixture, "the local order is part of the rules and survives new packs") {
    registry->set_local_order({{"13", {"88", "89"}}});
    REQUIRE(put_schemes(kMusashino).result.pack);
    const auto rules = registry->rules();
    CHECK(rules->local_order.at("13") == std::vector<std::string>{"88", "89"});
    CHECK(rules->packs.size() == 2);
}

TEST_CASE_METHOD(RegistryFixture, "authorities are listed with what they have") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    full(people(3));
    const auto states = registry->authorities();
    REQUIRE(states.size() == 2);
    CHECK(states[0].authority == kHachioji);
    CHECK(states[0].generation == 1);
    CHECK(states[0].rows == 3);
    CHECK(states[1].authority == kMusashino);
    CHECK(states[1].generation == 0);
    CHECK_FALSE(states[1].pack_version.empty());
}
