// The gateway's own secret keys, from one key-ring file made by certs/ (or `shikaku keys`).
//
//   {"keys": [{"purpose": "seal", "id": 1, "secret": "<base64 of 32 bytes>", "active": true}, ...]}
//
// Purposes: registry, cache, audit, token (blind keys: HMAC-SHA256, different keys so that the
// files cannot be joined; one key each), and seal (XAES-256-GCM). Several seal keys may exist: the
// active one seals, all open; the key id stands in front of every sealed payload. Nonces are random
// and long enough for 2^80 payloads under one key. Refused (bad_key): a file others can read, a
// missing purpose, equal, constant or patterned secrets, members that are not known. Thread-safe;
// secrets are wiped on destruction.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gateway/crypto/hash.h"
#include "gateway/support/result.h"

namespace shikaku::crypto {

enum class BlindPurpose { registry, cache, audit, token };

class KeyRing {
  public:
    [[nodiscard]] static Result<std::unique_ptr<KeyRing>> load(const std::filesystem::path& file);
    // A new ring with fresh random secrets, as the file's content.
    [[nodiscard]] static std::string generate_json();

    // By the key's name ("registry", ..., "seal 1"): 16 bytes of HMAC-SHA256 under the key over a
    // fixed text. Files keep them to know their keys again; they say nothing about a key.
    [[nodiscard]] std::map<std::string, Bytes, std::less<>> check_values() const;
    [[nodiscard]] static std::string name(BlindPurpose purpose);
    [[nodiscard]] static std::string seal_name(std::uint32_t id);
    [[nodiscard]] static std::optional<std::uint32_t> seal_id(std::string_view name);
    // Of the key that seals what is written from now on.
    [[nodiscard]] std::string active_seal_name() const;

    [[nodiscard]] Hash256 blind(BlindPurpose purpose, BytesView data) const;

    // 0x80000000 + key id (u32be) || nonce (24) || ciphertext || tag (16); on disk, never to
    // change. Also opened: key id (u32be) || nonce (12) || AES-256-GCM || tag (16), as it was
    // before. `context` is the associated data: the row's identity, so that a payload cannot be
    // moved to another row.
    [[nodiscard]] Bytes seal(BytesView context, BytesView plain) const;
    [[nodiscard]] Result<Bytes> open(BytesView context,
                                     BytesView sealed) const;  // corrupt, bad_key

    ~KeyRing();

  private:
    KeyRing();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

inline constexpr std::size_t kSealOverhead = 4 + 24 + 16;
inline constexpr std::uint32_t kLongNonce =
    0x80000000;  // in front of a sealed payload, with the id

}  // namespace shikaku::crypto
