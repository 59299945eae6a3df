#include "gateway/crypto/signature.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>
#include <vector>

#include "gateway/crypto/public_key.h"

namespace shikaku::crypto {
namespace {

constexpr std::array<std::pair<Algorithm, std::string_view>, 5> kNames = {{
    {Algorithm::RS256, "RS256"},
    {Algorithm::PS256, "PS256"},
    {Algorithm::ES256, "ES256"},
    {Algorithm::ES384, "ES384"},
    {Algorithm::EdDSA, "EdDSA"},
}};

constexpr int kPssSaltBytes = 32;  // RFC 7518 section 3.5: the size of the hash

PkeyContext new_verify_context(EVP_PKEY* key, Algorithm algorithm) {
    PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    bool ok = context && EVP_PKEY_verify_init(context.get()) == 1;
    if (algorithm == Algorithm::RS256 || algorithm == Algorithm::PS256) {
        const bool pss = algorithm == Algorithm::PS256;
        ok = ok &&
             EVP_PKEY_CTX_set_rsa_padding(context.get(),
                                          pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
             EVP_PKEY_CTX_set_signature_md(context.get(), sha256_algorithm()) == 1;
        if (pss) {
            ok = ok && EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), sha256_algorithm()) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), kPssSaltBytes) == 1;
        }
    }
    must(ok, "signature context");
    return context;
}

// This thread's context for the key. A handful of keys is in use at a time; contexts of keys that a
// reload has replaced are pushed out by new ones.
EVP_PKEY_CTX* verify_context(EVP_PKEY* key, std::uint64_t key_number, Algorithm algorithm) {
    struct Slot {
        std::uint64_t key_number = 0;
        Algorithm algorithm = Algorithm::RS256;
        PkeyContext context{};
    };
    thread_local std::array<Slot, 16> slots;
    thread_local std::size_t next = 0;
    for (const Slot& slot : slots) {
        if (slot.key_number == key_number && slot.algorithm == algorithm) return slot.context.get();
    }
    Slot& slot = slots[next++ % slots.size()];
    slot = {key_number, algorithm, new_verify_context(key, algorithm)};
    return slot.context.get();
}

// Appends a DER INTEGER holding the unsigned big-endian number.
std::uint8_t* put_der_integer(std::uint8_t* out, BytesView number) {
    while (number.size() > 1 && number.front() == 0)
        number = number.subspan(1);
    const bool sign_octet = number.front() >= 0x80;
    *out++ = 0x02;
    *out++ = static_cast<std::uint8_t>(number.size() + (sign_octet ? 1 : 0));
    if (sign_octet) *out++ = 0;
    return std::ranges::copy(number, out).out;
}

bool verify_ecdsa(EVP_PKEY_CTX* context, std::size_t width, BytesView hash, BytesView signature) {
    if (signature.size() != 2 * width) return false;
    // SEQUENCE of two INTEGERs of at most 49 octets each: every length fits into one octet.
    std::array<std::uint8_t, 2 + 2 * (2 + 1 + 48)> der;
    std::uint8_t* end = put_der_integer(der.data() + 2, signature.first(width));
    end = put_der_integer(end, signature.subspan(width));
    der[0] = 0x30;
    der[1] = static_cast<std::uint8_t>(end - der.data() - 2);
    return EVP_PKEY_verify(context, der.data(), static_cast<std::size_t>(end - der.data()),
                           hash.data(), hash.size()) == 1;
}

bool verify_eddsa(EVP_PKEY* key, BytesView message, BytesView signature) {
    const MdContext context(EVP_MD_CTX_new());
    must(context && EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key,
                                            nullptr) == 1,
         "Ed25519 context");
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

// RFC 7517 section 4.2 and 4.3.
Status check_purpose(const Json& jwk) {
    if (const auto use = jwk.find("use"); use != jwk.end() && *use != "sig") {
        return fail(ErrorCode::bad_key, "JWK whose use is not sig");
    }
    const auto operations = jwk.find("key_ops");
    if (operations != jwk.end() &&
        (!operations->is_array() ||
         std::ranges::find(*operations, "verify") == operations->end())) {
        return fail(ErrorCode::bad_key, "JWK whose key_ops lack verify");
    }
    return {};
}

Result<std::optional<Algorithm>> stated_algorithm(const Json& jwk) {
    const auto found = jwk.find("alg");
    if (found == jwk.end()) return std::nullopt;
    const auto algorithm =
        found->is_string() ? parse_algorithm(found->get_ref<const std::string&>()) : std::nullopt;
    if (!algorithm) return fail(ErrorCode::bad_key, "JWK for an algorithm not used here");
    return algorithm;
}

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view jose_name) {
    for (const auto& [algorithm, text] : kNames) {
        if (text == jose_name) return algorithm;
    }
    return std::nullopt;
}

std::string_view name(Algorithm algorithm) {
    return kNames[static_cast<std::size_t>(algorithm)].second;
}

bool jwk_has_secret(const Json& jwk) {
    if (!jwk.is_object()) return false;
    constexpr std::array kSecretMembers = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    return jwk.value("kty", Json()) == "oct" ||
           std::ranges::any_of(kSecretMembers,
                               [&jwk](const char* member) { return jwk.contains(member); });
}

struct VerifyKey::Impl {
    Impl(Pkey pkey, std::vector<Algorithm> algorithms, std::string id)
        : key(std::move(pkey)), allowed(std::move(algorithms)), key_id(std::move(id)) {
        static std::atomic<std::uint64_t> last{0};
        number = ++last;
    }

    Pkey key;
    std::vector<Algorithm> allowed;
    std::string key_id;
    std::uint64_t number = 0;  // never given twice, unlike an address
};

VerifyKey::VerifyKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VerifyKey::VerifyKey(VerifyKey&&) noexcept = default;
VerifyKey& VerifyKey::operator=(VerifyKey&&) noexcept = default;
VerifyKey::~VerifyKey() = default;

Result<VerifyKey> VerifyKey::from_jwk(const Json& jwk) {
    if (!jwk.is_object()) return fail(ErrorCode::bad_key, "a JWK is a JSON object");
    if (jwk_has_secret(jwk)) return fail(ErrorCode::bad_key, "JWK with a private or symmetric key");
    SHIKAKU_TRY(check_purpose(jwk));
    SHIKAKU_TRY_LET(const auto stated, stated_algorithm(jwk));
    const auto id = jwk.find("kid");
    if (id != jwk.end() && !id->is_string()) {
        return fail(ErrorCode::bad_key, "JWK whose kid is not a string");
    }
    auto key = pkey_from_jwk(jwk);
    if (!key) return fail(key.error());
    std::vector<Algorithm> allowed;
    for (const auto& [algorithm, text] : kNames) {
        if (stated.value_or(algorithm) == algorithm && suits(key->get(), algorithm))
            allowed.push_back(algorithm);
    }
    if (allowed.empty()) return fail(ErrorCode::bad_key, "JWK unsuited to its algorithm, or weak");
    return VerifyKey(std::make_unique<Impl>(*std::move(key), std::move(allowed),
                                            id == jwk.end() ? "" : id->get<std::string>()));
}

Result<VerifyKey> VerifyKey::from_pem(std::string_view pem, Algorithm algorithm) {
    Pkey key(PEM_read_bio_PUBKEY(text_bio(pem).get(), nullptr, nullptr, nullptr));
    if (!key) return fail(ErrorCode::bad_key, "not a PEM public key: " + take_openssl_error());
    if (!suits(key.get(), algorithm)) {
        return fail(ErrorCode::bad_key, "key unsuited to its algorithm, or weak");
    }
    return VerifyKey(std::make_unique<Impl>(std::move(key), std::vector{algorithm}, ""));
}

Result<VerifyKey> VerifyKey::from_spki(BytesView der, Algorithm algorithm) {
    auto key = pkey_from_spki(der);
    if (!key) return fail(key.error());
    if (!suits(key->get(), algorithm)) {
        return fail(ErrorCode::bad_key, "key unsuited to its algorithm, or weak");
    }
    return VerifyKey(std::make_unique<Impl>(*std::move(key), std::vector{algorithm}, ""));
}

Result<VerifyKey> VerifyKey::from_ed25519(BytesView public32) {
    auto key = pkey_from_ed25519(public32);
    if (!key) return fail(key.error());
    return VerifyKey(std::make_unique<Impl>(*std::move(key), std::vector{Algorithm::EdDSA}, ""));
}

const std::string& VerifyKey::key_id() const {
    return impl_->key_id;
}

bool VerifyKey::allows(Algorithm algorithm) const {
    return std::ranges::find(impl_->allowed, algorithm) != impl_->allowed.end();
}

bool VerifyKey::verify(Algorithm algorithm, BytesView message, BytesView signature) const {
    if (!allows(algorithm)) return false;
    EVP_PKEY* const key = impl_->key.get();
    bool good = false;
    if (algorithm == Algorithm::EdDSA) {
        good = verify_eddsa(key, message, signature);
    } else {
        const bool long_hash = algorithm == Algorithm::ES384;
        std::array<std::uint8_t, 48> buffer;
        digest(long_hash ? sha384_algorithm() : sha256_algorithm(), {message}, buffer.data());
        const BytesView hash(buffer.data(), long_hash ? 48 : 32);
        EVP_PKEY_CTX* const context = verify_context(key, impl_->number, algorithm);
        if (algorithm == Algorithm::ES256 || algorithm == Algorithm::ES384) {
            good = verify_ecdsa(context, ec_width(algorithm), hash, signature);
        } else {
            good = EVP_PKEY_verify(context, signature.data(), signature.size(), hash.data(),
                                   hash.size()) == 1;
        }
    }
    if (!good) (void)take_openssl_error();
    return good;
}

}  // namespace shikaku::crypto
