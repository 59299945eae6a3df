// The detail of an entry as it lies in log.entries: laid out in parts, sealed, with a context that
// binds it to the commitment in the leaf. The index is not known yet when an entry is sealed
// (appending threads do that, not the writer); the commitment is as good, since every salt is
// fresh. Erasing what is sealed erases every part and every salt.
#pragma once

#include <string>

#include "gateway/audit/entry.h"
#include "gateway/crypto/key_ring.h"

namespace shikaku::audit {

struct SealedDetail {
    Hash256 commitment{};
    Bytes sealed;
};
[[nodiscard]] SealedDetail seal_detail(const crypto::KeyRing& keys, const Detail& detail);

struct OpenedDetail {
    Bytes committed;  // the parts as laid out; of version 1 salt || detail
    Detail detail;
};
// Corrupt: not what was sealed for this leaf, or not what the leaf says; bad_key.
[[nodiscard]] Result<OpenedDetail> open_detail(const crypto::KeyRing& keys, const Leaf& leaf,
                                               BytesView sealed);

// What the bytes say that the leaf commits to. corrupt: it commits to others.
[[nodiscard]] Result<Detail> check_detail(const Leaf& leaf, BytesView committed);

}  // namespace shikaku::audit
