// XAES-256-GCM (c2sp.org/XAES-256-GCM), private to gateway/crypto: AES-256-GCM with random 192-bit
// nonces, under a key of its own for each half nonce, so that one key seals 2^80 payloads. Opens
// also what was sealed by AES-256-GCM with a 96-bit nonce, before there was the other. Thread-safe.
#pragma once

#include <cstdint>

#include "gateway/support/bytes.h"

namespace shikaku::crypto {

inline constexpr std::size_t kNonceBytes = 24;
inline constexpr std::size_t kShortNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// A key, wiped when it goes. `number` names it among all keys of the process, so that a thread's
// context that already holds its schedule can be used again.
class AeadKey {
  public:
    explicit AeadKey(const Hash256& secret);
    AeadKey(const AeadKey&) = delete;
    AeadKey& operator=(const AeadKey&) = delete;
    ~AeadKey();

    // Writes nonce || ciphertext || tag; `out` holds plain.size() + 40 bytes.
    void seal(BytesView context, BytesView plain, std::uint8_t* out) const;
    // The same with a nonce of the caller's (test vectors).
    void seal_with(BytesView nonce, BytesView context, BytesView plain, std::uint8_t* out) const;
    // `sealed` as seal() wrote it, at least 40 bytes; `out` holds 40 fewer. False: not authentic.
    [[nodiscard]] bool open(BytesView context, BytesView sealed, std::uint8_t* out) const;
    // AES-256-GCM: nonce of 12 bytes || ciphertext || tag.
    [[nodiscard]] bool open_short(BytesView context, BytesView sealed, std::uint8_t* out) const;

  private:
    [[nodiscard]] Hash256 derive(const std::uint8_t* nonce) const;

    using Block = std::array<std::uint8_t, 16>;

    Hash256 secret_;
    Block mask_{};  // K1 of CMAC (NIST SP 800-38B)
    std::uint64_t number_;
};

}  // namespace shikaku::crypto
