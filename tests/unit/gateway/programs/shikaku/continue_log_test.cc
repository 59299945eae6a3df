#include "gateway/programs/shikaku/continue_log.h"

#include "gateway/storage/anchor_place.h"
#include "gateway/storage/sqlite/log_schema.h"
#include "tests/unit/gateway/app/installation.h"

namespace {

using namespace app_test;

TEST_CASE("a log without any anchor is not moved aside while it is whole") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.log_switch();
    const auto keys = DataKeys::load(config);
    {
        // registry.db stays one that tells something.
        auto database = storage::Database::open(storage::registry_options(registry_of(config)));
        REQUIRE(database);
        REQUIRE(database->execute("INSERT INTO authority(code) VALUES (132012)"));
    }
    installation.lose_the_anchors();
    const auto go_on = [&](std::string_view lost = {}) {
        return continue_log(config, "a disk died", RegistryFile::there, installation.clock, lost);
    };
    const auto entries = config.data / "log.entries";

    // log.db tells which it is.
    CHECK(go_on().error().detail.contains("[log] origin"));
    CHECK(go_on("shikaku.example/older").error().code == ErrorCode::conflict);
    config.log_origin = "shikaku.example/log-2";
    CHECK(go_on().error().detail.contains("is whole"));
    CHECK(go_on("shikaku.example/older").error().detail.contains("--lost"));
    CHECK(std::filesystem::exists(entries));

    SECTION("it is damaged: log.db still tells") {
        REQUIRE(write_file(entries, "nothing of the kind"));
        const auto continued = go_on();
        if (!continued) FAIL(continued.error().detail);
        CHECK(continued->lost == "shikaku.example/log, 1 entries signed");
    }
    SECTION("log.db is gone or tells nothing: it has to be named") {
        SECTION("gone") {
            installation.lose_the_log();
        }
        SECTION("damaged") {
            REQUIRE(write_file(config.data / "log.db", "nothing of the kind"));
        }
        SECTION("without a checkpoint") {
            auto database =
                storage::Database::open(storage::log_database(config.data / "log.db", false));
            REQUIRE(database);
            REQUIRE(database->execute("DELETE FROM checkpoint"));
        }
        CHECK(go_on().error().code == ErrorCode::not_found);
        CHECK(go_on().error().detail.contains("--lost"));
        CHECK(go_on("shikaku.example/log-2").error().code == ErrorCode::conflict);
        const auto continued = go_on("shikaku.example/log");
        if (!continued) FAIL(continued.error().detail);
        CHECK(continued->lost == "shikaku.example/log, size unknown");
    }
    const auto log = installation.open(*keys);
    if (!log) FAIL(log.error().detail);
    const auto first = (*log)->open_entry(0);
    REQUIRE(first);
    CHECK(first->detail.rest.contains("\"origin\":\"shikaku.example/log\""));
}

TEST_CASE("what is left of a lost log is only looked at until it is moved aside") {
    Installation installation;
    REQUIRE(init_data(installation.config, installation.clock));
    installation.lose_the_anchors();
    installation.lose_the_log();
    const auto left = installation.config.data / "log.db";
    REQUIRE(write_file(left, ""));
    installation.config.log_origin = "shikaku.example/log-2";
    CHECK(continue_log(installation.config, "a disk died", RegistryFile::there, installation.clock)
              .error()
              .code == ErrorCode::not_found);
    CHECK(std::filesystem::file_size(left) == 0);
}

TEST_CASE("a log that cannot be opened for another reason than a loss is not moved aside") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    const auto before = DataKeys::load(config);
    config.log_origin = "shikaku.example/log-2";
    const auto refused = [&] {
        return continue_log(config, "a disk died", RegistryFile::there, installation.clock).error();
    };
    SECTION("the key ring is another") {
        REQUIRE(write_file(config.key_ring, crypto::KeyRing::generate_json(), 0600));
        CHECK(refused().code == ErrorCode::bad_key);
    }
    SECTION("it cannot be read") {
        std::filesystem::remove(config.data / "log.entries");
        std::filesystem::create_directory(config.data / "log.entries");
        CHECK(refused().code == ErrorCode::storage_unavailable);
    }
    SECTION("an anchor cannot be read") {
        std::filesystem::remove(config.log_anchor);
        std::filesystem::create_directory(config.log_anchor);
        CHECK(refused().detail.contains("data.anchor"));
    }
    CHECK(std::filesystem::exists(config.data / "log.db"));
    for (const auto& file : std::filesystem::directory_iterator(config.data))
        CHECK_FALSE(file.path().filename().string().starts_with("lost-"));
}

TEST_CASE("a lost log is continued under another name, and the first entry says what was lost") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    const auto refused = [&](std::string_view reason) {
        return continue_log(config, reason, RegistryFile::there, installation.clock).error();
    };
    // Not while it is whole, whatever the name.
    CHECK(refused("a disk died").code == ErrorCode::conflict);
    config.log_origin = "shikaku.example/log-2";
    CHECK(refused("a disk died").detail.contains("is whole"));
    // Not under the old name, not without a reason, not without registry.db.
    installation.lose_the_log();
    config.log_origin = "shikaku.example/log";
    CHECK(refused("a disk died").detail.contains("[log] origin"));
    config.log_origin = "shikaku.example/log-2";
    CHECK(refused("").code == ErrorCode::invalid_field);
    const auto continued =
        continue_log(config, "a disk died", RegistryFile::there, installation.clock);
    if (!continued) FAIL(continued.error().detail);
    CHECK(continued->vkey.starts_with("shikaku.example/log-2+"));
    CHECK(continued->lost.contains("5 entries"));

    const auto keys = DataKeys::load(config);
    auto log = installation.open(*keys);
    if (!log) FAIL(log.error().detail);
    const auto first = (*log)->open_entry(0);
    REQUIRE(first);
    CHECK(first->leaf.kind == audit::Kind::operator_action);
    for (const char* said : {"continue_log", "a disk died", "shikaku.example/log", "\"size\":5"})
        CHECK(first->detail.rest.contains(said));
    log->reset();
    // Not twice.
    CHECK(refused("again").code == ErrorCode::conflict);
    installation.append(1);
}

TEST_CASE("what is left of a damaged log is moved aside when it is continued") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    REQUIRE(write_file(config.data / "log.entries", "nothing of the kind"));
    config.log_origin = "shikaku.example/log-2";
    const auto continued =
        continue_log(config, "a bad disk", RegistryFile::there, installation.clock);
    if (!continued) FAIL(continued.error().detail);
    int found = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(config.data))
        if (file.path().parent_path().filename().string().starts_with("lost-")) ++found;
    CHECK(found >= 2);
    installation.append(1);
}

TEST_CASE("an empty data directory is neither made anew nor continued without being told") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    const auto away = config.data.string() + "-away";  // the volume is not mounted
    std::filesystem::rename(config.data, away);
    CHECK(init_data(config, installation.clock).error().code == ErrorCode::conflict);
    CHECK_FALSE(std::filesystem::exists(config.data));
    config.log_origin = "shikaku.example/log-2";
    const auto refused =
        continue_log(config, "gone", RegistryFile::there, installation.clock).error();
    CHECK(refused.code == ErrorCode::not_found);
    CHECK(refused.detail.contains("--registry-lost"));
    // Mounted again, nothing has happened.
    std::filesystem::remove_all(config.data);
    std::filesystem::rename(away, config.data);
    config.log_origin = "shikaku.example/log";
    installation.append(1);

    // Both are lost: told so, it goes on.
    std::filesystem::remove_all(config.data);
    config.log_origin = "shikaku.example/log-2";
    const auto continued = continue_log(config, "all gone", RegistryFile::lost, installation.clock);
    if (!continued) FAIL(continued.error().detail);
    CHECK(continued->lost.contains("6 entries"));
    installation.append(1);
}

TEST_CASE("a whole log beside an anchor of another is not taken for lost") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    Installation other;
    other.config.log_signer = config.log_signer;
    other.config.log_origin = "shikaku.example/log-2";
    REQUIRE(init_data(other.config, other.clock));
    std::filesystem::copy_file(other.config.log_anchor, config.log_anchor,
                               std::filesystem::copy_options::overwrite_existing);
    config.log_origin = "shikaku.example/log-2";
    const auto refused =
        continue_log(config, "mixed up", RegistryFile::there, installation.clock).error();
    CHECK(refused.code == ErrorCode::conflict);
    CHECK(refused.detail.contains("is whole"));
}

TEST_CASE("a continue-log that was cut short comes to its end when it is run again") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    const auto keys = DataKeys::load(config);
    REQUIRE(keys);
    const auto row = storage::anchor_in_registry(registry_of(config));
    const std::string of_lost = read_file(config.log_anchor).value();
    const bool anchors_are_lost = GENERATE(false, true);
    {
        auto database = storage::Database::open(storage::registry_options(registry_of(config)));
        REQUIRE(database);
        REQUIRE(database->execute("INSERT INTO authority(code) VALUES (132012)"));
    }
    config.log_origin = "shikaku.example/log-2";
    const auto go_on = [&] {
        return continue_log(config, "a disk died", RegistryFile::there, installation.clock,
                            anchors_are_lost ? "shikaku.example/log" : "");
    };
    const auto forget_file = [&] {
        if (anchors_are_lost) {
            REQUIRE(std::filesystem::remove(config.log_anchor));
        } else {
            REQUIRE(write_file(config.log_anchor, of_lost));
        }
    };
    const auto forget_row = [&] {
        if (anchors_are_lost) {
            installation.lose_the_anchor_row();
        } else {
            REQUIRE(row->write(of_lost));
        }
    };
    installation.lose_the_log();
    forget_file();
    forget_row();
    std::string made;  // the one log that there may be of this name
    SECTION("before the new log") {
        REQUIRE(std::filesystem::create_directory(config.data / "lost-20261120T085900"));
    }
    SECTION("before its first entry") {
        REQUIRE(
            audit::Log::create({.database = config.data / "log.db", .origin = config.log_origin},
                               *keys->ring, *keys->log_signer, installation.clock));
    }
    SECTION("before its anchors") {
        REQUIRE(go_on());
        made = read_file(config.log_anchor).value();
        SECTION("both") {
            forget_file();
            forget_row();
        }
        SECTION("between the two") {
            forget_row();
        }
        SECTION("between the two, the other way round") {
            forget_file();
        }
        CHECK_FALSE(installation.refusal().empty());
    }
    const auto again = go_on();
    if (!again) FAIL(again.error().detail);
    CHECK(again->lost == (anchors_are_lost ? "shikaku.example/log, size unknown"
                                           : "shikaku.example/log, 5 entries signed"));
    if (!made.empty()) CHECK(read_file(config.log_anchor).value() == made);
    CHECK(row->read().value() == read_file(config.log_anchor).value());
    {
        const auto log = installation.open(*keys);
        if (!log) FAIL(log.error().detail);
        CHECK((*log)->checkpoint().checkpoint.size == 1);
        CHECK((*log)->open_entry(0)->detail.rest.contains("\"origin\":\"shikaku.example/log\""));
    }
    CHECK(go_on().error().code == ErrorCode::conflict);
    installation.append(1);
}

TEST_CASE("a log that was continued and is shorter than what was signed is no half-made one") {
    Installation installation;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    installation.append(5);
    installation.lose_the_log();
    config.log_origin = "shikaku.example/log-2";
    const auto go_on = [&] {
        return continue_log(config, "a disk died", RegistryFile::there, installation.clock);
    };
    REQUIRE(go_on());
    const auto older = installation.copy_of_log();
    installation.append(3);
    installation.put_back(older);
    installation.lose_the_anchor_row();
    CHECK(go_on().error().detail.contains("[log] origin"));
    CHECK(installation.refusal().contains("shorter"));
}

}  // namespace
