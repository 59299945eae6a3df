// The part of RegistryStore that keeps registry.db's write-ahead log small.
#include <optional>
#include <system_error>

#include "gateway/storage/sqlite/registry_store.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::storage {
namespace {

constexpr std::chrono::minutes kLogToldEvery{1};

prometheus::Gauge& log_size() {
    static auto& bytes =
        gauge("shikaku_registry_wal_bytes", "registry.db-wal after it was last to be emptied");
    return bytes;
}

// Whether the log could not be emptied whole.
Result<bool> truncate(Database& database) {
    SHIKAKU_TRY_LET(auto move, database.prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
    SHIKAKU_TRY_LET(const bool row, move.step());
    return !row || move.integer(0) != 0;
}

}  // namespace

Result<bool> RegistryStore::empty_log() {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY(emptying_.execute("PRAGMA wal_checkpoint(PASSIVE)"));
    Result<bool> busy = true;
    readers_.while_none_reads([&] { busy = truncate(emptying_); });
    if (!busy) return fail(std::move(busy.error()));
    return !*busy;
}

std::uint64_t RegistryStore::log_bytes() const {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file_.string() + "-wal", error);
    return error ? 0 : bytes;
}

void RegistryStore::keep_log_small() {
    readers_.end_all();
    const auto emptied = empty_log();
    const std::uint64_t left = log_bytes();
    log_size().Set(static_cast<double>(left));
    if (!emptied) return log_error("the write-ahead log of registry.db stays", emptied.error());
    const auto now = std::chrono::steady_clock::now();
    auto told = log_told_.load();
    if (*emptied || left < bounds::kRegistryLogBytes || now < told + kLogToldEvery ||
        !log_told_.compare_exchange_strong(told, now))
        return;
    log_warn("the write-ahead log of registry.db cannot be emptied while somebody reads, and grows",
             {{"bytes", left}});
}

}  // namespace shikaku::storage
