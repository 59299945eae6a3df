#include "gateway/crypto/sha256_stream.h"

#include "gateway/crypto/openssl.h"

namespace shikaku::crypto {

void Sha256Stream::Free::operator()(evp_md_ctx_st* state) const {
    EVP_MD_CTX_free(state);
}

Sha256Stream::Sha256Stream() : state_(EVP_MD_CTX_new()) {
    must(state_ && EVP_DigestInit_ex2(state_.get(), sha256_algorithm(), nullptr) == 1, "SHA-256");
}

void Sha256Stream::feed(BytesView piece) {
    must(EVP_DigestUpdate(state_.get(), piece.data(), piece.size()) == 1, "SHA-256");
}

Hash256 Sha256Stream::finish() {
    Hash256 out;
    must(EVP_DigestFinal_ex(state_.get(), out.data(), nullptr) == 1, "SHA-256");
    return out;
}

}  // namespace shikaku::crypto
