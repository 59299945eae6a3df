// The key under which the records of log.entries are authenticated: derived from the key ring's
// audit key, so that the file cannot be written by someone who has only the file.
#pragma once

#include "gateway/crypto/key_ring.h"
#include "gateway/storage/sqlite/entry_record.h"

namespace shikaku::audit {

// May be called by any thread; needs `keys` no longer.
[[nodiscard]] storage::RecordKey record_key(const crypto::KeyRing& keys);

}  // namespace shikaku::audit
