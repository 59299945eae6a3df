// Where a log lies: on a storage that is given, or in log.db and log.entries.
#include <utility>

#include "gateway/audit/log.h"
#include "gateway/audit/log_impl.h"
#include "gateway/audit/record_key.h"
#include "gateway/storage/sqlite/sqlite_log.h"

namespace shikaku::audit {

using storage::SqliteLog;

Status Log::create(LogOptions options, const crypto::KeyRing& keys,
                   const crypto::SigningKey& signer, const Clock& clock) {
    const auto make = [file = options.database, &keys] {
        return SqliteLog::create(file, record_key(keys));
    };
    SHIKAKU_TRY_LET(const auto made,
                    start(Start::new_log, make, std::move(options), keys, signer, clock));
    return {};  // and is closed, whole
}

Result<std::unique_ptr<Log>> Log::open(LogOptions options, const crypto::KeyRing& keys,
                                       const crypto::SigningKey& signer, const Clock& clock) {
    const auto open_files = [file = options.database, &keys] {
        return SqliteLog::open(file, record_key(keys));
    };
    return start(Start::existing, open_files, std::move(options), keys, signer, clock);
}

Status Log::create(std::unique_ptr<storage::LogStorage> storage, LogOptions options,
                   const crypto::KeyRing& keys, const crypto::SigningKey& signer,
                   const Clock& clock) {
    const auto take = [&storage] {
        return Result<std::unique_ptr<storage::LogStorage>>(std::move(storage));
    };
    SHIKAKU_TRY_LET(const auto made,
                    start(Start::new_log, take, std::move(options), keys, signer, clock));
    return {};  // and is closed, whole
}

Result<std::unique_ptr<Log>> Log::open(std::unique_ptr<storage::LogStorage> storage,
                                       LogOptions options, const crypto::KeyRing& keys,
                                       const crypto::SigningKey& signer, const Clock& clock) {
    const auto take = [&storage] {
        return Result<std::unique_ptr<storage::LogStorage>>(std::move(storage));
    };
    return start(Start::existing, take, std::move(options), keys, signer, clock);
}

}  // namespace shikaku::audit
