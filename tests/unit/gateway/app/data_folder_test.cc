#include "gateway/app/data_folder.h"

#include "gateway/programs/shikaku/continue_log.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/sqlite/registry_file.h"
#include "tests/unit/gateway/app/installation.h"

namespace {

using namespace app_test;

TEST_CASE("init makes a data directory once") {
    const Installation installation;
    const auto vkey = init_data(installation.config, installation.clock);
    REQUIRE(vkey);
    CHECK(vkey->starts_with("shikaku.example/log+"));
    installation.append(3);
    CHECK(init_data(installation.config, installation.clock).error().code == ErrorCode::conflict);
    installation.lose_the_log();
    CHECK(init_data(installation.config, installation.clock).error().code == ErrorCode::conflict);
}

TEST_CASE("init makes nothing where only the anchor beside the data directory tells of a log") {
    const Installation installation;
    REQUIRE(init_data(installation.config, installation.clock));
    installation.append(3);
    std::filesystem::remove_all(installation.config.data);
    CHECK(init_data(installation.config, installation.clock).error().code == ErrorCode::conflict);
    CHECK_FALSE(std::filesystem::exists(installation.config.data));
}

TEST_CASE("an init that was cut short can be run again") {
    const Installation installation;
    REQUIRE(init_data(installation.config, installation.clock));
    // The anchors come last.
    REQUIRE(std::filesystem::remove(installation.config.log_anchor));
    REQUIRE(std::filesystem::remove(registry_of(installation.config)));
    const auto keys = DataKeys::load(installation.config);
    REQUIRE(keys);
    CHECK(installation.open(*keys).error().detail.contains("shikaku init"));
    REQUIRE(init_data(installation.config, installation.clock));
    installation.append(1);
}

TEST_CASE("an init that ended between its two anchors can be run again") {
    const Installation installation;
    REQUIRE(init_data(installation.config, installation.clock));
    SECTION("the file alone was written") {
        installation.lose_the_anchor_row();
        CHECK(installation.refusal().contains("shikaku init"));
    }
    SECTION("the row alone was written") {
        REQUIRE(std::filesystem::remove(installation.config.log_anchor));
        CHECK(installation.refusal().contains("shikaku init"));
    }
    const auto again = init_data(installation.config, installation.clock);
    if (!again) FAIL(again.error().detail);
    CHECK(installation.refusal().empty());
    CHECK(init_data(installation.config, installation.clock).error().code == ErrorCode::conflict);
    // Where there were entries it is a loss.
    installation.append(1);
    installation.lose_the_anchor_row();
    CHECK(init_data(installation.config, installation.clock).error().code == ErrorCode::conflict);
}

TEST_CASE("a lost registry.db under a whole log is continued without") {
    const Installation installation;
    const auto registry = registry_of(installation.config);
    REQUIRE(init_data(installation.config, installation.clock));
    SECTION("what was published has to be published again") {
        installation.log_switch();
        SECTION("the file is gone") {
            REQUIRE(std::filesystem::remove(registry));
        }
        SECTION("an older one, of before it kept an anchor") {
            installation.lose_the_anchor_row();
        }
        SECTION("the command was cut short behind the anchor") {
            REQUIRE(std::filesystem::remove(registry));
            REQUIRE(storage::make_registry(registry));
            const auto keys = DataKeys::load(installation.config);
            REQUIRE(storage::anchor_in_registry(registry)->write(
                read_file(installation.config.log_anchor).value()));
        }
        CHECK(installation.refusal().contains("shikaku continue-registry"));
        const auto lost = installation.continue_without_registry();
        if (!lost) FAIL(lost.error().detail);
        REQUIRE(lost->size() == 1);
        CHECK(lost->front() == kAuthority);
        CHECK(installation.refusal().empty());
        CHECK(installation.continue_without_registry().error().code == ErrorCode::conflict);
    }
    SECTION("nothing was published yet") {
        installation.append(3);
        REQUIRE(std::filesystem::remove(registry));
        CHECK(installation.refusal().contains("shikaku continue-registry"));
        const auto lost = installation.continue_without_registry();
        if (!lost) FAIL(lost.error().detail);
        CHECK(lost->empty());
        CHECK(installation.refusal().empty());
        const auto keys = DataKeys::load(installation.config);
        const auto log = installation.open(*keys);
        const auto said = (*log)->open_entry(3);
        REQUIRE(said);
        CHECK(said->detail.rest.contains("continue_registry"));
    }
    SECTION("not over a log that is older than the other anchor") {
        installation.append(3);
        REQUIRE(std::filesystem::remove(registry));
        installation.lose_the_log();
        CHECK(installation.continue_without_registry().error().code == ErrorCode::not_found);
        CHECK_FALSE(std::filesystem::exists(registry));
    }
}

TEST_CASE("lost anchors of a whole log are made anew by an operator's word, which the log keeps") {
    const Installation installation;
    const Config& config = installation.config;
    const auto keep = [&](std::string_view reason = "a stick was lost") {
        return keep_anchors(config, reason, {.nothing_newer_is_known = true}, installation.clock);
    };
    REQUIRE(init_data(config, installation.clock));
    installation.append(3);
    CHECK(keep().error().code == ErrorCode::conflict);
    std::size_t lost = 1;
    SECTION("the file") {
        REQUIRE(std::filesystem::remove(config.log_anchor));
    }
    SECTION("the row") {
        installation.lose_the_anchor_row();
    }
    SECTION("both") {
        installation.lose_the_anchors();
        lost = 2;
    }
    CHECK(installation.refusal().contains("shikaku keep-anchor"));
    CHECK(keep("").error().code == ErrorCode::invalid_field);
    const auto kept = keep();
    if (!kept) FAIL(kept.error().detail);
    CHECK(kept->files.size() == lost);
    CHECK(kept->size == 3);
    CHECK(kept->last);
    CHECK(installation.refusal().empty());
    const auto keys = DataKeys::load(config);
    const auto log = installation.open(*keys);
    REQUIRE(log);
    const auto said = (*log)->open_entry(3);
    REQUIRE(said);
    CHECK(said->leaf.kind == audit::Kind::operator_action);
    CHECK(said->detail.rest.contains("keep_anchors"));
    CHECK(said->detail.rest.contains("a stick was lost"));
    CHECK(said->detail.rest.contains("\"size\":3,\"root\":\""));
    CHECK(said->detail.rest.contains("\"last_ms\":" +
                                     std::to_string(kept->last->time_since_epoch().count())));
}

TEST_CASE("no anchor is made anew of a log that is older than what is known of it") {
    const Installation installation;
    const Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(3);
    const auto older = installation.copy_of_log();
    installation.append(3);
    installation.put_back(older);
    SECTION("the other anchor knows") {
        const bool file = GENERATE(true, false);
        if (file) {
            REQUIRE(std::filesystem::remove(config.log_anchor));
        } else {
            installation.lose_the_anchor_row();
        }
        const auto refused = keep_anchors(config, "a stick was lost",
                                          {.nothing_newer_is_known = true}, installation.clock)
                                 .error();
        CHECK(refused.code == ErrorCode::corrupt);
        CHECK(refused.detail.contains("shorter"));
        CHECK(std::filesystem::exists(config.log_anchor) != file);
    }
    SECTION("registry.db knows, though both anchors are lost") {
        installation.lose_the_anchors();
        const auto keys = DataKeys::load(config);
        const auto vkey =
            audit::make_vkey(config.log_origin, keys->log_signer->ed25519_public().value());
        auto database = storage::Database::open(storage::registry_options(registry_of(config)));
        REQUIRE(database);
        REQUIRE(database->execute("UPDATE log_position SET known=5, log='" + vkey + "'"));
        const auto refused = keep_anchors(config, "a stick was lost",
                                          {.nothing_newer_is_known = true}, installation.clock)
                                 .error();
        CHECK(refused.code == ErrorCode::corrupt);
        CHECK(refused.detail.contains("knows entry 5"));
        CHECK_FALSE(std::filesystem::exists(config.log_anchor));
    }
}

TEST_CASE("log and registry.db put back together from an older copy are not taken for the newest") {
    const Installation installation;
    const Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(3);
    const auto older = installation.copy_of_log();
    const auto registry = installation.folder.path() / "registry.copy";
    std::filesystem::copy_file(registry_of(config), registry);
    const auto known_then = installation.folder.path() / "then.checkpoint";
    std::filesystem::copy_file(config.log_anchor, known_then);
    installation.append(3);
    const auto known_now = installation.folder.path() / "now.checkpoint";
    std::filesystem::copy_file(config.log_anchor, known_now);
    installation.put_back(older);
    for (const char* left : {"-wal", "-shm"})
        std::filesystem::remove(registry_of(config).string() + left);
    std::filesystem::copy_file(registry, registry_of(config),
                               std::filesystem::copy_options::overwrite_existing);
    REQUIRE(std::filesystem::remove(config.log_anchor));
    const auto keep = [&](const KnownElsewhere& elsewhere) {
        return keep_anchors(config, "a stick was lost", elsewhere, installation.clock);
    };
    const auto unsaid = keep({}).error();
    CHECK(unsaid.code == ErrorCode::not_found);
    CHECK(unsaid.detail.contains("3 entries, the last of 20"));
    CHECK(unsaid.detail.contains("--at-least"));
    CHECK(keep({.checkpoint = known_now}).error().code == ErrorCode::corrupt);
    CHECK(keep({.checkpoint = registry}).error().code == ErrorCode::corrupt);
    CHECK_FALSE(keep({.checkpoint = installation.folder.path() / "none"}));
    CHECK_FALSE(std::filesystem::exists(config.log_anchor));
    const std::string before = read_file(known_then).value();
    REQUIRE(keep({.checkpoint = known_then}));
    CHECK(read_file(known_then).value() == before);
    CHECK(installation.refusal().empty());
}

TEST_CASE("where the anchor file and registry.db are lost, another log follows") {
    Installation installation;
    Config& config = installation.config;
    const auto registry = registry_of(config);
    REQUIRE(init_data(config, installation.clock));
    installation.log_switch();
    REQUIRE(std::filesystem::remove(config.log_anchor));
    REQUIRE(std::filesystem::remove(registry));
    CHECK_FALSE(installation.continue_without_registry());
    const auto refused =
        keep_anchors(config, "all at once", {.nothing_newer_is_known = true}, installation.clock)
            .error();
    CHECK(refused.code == ErrorCode::conflict);
    CHECK(refused.detail.contains("continue-log"));
    config.log_origin = "shikaku.example/log-2";
    const auto go_on = [&](RegistryFile file) {
        return continue_log(config, "all at once", file, installation.clock);
    };
    CHECK_FALSE(go_on(RegistryFile::there));
    const auto continued = go_on(RegistryFile::lost);
    if (!continued) FAIL(continued.error().detail);
    CHECK(continued->lost == "shikaku.example/log, 1 entries signed");
    CHECK(installation.refusal().empty());
}

}  // namespace
