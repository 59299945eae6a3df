// A folder with a key ring, a signing key and a log in it, for tests.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <latch>
#include <memory>
#include <string>

#include "gateway/audit/log.h"
#include "gateway/storage/sqlite/database.h"
#include "gateway/storage/sqlite/log_schema.h"
#include "gateway/support/file.h"
#include "tests/support/shared_clock.h"

namespace log_test {

using namespace shikaku;
using namespace shikaku::audit;

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "shikaku-XXXXXX").string();
        if (!::mkdtemp(name.data())) std::abort();
        path_ = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline const std::string kOrigin = "shikaku.example/log";
inline const Instant kStart{std::chrono::milliseconds(1'795'132'800'000)};

struct LogFixture {
    TemporaryFolder folder;
    std::filesystem::path database = folder.path() / "log.db";
    std::filesystem::path keyring_file = folder.path() / "keyring.json";
    std::unique_ptr<crypto::KeyRing> keys;
    crypto::SigningKey signer = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    shikaku::testing::SharedClock clock{kStart};
    std::unique_ptr<Log> log;

    LogFixture() {
        REQUIRE(write_file(keyring_file, crypto::KeyRing::generate_json(), 0600));
        keys = std::move(crypto::KeyRing::load(keyring_file).value());
    }

    [[nodiscard]] Status create() { return Log::create({database, kOrigin}, *keys, signer, clock); }
    [[nodiscard]] Result<std::unique_ptr<Log>> try_open() {
        return Log::open({database, kOrigin}, *keys, signer, clock);
    }
    // Makes the log when there is none.
    void open() {
        if (!std::filesystem::exists(database)) REQUIRE(create());
        auto opened = try_open();
        if (!opened) FAIL(opened.error().detail);
        log = std::move(*opened);
    }
    void close() { log.reset(); }

    std::uint64_t append(std::string detail, Kind kind = Kind::eligibility) {
        const auto done = log->append_and_wait({kind, {std::move(detail)}, {}});
        REQUIRE(done);
        return done->index;
    }
    void append_many(std::uint64_t count) {
        // Shared: the last callback may still be inside count_down() when wait() returns.
        auto all = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(count));
        for (std::uint64_t i = 0; i < count; ++i)
            log->append({Kind::eligibility, {"{\"n\":" + std::to_string(i) + "}"}, {}},
                        [all](const Result<Appended>& done) {
                            if (!done) std::abort();
                            all->count_down();
                        });
        all->wait();
    }
    [[nodiscard]] Status covered(std::uint64_t index) const {
        std::promise<Status> promise;
        auto answer = promise.get_future();
        log->when_covered(index, [promise = std::move(promise)](Status status) mutable {
            promise.set_value(std::move(status));
        });
        return answer.get();
    }
    void wait_covered(std::uint64_t index) const { REQUIRE(covered(index)); }
    [[nodiscard]] std::filesystem::path entries() const { return storage::entries_of(database); }
    // Changes the closed log's file behind its back.
    void tamper(std::string_view sql) const {
        auto file = storage::Database::open(storage::log_database(database, false));
        REQUIRE(file);
        REQUIRE(file->execute(sql));
        REQUIRE(file->changes() > 0);
    }
};

}  // namespace log_test
