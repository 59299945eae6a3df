#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "gateway/crypto/public_key.h"
#include "gateway/crypto/signature.h"

namespace shikaku::crypto {
namespace {

constexpr std::size_t kRsaBits = 2048;

EVP_PKEY* generate_pkey(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::RS256:
        case Algorithm::PS256:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kRsaBits);
        case Algorithm::ES256:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
        case Algorithm::ES384:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
        case Algorithm::EdDSA:
            break;
    }
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

// DER to r || s of fixed width (RFC 7518 section 3.4).
Bytes jose_ecdsa(BytesView der, std::size_t width) {
    const std::uint8_t* position = der.data();
    const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
    Bytes out(2 * width);
    const int number_bytes = static_cast<int>(width);
    must(pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), number_bytes) >= 0 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + width, number_bytes) >= 0,
         "ECDSA signature");
    return out;
}

const EVP_MD* hash_of(Algorithm algorithm) {
    if (algorithm == Algorithm::EdDSA) return nullptr;
    return algorithm == Algorithm::ES384 ? sha384_algorithm() : sha256_algorithm();
}

}  // namespace

struct SigningKey::Impl {
    Pkey key;
};

SigningKey::SigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
    // An empty pass phrase instead of OpenSSL's question on the terminal.
    char no_pass_phrase[] = "";
    Pkey key(PEM_read_bio_PrivateKey(text_bio(pem).get(), nullptr, nullptr, no_pass_phrase));
    if (!key) return fail(ErrorCode::bad_key, "not a PEM private key: " + take_openssl_error());
    return SigningKey(std::make_unique<Impl>(std::move(key)));
}

SigningKey SigningKey::generate(Algorithm algorithm) {
    Pkey key(generate_pkey(algorithm));
    must(key != nullptr, "key generation");
    return SigningKey(std::make_unique<Impl>(std::move(key)));
}

bool SigningKey::allows(Algorithm algorithm) const {
    return suits(impl_->key.get(), algorithm);
}

Bytes SigningKey::sign(Algorithm algorithm, BytesView message) const {
    const MdContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* padding = nullptr;  // owned by the context
    const char* const hash =
        algorithm == Algorithm::EdDSA ? nullptr : EVP_MD_get0_name(hash_of(algorithm));
    bool ok = context && EVP_DigestSignInit_ex(context.get(), &padding, hash, nullptr, nullptr,
                                               impl_->key.get(), nullptr) == 1;
    if (algorithm == Algorithm::PS256) {
        ok = ok && EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    std::size_t size = 0;
    ok = ok && EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1;
    Bytes signature(size);
    ok = ok && EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                              message.size()) == 1;
    must(ok, "signing");
    signature.resize(size);
    if (algorithm == Algorithm::ES256 || algorithm == Algorithm::ES384)
        return jose_ecdsa(signature, ec_width(algorithm));
    return signature;
}

Json SigningKey::public_jwk(std::string_view kid, Algorithm algorithm) const {
    must(allows(algorithm), "public key of another algorithm");
    Json jwk = jwk_of(impl_->key.get(), algorithm);
    jwk["kid"] = kid;
    jwk["use"] = "sig";
    jwk["alg"] = name(algorithm);
    return jwk;
}

Result<Bytes> SigningKey::ed25519_public() const {
    if (!allows(Algorithm::EdDSA)) return fail(ErrorCode::bad_key, "not an Ed25519 key");
    Bytes raw(32);
    std::size_t size = raw.size();
    must(EVP_PKEY_get_raw_public_key(impl_->key.get(), raw.data(), &size) == 1 && size == 32,
         "Ed25519 public key");
    return raw;
}

std::string SigningKey::pem() const {
    const Bio bio(BIO_new(BIO_s_secmem()));
    must(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0,
                                              nullptr, nullptr) == 1,
         "PEM");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace shikaku::crypto
