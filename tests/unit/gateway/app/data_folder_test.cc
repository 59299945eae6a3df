#include "gateway/app/data_folder.h"

#include <catch2/catch.hpp>

#include "gateway/registry/log_details.h"
#include "gateway/registry/registry.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/log_schema.h"
#include "gateway/storage/registry_file.h"
#include "gateway/storage/registry_schema.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

using namespace shikaku;
using namespace shikaku::app;

namespace {

const domain::AuthorityCode kAuthority = *domain::AuthorityCode::parse("132012");

struct Installation {
    testing::TemporaryFolder folder;
    SystemClock clock;
    Config config;

    Installation() {
        config.data = folder.path() / "data";
        config.key_ring = folder.path() / "keyring.json";
        config.log_signer = folder.path() / "log-signer.key";
        config.log_origin = "shikaku.example/log";
        config.log_anchor = folder.path() / "data.anchor";
        REQUIRE(write_file(config.key_ring, crypto::KeyRing::generate_json(), 0600));
        const auto pem = crypto::SigningKey::generate(crypto::Algorithm::EdDSA).pem();
        REQUIRE(write_file(config.log_signer, pem, 0600));
    }
    [[nodiscard]] Result<std::unique_ptr<audit::Log>> open(const DataKeys& keys) const {
        return audit::Log::open(log_options(config), *keys.ring, *keys.log_signer, clock);
    }
    void append(int count) const {
        const auto keys = DataKeys::load(config);
        REQUIRE(keys);
        auto log = open(*keys);
        if (!log) FAIL(log.error().detail);
        for (int i = 0; i < count; ++i)
            REQUIRE((*log)->append_and_wait({audit::Kind::start, {"{}"}, {}}));
    }
    // Switches of a registry, as publications log them.
    void log_switch() const {
        const auto keys = DataKeys::load(config);
        REQUIRE(keys);
        auto log = open(*keys);
        if (!log) FAIL(log.error().detail);
        REQUIRE((*log)->append_and_wait(
            {audit::Kind::registry_switch,
             registry::switch_detail(kAuthority, "operator:a", "01PUBLICATION",
                                     {.step = "publish", .from = 0, .to = 1, .reason = ""}),
             {}}));
    }
    // What `serve` says when it opens log and registry.
    [[nodiscard]] std::string refusal() const {
        const auto keys = DataKeys::load(config);
        REQUIRE(keys);
        auto log = open(*keys);
        if (!log) return log.error().detail;
        const auto opened =
            registry::Registry::open(registry_of(config), *keys->ring, **log, clock);
        return opened ? "" : opened.error().detail;
    }
    [[nodiscard]] auto continue_without_registry() const {
        return continue_registry(config, "a disk died", clock);
    }
    void lose_the_anchors() const {
        REQUIRE(std::filesystem::remove(config.log_anchor));
        lose_the_anchor_row();
    }
    void lose_the_anchor_row() const {
        auto database = storage::Database::open(storage::registry_options(registry_of(config)));
        REQUIRE(database);
        REQUIRE(database->execute("DELETE FROM log_anchor"));
    }
    void lose_the_log() const {
        for (const char* name : {"log.db", "log.entries"})
            REQUIRE(std::filesystem::remove(config.data / name));
    }
};

}  // namespace

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
