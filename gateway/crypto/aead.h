// AES-256-GCM with random 96-bit nonces, private to gateway/crypto. Thread-safe.
#pragma once

#include <cstdint>

#include "gateway/support/bytes.h"

namespace shikaku::crypto {

inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// A key, wiped when it goes. `number` names it among all keys of the process, so that a thread's
// context that already holds its schedule can be used again.
class AeadKey {
  public:
    explicit AeadKey(const Hash256& secret);
    AeadKey(const AeadKey&) = delete;
    AeadKey& operator=(const AeadKey&) = delete;
    ~AeadKey();

    // Writes nonce || ciphertext || tag; `out` holds plain.size() + 28 bytes.
    void seal(BytesView context, BytesView plain, std::uint8_t* out) const;
    // `sealed` as seal() wrote it, at least 28 bytes; `out` holds 28 fewer. False: not authentic.
    [[nodiscard]] bool open(BytesView context, BytesView sealed, std::uint8_t* out) const;

  private:
    Hash256 secret_;
    std::uint64_t number_;
};

}  // namespace shikaku::crypto
