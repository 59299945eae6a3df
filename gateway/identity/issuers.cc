#include "gateway/identity/issuers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/crypto/hash.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::identity {
namespace {

std::string text_member(const Json& jwk, const char* member) {
    const auto found = jwk.find(member);
    return found != jwk.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A key set may hold keys that are none of our business: for encryption, for other algorithms.
bool for_other_purpose(const Json& jwk) {
    if (const auto use = jwk.find("use"); use != jwk.end() && *use != "sig") return true;
    if (const auto operations = jwk.find("key_ops");
        operations != jwk.end() && operations->is_array() &&
        std::ranges::find(*operations, "verify") == operations->end()) {
        return true;
    }
    if (jwk.contains("alg")) return !crypto::parse_algorithm(text_member(jwk, "alg"));
    const std::string type = text_member(jwk, "kty");
    const std::string curve = text_member(jwk, "crv");
    return !(type == "RSA" || (type == "EC" && (curve == "P-256" || curve == "P-384")) ||
             (type == "OKP" && curve == "Ed25519"));
}

std::unexpected<Error> bad(const std::filesystem::path& file, const std::string& detail) {
    return fail(ErrorCode::bad_key, file.string() + ": " + detail);
}

// Read from outside and shown to operators.
std::string shown(std::string_view kid) {
    constexpr std::size_t kShown = 64;
    std::string text(kid.substr(0, kShown));
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return "key \"" + text + "\"";
}

// OpenID Federation 1.0 section 8.7.1: when a key expires, as a NumericDate. What is there is one,
// or read_key() has left the key out.
std::optional<Instant> expiry_of(const Json& jwk) {
    constexpr double kLastSecond = 253'402'300'799;  // of the year 9999
    const auto exp = jwk.find("exp");
    if (exp == jwk.end()) return std::nullopt;
    const double seconds = std::clamp(exp->get<double>(), 0.0, kLastSecond);
    return Instant(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

// RFC 7638: SHA-256 of the members that make the key, in order and without blanks.
std::string thumbprint_of(const Json& jwk) {
    const std::string type = text_member(jwk, "kty");
    std::vector<const char*> names = {"crv", "kty", "x"};
    if (type == "RSA") names = {"e", "kty", "n"};
    if (type == "EC") names.push_back("y");
    Json members = Json::object();
    for (const char* name : names)
        members[name] = text_member(jwk, name);
    return to_base64url(crypto::sha256(as_bytes(members.dump())));
}

// Nothing: the key is for another purpose.
Result<std::optional<crypto::VerifyKey>> read_key(const Json& jwk) {
    if (!jwk.is_object()) return fail(ErrorCode::bad_key, "is not an object");
    if (crypto::jwk_has_secret(jwk))
        return fail(ErrorCode::bad_key, "is private; only public keys belong here");
    if (text_member(jwk, "kid").empty()) return fail(ErrorCode::bad_key, "has no kid");
    if (for_other_purpose(jwk)) return std::nullopt;
    // A key whose end cannot be read must not be one without end.
    if (const auto exp = jwk.find("exp"); exp != jwk.end() && !exp->is_number())
        return fail(ErrorCode::bad_key, "has an exp that is no number");
    if (jwk.contains("revoked")) return fail(ErrorCode::bad_key, "is revoked");
    auto key = crypto::VerifyKey::from_jwk(jwk);
    if (!key) return fail(std::move(key.error()));
    return std::optional(*std::move(key));
}

Result<Json> read_file_of_keys(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(const auto text, read_file(file, bounds::kJwksFileBytes));
    const auto json = parse_json(text);
    if (!json) return bad(file, json.error().detail);
    const auto list = json->is_object() ? json->find("keys") : json->end();
    if (list == json->end() || !list->is_array()) return bad(file, "no array of keys");
    return *list;
}

}  // namespace

void Issuers::take_file(const IssuerFile& file, const Json& keys) {
    for (const Json& jwk : keys) {
        const std::string kid = jwk.is_object() ? text_member(jwk, "kid") : std::string();
        const auto leave_out = [&](const std::string& why) {
            unusable_.push_back(file.jwks.string() + ": " + shown(kid) + " " + why);
        };
        auto key = read_key(jwk);
        if (!key) {
            leave_out(key.error().detail);
        } else if (*key) {
            const auto [place, is_new] = keys_.try_emplace(
                kid, Key{file.issuer, **std::move(key), expiry_of(jwk), thumbprint_of(jwk)});
            if (!is_new) leave_out("is known already, of " + place->second.issuer);
        }
    }
}

Result<std::shared_ptr<const Issuers>> Issuers::load(const std::vector<IssuerFile>& files) {
    auto issuers = std::make_shared<Issuers>();
    for (const IssuerFile& file : files) {
        if (file.issuer.empty()) return bad(file.jwks, "belongs to no issuer");
        SHIKAKU_TRY_LET(const auto keys, read_file_of_keys(file.jwks));
        const std::size_t before = issuers->keys_.size();
        const std::size_t told = issuers->unusable_.size();
        issuers->take_file(file, keys);
        if (issuers->keys_.size() == before) {
            const bool why = issuers->unusable_.size() > told;
            return bad(file.jwks, "no key that card tokens can be checked with" +
                                      (why ? "; " + issuers->unusable_[told] : std::string()));
        }
    }
    return issuers;
}

const Issuers::Key* Issuers::find(std::string_view kid) const {
    const auto found = keys_.find(kid);
    return found == keys_.end() ? nullptr : &found->second;
}

std::vector<Instant> Issuers::expiries() const {
    std::vector<Instant> dates;
    for (const auto& [kid, key] : keys_) {
        if (key.expires) dates.push_back(*key.expires);
    }
    return dates;
}

}  // namespace shikaku::identity
