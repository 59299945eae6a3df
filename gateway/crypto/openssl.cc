#include "gateway/crypto/openssl.h"

#include <openssl/err.h>

#include <cstdio>
#include <cstdlib>

namespace shikaku::crypto {
namespace {

const EVP_MD* fetch_md(const char* name) {
    const EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
    must(md != nullptr, name);
    return md;
}

const EVP_CIPHER* fetch_cipher(const char* name) {
    const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    must(cipher != nullptr, name);
    return cipher;
}

}  // namespace

void must(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "OpenSSL failed where it cannot: %s: %s\n", what,
                 take_openssl_error().c_str());
    std::abort();
}

const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const md = fetch_md("SHA2-256");
    return md;
}

const EVP_MD* sha384_algorithm() {
    static const EVP_MD* const md = fetch_md("SHA2-384");
    return md;
}

const EVP_CIPHER* aes256_gcm_algorithm() {
    static const EVP_CIPHER* const cipher = fetch_cipher("AES-256-GCM");
    return cipher;
}

const EVP_CIPHER* aes256_block_algorithm() {
    static const EVP_CIPHER* const cipher = fetch_cipher("AES-256-ECB");
    return cipher;
}

void digest(const EVP_MD* algorithm, std::initializer_list<BytesView> parts, std::uint8_t* out) {
    thread_local const MdContext context(EVP_MD_CTX_new());
    bool ok = EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1;
    for (const BytesView part : parts) {
        ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    }
    must(ok && EVP_DigestFinal_ex(context.get(), out, nullptr) == 1, "digest");
}

Bio text_bio(std::string_view text) {
    Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    must(bio != nullptr, "BIO");
    return bio;
}

std::string take_openssl_error() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    std::string text = reason == nullptr ? "no reason given" : reason;
    ERR_clear_error();
    return text;
}

}  // namespace shikaku::crypto
