#include "gateway/app/data_folder.h"

#include <catch2/catch.hpp>

#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

using namespace shikaku;
using namespace shikaku::app;

namespace {

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
