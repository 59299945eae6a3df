#include "gateway/crypto/aead.h"

#include <algorithm>
#include <atomic>

#include "gateway/crypto/hash.h"
#include "gateway/crypto/openssl.h"

namespace shikaku::crypto {
namespace {

// A thread's context in one direction. The cipher is told once: telling it again would build the
// context anew.
class Direction {
  public:
    explicit Direction(bool encrypts) : encrypts_(encrypts ? 1 : 0) {}

    EVP_CIPHER_CTX* prepare(const Hash256& key, const std::uint8_t* nonce) {
        must(EVP_CipherInit_ex2(context_.get(), started_ ? nullptr : aes256_gcm_algorithm(),
                                key.data(), nonce, encrypts_, nullptr) == 1,
             "AES-256-GCM key");
        started_ = true;
        return context_.get();
    }

  private:
    CipherContext context_{EVP_CIPHER_CTX_new()};
    int encrypts_;
    bool started_ = false;
};

// A thread's context with the schedule of the key that it encrypted a block with last.
class Blocks {
  public:
    void encrypt(const Hash256& key, std::uint64_t number, BytesView in, std::uint8_t* out) {
        bool ok = true;
        if (number != number_) {
            ok = EVP_EncryptInit_ex2(context_.get(), aes256_block_algorithm(), key.data(), nullptr,
                                     nullptr) == 1 &&
                 EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
            number_ = number;
        }
        int size = 0;
        must(ok && EVP_EncryptUpdate(context_.get(), out, &size, in.data(),
                                     static_cast<int>(in.size())) == 1,
             "AES-256 block");
    }

  private:
    CipherContext context_{EVP_CIPHER_CTX_new()};
    std::uint64_t number_ = 0;
};

thread_local Direction sealing(true);
thread_local Direction opening(false);
thread_local Blocks blocks;

bool open_gcm(const Hash256& key, BytesView nonce, BytesView context, BytesView sealed,
              std::uint8_t* out) {
    const BytesView text = sealed.first(sealed.size() - kTagBytes);
    std::array<std::uint8_t, kTagBytes> tag;
    std::ranges::copy(sealed.last(kTagBytes), tag.begin());
    EVP_CIPHER_CTX* const cipher = opening.prepare(key, nonce.data());
    int size = 0;
    const bool good =
        EVP_DecryptUpdate(cipher, nullptr, &size, context.data(),
                          static_cast<int>(context.size())) == 1 &&
        EVP_DecryptUpdate(cipher, out, &size, text.data(), static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher, out + text.size(), &size) == 1;
    if (!good) (void)take_openssl_error();
    return good;
}

}  // namespace

AeadKey::AeadKey(const Hash256& secret) : secret_(secret) {
    static std::atomic<std::uint64_t> last{0};
    number_ = ++last;
    // The block of zeros, encrypted and doubled in GF(2^128).
    const Block zeros{};
    Block encrypted{};
    blocks.encrypt(secret_, number_, zeros, encrypted.data());
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        const unsigned next = i + 1 < encrypted.size() ? encrypted[i + 1] >> 7U : 0U;
        mask_[i] = static_cast<std::uint8_t>(encrypted[i] << 1U | next);
    }
    if (encrypted[0] >> 7U != 0) mask_.back() ^= 0x87;
    wipe(encrypted);
}

AeadKey::~AeadKey() {
    wipe(secret_);
    wipe(mask_);
}

// CMAC of two blocks that name the half of the key, "X", and the first half of the nonce.
Hash256 AeadKey::derive(const std::uint8_t* nonce) const {
    Hash256 input{};
    for (const std::size_t half : {0U, 1U}) {
        std::uint8_t* const block = input.data() + half * mask_.size();
        block[1] = static_cast<std::uint8_t>(half + 1);
        block[2] = 'X';
        std::copy_n(nonce, kNonceBytes - kShortNonceBytes, block + 4);
        for (std::size_t i = 0; i < mask_.size(); ++i)
            block[i] ^= mask_[i];
    }
    Hash256 key{};
    blocks.encrypt(secret_, number_, input, key.data());
    wipe(input);
    return key;
}

void AeadKey::seal(BytesView context, BytesView plain, std::uint8_t* out) const {
    std::array<std::uint8_t, kNonceBytes> nonce;
    random_bytes(nonce);
    seal_with(nonce, context, plain, out);
}

void AeadKey::seal_with(BytesView nonce, BytesView context, BytesView plain,
                        std::uint8_t* out) const {
    Hash256 key = derive(nonce.data());
    std::uint8_t* const text = std::ranges::copy(nonce, out).out;
    EVP_CIPHER_CTX* const cipher = sealing.prepare(key, nonce.last(kShortNonceBytes).data());
    wipe(key);
    int size = 0;
    bool ok = EVP_EncryptUpdate(cipher, nullptr, &size, context.data(),
                                static_cast<int>(context.size())) == 1;
    ok = ok &&
         EVP_EncryptUpdate(cipher, text, &size, plain.data(), static_cast<int>(plain.size())) == 1;
    ok = ok && EVP_EncryptFinal_ex(cipher, text + plain.size(), &size) == 1;
    must(ok && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kTagBytes, text + plain.size()) ==
                   1,
         "sealing");
}

bool AeadKey::open(BytesView context, BytesView sealed, std::uint8_t* out) const {
    const BytesView nonce = sealed.first(kNonceBytes);
    Hash256 key = derive(nonce.data());
    const bool good =
        open_gcm(key, nonce.last(kShortNonceBytes), context, sealed.subspan(kNonceBytes), out);
    wipe(key);
    return good;
}

bool AeadKey::open_short(BytesView context, BytesView sealed, std::uint8_t* out) const {
    return open_gcm(secret_, sealed.first(kShortNonceBytes), context,
                    sealed.subspan(kShortNonceBytes), out);
}

}  // namespace shikaku::crypto
