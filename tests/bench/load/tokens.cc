#include "tests/bench/load/tokens.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

#include "tests/bench/load/encoding.h"

namespace shikaku::bench {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bytes = std::vector<std::uint8_t>;
struct CloseStream {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): this owns it
    void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using Stream = std::unique_ptr<std::FILE, CloseStream>;

constexpr std::string_view kRsaKid = "bench-rsa";
constexpr std::string_view kEcKid = "bench-ec";
constexpr std::string_view kForgedKid = "bench-forged";
constexpr std::int64_t kLifeSeconds = 300;

Key read_key(const std::string& file) {
    const Stream stream(std::fopen(file.c_str(), "r"));
    if (!stream) {
        throw std::runtime_error("cannot read " + file);
    }
    Key key(PEM_read_PrivateKey(stream.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    if (!key) {
        fail_with_openssl(file);
    }
    return key;
}

void write_key(const Key& key, const std::filesystem::path& file) {
    const Stream stream(std::fopen(file.c_str(), "w"));
    if (!stream) {
        throw std::runtime_error("cannot write " + file.string());
    }
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    PEM_write_PrivateKey(stream.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

// Two numbers of 32 bytes, as JWS wants them, from the DER form.
Bytes ecdsa_raw(const Bytes& der) {
    constexpr int kNumberBytes = 32;
    const unsigned char* at = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    Bytes raw(2 * kNumberBytes);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), kNumberBytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + kNumberBytes, kNumberBytes);
    return raw;
}

std::string forge(const std::string& claims) {
    static const std::string header =
        base64url(std::string(R"({"typ":"card+jwt","alg":"ES384","kid":")") +
                  std::string(kForgedKid) + "\"}");
    Bytes signature(96);
    RAND_bytes(signature.data(), static_cast<int>(signature.size()));
    return header + "." + base64url(claims) + "." + base64url(signature);
}

class Signer {
  public:
    explicit Signer(EVP_PKEY* key)
        : key_(key),
          ec_(EVP_PKEY_get_base_id(key) == EVP_PKEY_EC),
          header_(base64url(std::string(R"({"typ":"card+jwt","alg":")") +
                            (ec_ ? "ES256" : "RS256") + R"(","kid":")" +
                            std::string(ec_ ? kEcKid : kRsaKid) + "\"}")) {}

    [[nodiscard]] std::string sign(const std::string& claims) const {
        std::string token = header_ + "." + base64url(claims);
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        Bytes signature(512);
        std::size_t size = signature.size();
        if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) != 1 ||
            EVP_DigestSign(context.get(), signature.data(), &size,
                           reinterpret_cast<const unsigned char*>(token.data()),
                           token.size()) != 1) {
            fail_with_openssl("signing");
        }
        signature.resize(size);
        token += "." + base64url(ec_ ? ecdsa_raw(signature) : signature);
        return token;
    }

  private:
    EVP_PKEY* key_;
    bool ec_;
    std::string header_;
};

std::string claims(const TokenPlan& plan, const std::string& run, std::size_t number,
                   std::int64_t now_s) {
    const std::int64_t issued = plan.expired ? now_s - 3600 : now_s;
    const std::string time = std::to_string(issued);
    std::string text = R"({"iss":")" + plan.issuer + R"(","aud":")" + plan.audience +
                       R"(","iat":)" + time + R"(,"exp":)" + std::to_string(issued + kLifeSeconds) +
                       R"(,"jti":")" + run + std::to_string(number) + R"(","cnf":{"x5t#S256":")" +
                       plan.certificate_thumbprint + R"("},"sub":")" +
                       link_key(plan.first_person + number % plan.people) +
                       R"(","proof":{"method":"face","time":)" + time +
                       R"(},"consent":{"medical_subsidy":true,"time":)" + time + "}";
    if (!plan.residence.empty()) {
        text += R"(,"residence":")" + plan.residence + "\"";
    }
    return text + "}";
}

std::string random_name() {
    std::array<std::uint8_t, 12> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    return base64url(bytes);
}

std::string public_number(const Key& key, const char* name, std::size_t coordinate_bytes = 32) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &number) != 1) {
        fail_with_openssl(name);
    }
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    if (std::string_view(name).starts_with("q")) {
        bytes.resize(coordinate_bytes);  // coordinates keep their leading zeros
    }
    BN_bn2binpad(number, bytes.data(), static_cast<int>(bytes.size()));
    BN_free(number);
    return base64url(bytes);
}

}  // namespace

std::vector<std::string> sign_tokens(const TokenPlan& plan, std::size_t count) {
    const Key key = read_key(plan.issuer_key);
    const std::string run = random_name();
    const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count();
    std::vector<std::string> tokens(count);
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    {
        std::vector<std::jthread> threads;
        for (std::size_t worker = 0; worker < workers; ++worker) {
            threads.emplace_back([&, worker] {
                const Signer signer(key.get());
                for (std::size_t number = worker; number < count; number += workers) {
                    const std::string text = claims(plan, run, number, now_s);
                    tokens[number] = plan.forged ? forge(text) : signer.sign(text);
                }
            });
        }
    }
    return tokens;
}

void make_issuer(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    const Key rsa(EVP_RSA_gen(2048), EVP_PKEY_free);
    const Key ec(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const Key forged(EVP_EC_gen("P-384"), EVP_PKEY_free);
    if (!rsa || !ec || !forged) {
        fail_with_openssl("making keys");
    }
    write_key(rsa, folder / "rsa.pem");
    write_key(ec, folder / "ec.pem");
    std::ofstream jwks(folder / "jwks.json");
    jwks << R"({"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":")" << kRsaKid << R"(","n":")"
         << public_number(rsa, OSSL_PKEY_PARAM_RSA_N) << R"(","e":")"
         << public_number(rsa, OSSL_PKEY_PARAM_RSA_E)
         << R"("},{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":")" << kEcKid
         << R"(","x":")" << public_number(ec, OSSL_PKEY_PARAM_EC_PUB_X) << R"(","y":")"
         << public_number(ec, OSSL_PKEY_PARAM_EC_PUB_Y)
         << R"("},{"kty":"EC","crv":"P-384","use":"sig","alg":"ES384","kid":")" << kForgedKid
         << R"(","x":")" << public_number(forged, OSSL_PKEY_PARAM_EC_PUB_X, 48) << R"(","y":")"
         << public_number(forged, OSSL_PKEY_PARAM_EC_PUB_Y, 48) << "\"}]}\n";
    if (!jwks.flush()) {
        throw std::runtime_error("cannot write jwks.json");
    }
}

}  // namespace shikaku::bench
