// SHA-256 and HMAC-SHA256. Algorithms are fetched once; contexts are per thread. Everything here
// may be called by any thread; nothing here fails.
#pragma once

#include <initializer_list>
#include <memory>

#include "gateway/support/bytes.h"

struct evp_md_ctx_st;

namespace shikaku::crypto {

[[nodiscard]] Hash256 sha256(BytesView data);
[[nodiscard]] Hash256 sha256(std::initializer_list<BytesView> parts);  // concatenated

[[nodiscard]] Hash256 hmac_sha256(BytesView key, BytesView data);

// A fixed key, set up once: mac() copies the two states that have taken in the padded key, so a
// short message costs two compressions. One object may be used by many threads. The states are
// wiped when it goes.
class HmacKey {
  public:
    explicit HmacKey(BytesView key);
    HmacKey(HmacKey&&) noexcept;
    HmacKey& operator=(HmacKey&&) noexcept;
    ~HmacKey();

    [[nodiscard]] Hash256 mac(BytesView data) const;
    [[nodiscard]] Hash256 mac(std::initializer_list<BytesView> parts) const;  // concatenated

  private:
    struct Free {
        void operator()(evp_md_ctx_st* state) const;
    };
    using State = std::unique_ptr<evp_md_ctx_st, Free>;
    static State padded(BytesView key, std::uint8_t pad);

    State inner_, outer_;
};

[[nodiscard]] bool equal_constant_time(BytesView a, BytesView b);
void wipe(std::span<std::uint8_t> secret);
void random_bytes(std::span<std::uint8_t> out);  // aborts when the system has no randomness

}  // namespace shikaku::crypto
