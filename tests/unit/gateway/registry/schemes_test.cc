#include <catch2/catch.hpp>

#include "gateway/storage/registry_store.h"
#include "registry_fixture.h"

using namespace registry_test;

TEST_CASE_METHOD(RegistryFixture, "an accepted pack is in force, logged, and kept by version") {
    const auto rules = registry->rules();
    REQUIRE(rules->packs.contains(kHachioji));
    const std::string version = rules->packs.at(kHachioji)->version;
    CHECK(version.size() == 16);
    CHECK(entries().back().leaf.kind == audit::Kind::scheme_change);
    CHECK(entries().back().detail.find(version) != std::string::npos);

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
    close();
    {
        auto store = storage::RegistryStore::open(folder.path() / "registry.db");
        REQUIRE(store);
        REQUIRE((*store)->put_in_force({.authority = 132012,
                                        .version = "0123456789abcdef",
                                        .body = failing,
                                        .accepted_ms = 1000,
                                        .log_index = 1}));
    }
    open();
    CHECK(registry->rules()->packs.at(kHachioji)->version == "0123456789abcdef");
    CHECK(registry->rules()->accepted.at(kHachioji) == Instant(std::chrono::seconds(1)));
    REQUIRE(put_schemes(kHachioji).result.pack);
    CHECK(registry->pack(kHachioji, "0123456789abcdef"));  // also when it is an old one
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
