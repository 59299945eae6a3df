// A data directory with its keys, as `shikaku init` finds and leaves it.
#pragma once

#include <catch2/catch.hpp>

#include "gateway/app/data_folder.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/log_details.h"
#include "gateway/registry/registry.h"
#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

namespace app_test {

using namespace shikaku;
using namespace shikaku::app;

inline const domain::AuthorityCode kAuthority = *domain::AuthorityCode::parse("132012");

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
             registry::switch_detail(registry::subsidies_of(kAuthority), "operator:a",
                                     "01PUBLICATION",
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
    [[nodiscard]] std::filesystem::path copy_of_log() const {
        const auto copy = folder.path() / "copy";
        std::filesystem::create_directory(copy);
        for (const char* name : {"log.db", "log.entries"})
            std::filesystem::copy_file(config.data / name, copy / name);
        return copy;
    }
    void put_back(const std::filesystem::path& copy) const {
        lose_the_log();
        for (const char* name : {"log.db", "log.entries"})
            std::filesystem::copy_file(copy / name, config.data / name);
    }
    void lose_the_log() const {
        for (const char* name : {"log.db", "log.entries"})
            REQUIRE(std::filesystem::remove(config.data / name));
    }
};

}  // namespace app_test
