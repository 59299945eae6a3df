#include "gateway/crypto/aead.h"

#include <algorithm>
#include <atomic>

#include "gateway/crypto/hash.h"
#include "gateway/crypto/openssl.h"

namespace shikaku::crypto {
namespace {

// A thread's context in one direction; giving it only the nonce spares half of a seal's time.
struct Direction {
    CipherContext context{EVP_CIPHER_CTX_new()};
    std::uint64_t key_number = 0;

    EVP_CIPHER_CTX* prepare(const Hash256& secret, std::uint64_t number, const std::uint8_t* nonce,
                            bool encrypt) {
        const bool same = key_number == number;
        must(EVP_CipherInit_ex2(context.get(), same ? nullptr : aes256_gcm_algorithm(),
                                same ? nullptr : secret.data(), nonce, encrypt ? 1 : 0,
                                nullptr) == 1,
             "AES-256-GCM key");
        key_number = number;
        return context.get();
    }
};

thread_local Direction sealing;
thread_local Direction opening;

}  // namespace

AeadKey::AeadKey(const Hash256& secret) : secret_(secret) {
    static std::atomic<std::uint64_t> last{0};
    number_ = ++last;
}

AeadKey::~AeadKey() {
    wipe(secret_);
}

void AeadKey::seal(BytesView context, BytesView plain, std::uint8_t* out) const {
    random_bytes({out, kNonceBytes});
    std::uint8_t* const text = out + kNonceBytes;
    EVP_CIPHER_CTX* const cipher = sealing.prepare(secret_, number_, out, true);
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
    const BytesView text = sealed.subspan(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
    std::array<std::uint8_t, kTagBytes> tag;
    std::ranges::copy(sealed.last(kTagBytes), tag.begin());
    EVP_CIPHER_CTX* const cipher = opening.prepare(secret_, number_, sealed.data(), false);
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

}  // namespace shikaku::crypto
