#include "gateway/crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

namespace shikaku::crypto {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr int kRsaExponentBitsMax = 64;
constexpr std::size_t kEd25519Bytes = 32;
constexpr std::uint8_t kUncompressedPoint = 0x04;  // SEC 1, 2.3.3

struct Curve {
    std::string_view jose;
    const char* openssl;
    Algorithm algorithm;
    std::size_t width;
};
constexpr std::array<Curve, 2> kCurves = {{
    {"P-256", "prime256v1", Algorithm::ES256, 32},
    {"P-384", "secp384r1", Algorithm::ES384, 48},
}};

const Curve& curve_of(Algorithm algorithm) {
    return algorithm == Algorithm::ES256 ? kCurves[0] : kCurves[1];
}

Result<Bytes> member_bytes(const Json& jwk, const char* member) {
    const auto found = jwk.find(member);
    if (found == jwk.end() || !found->is_string()) {
        return fail(ErrorCode::bad_key, std::string("JWK without string ") + member);
    }
    auto bytes = from_base64url(found->get_ref<const std::string&>());
    if (!bytes || bytes->empty()) {
        return fail(ErrorCode::bad_key, std::string("JWK member ") + member + " is not base64url");
    }
    return *std::move(bytes);
}

// RFC 7518 section 2: the fewest octets that hold the number.
Result<BigNumber> member_number(const Json& jwk, const char* member) {
    SHIKAKU_TRY_LET(const auto bytes, member_bytes(jwk, member));
    if (bytes.front() == 0) {
        return fail(ErrorCode::bad_key,
                    std::string("JWK member ") + member + " has a leading zero");
    }
    BigNumber number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    must(number != nullptr, "BIGNUM");
    return number;
}

Result<Pkey> pkey_from_params(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    must(params && context, "key parameters");
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return fail(ErrorCode::bad_key, "not a public key: " + take_openssl_error());
    }
    return Pkey(key);
}

Result<Pkey> rsa_from_jwk(const Json& jwk) {
    SHIKAKU_TRY_LET(const auto modulus, member_number(jwk, "n"));
    SHIKAKU_TRY_LET(const auto exponent, member_number(jwk, "e"));
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    must(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) &&
             OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()),
         "RSA parameters");
    return pkey_from_params("RSA", builder.get());
}

Result<Pkey> ec_from_jwk(const Json& jwk, const Curve& curve) {
    Bytes point{kUncompressedPoint};
    for (const char* member : {"x", "y"}) {
        SHIKAKU_TRY_LET(const auto coordinate, member_bytes(jwk, member));
        if (coordinate.size() != curve.width) {
            return fail(ErrorCode::bad_key,
                        std::string("JWK member ") + member + " has not the width of the curve");
        }
        point.insert(point.end(), coordinate.begin(), coordinate.end());
    }
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    must(builder &&
             OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                             curve.openssl, 0) &&
             OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                              point.size()),
         "EC parameters");
    return pkey_from_params("EC", builder.get());
}

BigNumber number_of(const EVP_PKEY* key, const char* parameter) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, parameter, &number) != 1) return nullptr;
    return BigNumber(number);
}

bool suits_rsa(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA") != 1) return false;
    const int bits = EVP_PKEY_get_bits(key);
    const BigNumber modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    const BigNumber exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    return bits >= kRsaBitsMin && bits <= kRsaBitsMax && modulus && exponent &&
           BN_is_odd(modulus.get()) && BN_is_odd(exponent.get()) && !BN_is_one(exponent.get()) &&
           BN_num_bits(exponent.get()) <= kRsaExponentBitsMax;
}

bool suits_ec(const EVP_PKEY* key, const Curve& curve) {
    if (EVP_PKEY_is_a(key, "EC") != 1) return false;
    int explicit_parameters = 1;
    std::array<char, 64> group{};
    if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &explicit_parameters) != 1 ||
        explicit_parameters != 0 ||
        EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 ||
        std::string_view(group.data()) != curve.openssl) {
        return false;
    }
    const PkeyContext context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, const_cast<EVP_PKEY*>(key), nullptr));
    return context && EVP_PKEY_public_check(context.get()) == 1;  // on the curve, right order
}

// The points whose order divides 8, by their y, little endian: under such a key a signature can be
// made without a private key, for every message at once (RFC 8032, 8.4 and 5.1.7).
constexpr std::array<std::string_view, 5> kSmallOrder = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

// Not of small order, and y below the prime 2^255 - 19, so that no point has a second encoding.
bool is_useful_point(BytesView public32) {
    Bytes y(public32.begin(), public32.end());
    y.back() &= 0x7f;  // the sign of x
    const bool beyond_prime =
        y.front() >= 0xed && y.back() == 0x7f &&
        std::all_of(y.begin() + 1, y.end() - 1, [](std::uint8_t byte) { return byte == 0xff; });
    return !beyond_prime && std::ranges::find(kSmallOrder, to_hex(y)) == kSmallOrder.end();
}

bool suits_ed25519(const EVP_PKEY* key) {
    std::array<std::uint8_t, kEd25519Bytes> raw{};
    std::size_t size = raw.size();
    return EVP_PKEY_is_a(key, "ED25519") == 1 &&
           EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1 && is_useful_point(raw);
}

std::string number_member(const EVP_PKEY* key, const char* parameter, std::size_t width) {
    const BigNumber number = number_of(key, parameter);
    must(number != nullptr, parameter);
    Bytes bytes(width > 0 ? width : static_cast<std::size_t>(BN_num_bytes(number.get())));
    must(BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) >= 0, parameter);
    return to_base64url(bytes);
}

}  // namespace

std::size_t ec_width(Algorithm algorithm) {
    return curve_of(algorithm).width;
}

bool suits(const EVP_PKEY* key, Algorithm algorithm) {
    bool good = false;
    switch (algorithm) {
        case Algorithm::RS256:
        case Algorithm::PS256:
            good = suits_rsa(key);
            break;
        case Algorithm::ES256:
        case Algorithm::ES384:
            good = suits_ec(key, curve_of(algorithm));
            break;
        case Algorithm::EdDSA:
            good = suits_ed25519(key);
            break;
    }
    if (!good) (void)take_openssl_error();
    return good;
}

Result<Pkey> pkey_from_jwk(const Json& jwk) {
    const auto text = [&jwk](const char* member) {
        const auto found = jwk.find(member);
        return found != jwk.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const std::string type = text("kty");
    if (type == "RSA") return rsa_from_jwk(jwk);
    const std::string curve_name = text("crv");
    if (type == "EC") {
        for (const Curve& curve : kCurves) {
            if (curve_name == curve.jose) return ec_from_jwk(jwk, curve);
        }
    }
    if (type == "OKP" && curve_name == "Ed25519") {
        SHIKAKU_TRY_LET(const auto bytes, member_bytes(jwk, "x"));
        return pkey_from_ed25519(bytes);
    }
    return fail(ErrorCode::bad_key, "JWK of a key type or curve that no algorithm here uses");
}

Result<Pkey> pkey_from_spki(BytesView der) {
    const std::uint8_t* position = der.data();
    Pkey key(d2i_PUBKEY_ex(nullptr, &position, static_cast<long>(der.size()), nullptr, nullptr));
    if (!key) return fail(ErrorCode::bad_key, "not a public key: " + take_openssl_error());
    if (position != der.data() + der.size()) {
        return fail(ErrorCode::bad_key, "bytes after the public key");
    }
    return key;
}

Result<Pkey> pkey_from_ed25519(BytesView public32) {
    if (public32.size() != kEd25519Bytes) {
        return fail(ErrorCode::bad_key, "an Ed25519 public key has 32 bytes");
    }
    if (!is_useful_point(public32)) {
        return fail(ErrorCode::bad_key,
                    "an Ed25519 public key of small order, or not in its one encoding");
    }
    Pkey key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, public32.data(),
                                            public32.size()));
    must(key != nullptr, "Ed25519 key");
    return key;
}

Json jwk_of(const EVP_PKEY* key, Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::RS256:
        case Algorithm::PS256:
            return {{"kty", "RSA"},
                    {"n", number_member(key, OSSL_PKEY_PARAM_RSA_N, 0)},
                    {"e", number_member(key, OSSL_PKEY_PARAM_RSA_E, 0)}};
        case Algorithm::ES256:
        case Algorithm::ES384: {
            const Curve& curve = curve_of(algorithm);
            return {{"kty", "EC"},
                    {"crv", curve.jose},
                    {"x", number_member(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.width)},
                    {"y", number_member(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.width)}};
        }
        case Algorithm::EdDSA:
            break;
    }
    std::array<std::uint8_t, kEd25519Bytes> raw{};
    std::size_t size = raw.size();
    must(EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1, "Ed25519 public key");
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", to_base64url(raw)}};
}

}  // namespace shikaku::crypto
