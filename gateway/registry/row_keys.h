// Keyed hashes and sealing of registry rows. The hashes are 16 bytes of HMAC-SHA256 under the key
// ring's registry key, told apart by a first byte; the sealed payload is bound to its row's
// identity. Thread-safe.
#pragma once

#include "gateway/crypto/key_ring.h"
#include "gateway/registry/record_set.h"
#include "gateway/storage/ports/registry_rows.h"

namespace shikaku::registry {

class RowKeys {
  public:
    explicit RowKeys(const crypto::KeyRing& ring) : ring_(ring) {}

    // One for each kind of record: what a person has of one kind cannot be joined with the others.
    [[nodiscard]] storage::Key16 person(RecordType records, const Hash256& link_key) const;
    // `set`: number_of() a record set.
    [[nodiscard]] storage::Key16 history(storage::AuthorityNumber set,
                                         std::string_view history_key) const;
    // In the place of a history key, for a refused row that has none of its own.
    [[nodiscard]] storage::Key16 unread(storage::AuthorityNumber set, const storage::Key16& person,
                                        std::int64_t line) const;
    // Of person and record: equal when nothing changed.
    [[nodiscard]] storage::Key16 content(const storage::Key16& person, BytesView record) const;

    // Of a set's Idempotency-Key, as base64url, and of an uploaded body's SHA-256.
    [[nodiscard]] std::string idempotency(storage::AuthorityNumber set, std::string_view key) const;
    [[nodiscard]] Hash256 body(const Hash256& sha256) const;

    struct RowId {
        storage::Key16 person, history;
        storage::AuthorityNumber set = 0;
    };
    [[nodiscard]] Bytes seal(const RowId& row, BytesView record) const;
    [[nodiscard]] Result<Bytes> open(const RowId& row, BytesView sealed) const;

  private:
    const crypto::KeyRing& ring_;
};

}  // namespace shikaku::registry
