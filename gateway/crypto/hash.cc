#include "gateway/crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "gateway/crypto/openssl.h"

namespace shikaku::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::uint8_t kInnerPad = 0x36;  // RFC 2104
constexpr std::uint8_t kOuterPad = 0x5c;

void finish_from(const EVP_MD_CTX* state, std::initializer_list<BytesView> parts, Hash256& out) {
    thread_local const MdContext context(EVP_MD_CTX_new());
    bool ok = EVP_MD_CTX_copy_ex(context.get(), state) == 1;
    for (const BytesView part : parts) {
        ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    }
    must(ok && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1, "HMAC");
}

void generate(std::span<std::uint8_t> out) {
    must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "randomness");
}

// A call for randomness takes 0.65 us for a nonce and hardly more for a block, so nonces and salts
// come from a block. What was given out does not stay in it.
class RandomBlock {
  public:
    RandomBlock() = default;
    RandomBlock(const RandomBlock&) = delete;
    RandomBlock& operator=(const RandomBlock&) = delete;
    ~RandomBlock() { wipe(block_); }

    void take(std::span<std::uint8_t> out) {
        if (out.size() > kLongest) return generate(out);
        if (block_.size() - used_ < out.size()) {
            generate(block_);
            used_ = 0;
        }
        const auto taken = std::span(block_).subspan(used_, out.size());
        std::ranges::copy(taken, out.begin());
        wipe(taken);
        used_ += out.size();
    }

  private:
    static constexpr std::size_t kLongest = 64;
    std::array<std::uint8_t, 2048> block_{};
    std::size_t used_ = block_.size();
};

}  // namespace

Hash256 sha256(BytesView data) {
    return sha256({data});
}

Hash256 sha256(std::initializer_list<BytesView> parts) {
    Hash256 out;
    digest(sha256_algorithm(), parts, out.data());
    return out;
}

Hash256 hmac_sha256(BytesView key, BytesView data) {
    return HmacKey(key).mac(data);
}

void HmacKey::Free::operator()(evp_md_ctx_st* state) const {
    EVP_MD_CTX_free(state);
}

HmacKey::State HmacKey::padded(BytesView key, std::uint8_t pad) {
    std::array<std::uint8_t, kBlockBytes> block{};
    if (key.size() > kBlockBytes) {
        std::ranges::copy(sha256(key), block.begin());
    } else {
        std::ranges::copy(key, block.begin());
    }
    for (std::uint8_t& byte : block)
        byte ^= pad;
    State state(EVP_MD_CTX_new());
    must(state && EVP_DigestInit_ex2(state.get(), sha256_algorithm(), nullptr) == 1 &&
             EVP_DigestUpdate(state.get(), block.data(), block.size()) == 1,
         "HMAC key");
    wipe(block);
    return state;
}

HmacKey::HmacKey(BytesView key) : inner_(padded(key, kInnerPad)), outer_(padded(key, kOuterPad)) {}
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

Hash256 HmacKey::mac(BytesView data) const {
    return mac({data});
}

Hash256 HmacKey::mac(std::initializer_list<BytesView> parts) const {
    Hash256 inner;
    finish_from(inner_.get(), parts, inner);
    Hash256 out;
    finish_from(outer_.get(), {inner}, out);
    return out;
}

bool equal_constant_time(BytesView a, BytesView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::uint8_t> secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
}

void random_bytes(std::span<std::uint8_t> out) {
    thread_local RandomBlock block;
    block.take(out);
}

}  // namespace shikaku::crypto
