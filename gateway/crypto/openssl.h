// Ownership and fetched algorithms of OpenSSL, for the .cc files of this folder only.
//
// Algorithms are fetched once for the process. must() stands where OpenSSL can only fail for want
// of memory or because of a bug of ours: the program ends, since going on would sign or seal
// nothing.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "gateway/support/bytes.h"

namespace shikaku::crypto {

template <auto kFree>
struct OpenSslFree {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};

using MdContext = std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, OpenSslFree<EVP_PKEY_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;
using Bio = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;
using X509Certificate = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, OpenSslFree<ECDSA_SIG_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, OpenSslFree<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, OpenSslFree<OSSL_PARAM_free>>;

void must(bool ok, const char* what);

[[nodiscard]] const EVP_MD* sha256_algorithm();
[[nodiscard]] const EVP_MD* sha384_algorithm();
[[nodiscard]] const EVP_CIPHER* aes256_gcm_algorithm();
[[nodiscard]] const EVP_CIPHER* aes256_block_algorithm();  // ECB: single blocks

// Hashes into `out`, which holds the digest's size, with this thread's context.
void digest(const EVP_MD* algorithm, std::initializer_list<BytesView> parts, std::uint8_t* out);

// A read-only BIO over text that outlives it.
[[nodiscard]] Bio text_bio(std::string_view text);

// The reason of the last OpenSSL error, and an empty queue: leftovers would confuse TLS.
[[nodiscard]] std::string take_openssl_error();

}  // namespace shikaku::crypto
