// A key ring that does not belong to registry.db: it would find nobody, and everyone would be told
// "no record".
#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/support/json.h"
#include "tests/unit/gateway/registry/registry_fixture.h"

namespace registry_test {
namespace {

struct Rings {
    Rings() {
        fixture.full(people(30));
        REQUIRE(fixture.says(7) == "A");
        fixture.close();
    }

    [[nodiscard]] Json ring() const {
        return *parse_json(*read_file(fixture.folder.path() / "keyring.json"));
    }
    // The registry alone, under another ring.
    [[nodiscard]] Result<std::unique_ptr<Registry>> open_with(const Json& keys) {
        const auto file = fixture.folder.path() / "other.json";
        REQUIRE(write_file(file, keys.dump(), 0600));
        auto loaded = crypto::KeyRing::load(file);
        REQUIRE(loaded);
        other_log.reset();
        tell_registry("UPDATE log_position SET log='another log'");
        other = std::move(*loaded);
        const auto log_file =
            fixture.folder.path() / ("log-" + std::to_string(++logs_opened) + ".db");
        REQUIRE(audit::Log::create({log_file, "shikaku.example/log"}, *other, fixture.signer,
                                   fixture.clock));
        auto log = audit::Log::open({log_file, "shikaku.example/log"}, *other, fixture.signer,
                                    fixture.clock);
        REQUIRE(log);
        other_log = std::move(*log);
        return Registry::open(registry_file, *other, *other_log, fixture.clock);
    }
    // As a version before check values left it.
    void forget_checks() const { tell_registry("DELETE FROM key_check"); }
    void tell_registry(std::string_view sql) const {
        auto database = storage::Database::open(storage::registry_options(registry_file));
        REQUIRE(database);
        REQUIRE(database->execute(sql));
    }

    RegistryFixture fixture;
    std::filesystem::path registry_file = fixture.folder.path() / "registry.db";
    std::unique_ptr<crypto::KeyRing> other;
    std::unique_ptr<audit::Log> other_log;
    int logs_opened = 0;
};

Json with_fresh(Json ring, std::string_view purpose) {
    const Json fresh = *parse_json(crypto::KeyRing::generate_json());
    for (std::size_t i = 0; i < ring["keys"].size(); ++i)
        if (ring["keys"][i]["purpose"] == purpose) ring["keys"][i] = fresh["keys"][i];
    return ring;
}

// A second seal key, which is the active one.
Json rotated(Json ring) {
    for (Json& key : ring["keys"])
        if (key["purpose"] == "seal") key["active"] = false;
    Json fresh = *parse_json(crypto::KeyRing::generate_json());
    Json& seal = fresh["keys"].back();
    seal["id"] = 2;
    ring["keys"].push_back(seal);
    return ring;
}

Json without_seal(Json ring, std::uint32_t id) {
    Json kept = Json::array();
    for (const Json& key : ring["keys"])
        if (key["purpose"] != "seal" || key["id"] != id) kept.push_back(key);
    ring["keys"] = std::move(kept);
    return ring;
}

void check_refused(const Result<std::unique_ptr<Registry>>& opened, std::string_view key) {
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::bad_key);
    INFO(opened.error().detail);
    CHECK(opened.error().detail.find(key) != std::string::npos);
    CHECK(opened.error().detail.find("registry.db") != std::string::npos);
}

TEST_CASE("a registry does not open with a key it was not written with, and says which") {
    Rings rings;
    const bool old_file = GENERATE(false, true);
    if (old_file) rings.forget_checks();
    check_refused(rings.open_with(with_fresh(rings.ring(), "registry")), "\"registry\"");
    check_refused(rings.open_with(with_fresh(rings.ring(), "seal")), "\"seal");
    check_refused(rings.open_with(*parse_json(crypto::KeyRing::generate_json())), "key \"");
    CHECK(rings.open_with(rings.ring()));
    CHECK(rings.open_with(with_fresh(rings.ring(), "cache")));  // not its key
}

TEST_CASE("a seal key has to stay in the ring while rows are sealed with it") {
    Rings rings;
    const Json both = rotated(rings.ring());
    CHECK(rings.open_with(both));
    check_refused(rings.open_with(without_seal(both, 1)), "\"seal 1\"");
    SECTION("and may go when none is") {
        rings.tell_registry("DELETE FROM entitlement; DELETE FROM by_person");
        CHECK(rings.open_with(without_seal(both, 1)));
    }
}

TEST_CASE("an old registry without rows takes any ring and keeps to it") {
    RegistryFixture fixture;
    fixture.close();
    auto database =
        storage::Database::open(storage::registry_options(fixture.folder.path() / "registry.db"));
    REQUIRE(database);
    REQUIRE(database->execute("DELETE FROM key_check"));
    fixture.open();
    fixture.full(people(3));
    CHECK(fixture.says(2) == "A");
}

}  // namespace
}  // namespace registry_test
