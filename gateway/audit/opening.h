// The detail of an entry as it lies in log.entries: salt || detail, sealed, with a context that
// binds it to the commitment in the leaf. The index is not known yet when an entry is sealed
// (appending threads do that, not the writer); the commitment is as good, since every salt is
// fresh.
#pragma once

#include <string>
#include <string_view>

#include "gateway/audit/entry.h"
#include "gateway/crypto/key_ring.h"

namespace shikaku::audit {

struct SealedDetail {
    Hash256 commitment{};
    Bytes sealed;
};
[[nodiscard]] SealedDetail seal_detail(const crypto::KeyRing& keys, std::string_view detail);

struct OpenedDetail {
    Hash256 salt{};
    std::string detail;
};
// corrupt: not what was sealed for this commitment, or not what the commitment says; bad_key.
[[nodiscard]] Result<OpenedDetail> open_detail(const crypto::KeyRing& keys,
                                               const Hash256& commitment, BytesView sealed);

}  // namespace shikaku::audit
