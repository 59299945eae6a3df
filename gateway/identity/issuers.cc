#include "gateway/identity/issuers.h"

#include <algorithm>
#include <optional>
#include <utility>

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

using NamedKey = std::pair<std::string, crypto::VerifyKey>;

Result<std::optional<NamedKey>> read_key(const Json& jwk, const std::filesystem::path& file) {
    if (!jwk.is_object()) return bad(file, "a key is not an object");
    const std::string kid = text_member(jwk, "kid");
    if (crypto::jwk_has_secret(jwk)) {
        return bad(file, "key \"" + kid + "\" is private; only public keys belong here");
    }
    if (kid.empty()) return bad(file, "a key has no kid");
    if (for_other_purpose(jwk)) return std::nullopt;
    auto key = crypto::VerifyKey::from_jwk(jwk);
    if (!key) return bad(file, "key \"" + kid + "\": " + key.error().detail);
    return NamedKey{kid, *std::move(key)};
}

Result<std::vector<NamedKey>> read_file_of_keys(const std::filesystem::path& file) {
    const auto text = read_file(file, bounds::kJwksFileBytes);
    if (!text) return fail(text.error());
    const auto json = parse_json(*text);
    if (!json) return bad(file, json.error().detail);
    const auto list = json->is_object() ? json->find("keys") : json->end();
    if (list == json->end() || !list->is_array()) return bad(file, "no array of keys");
    std::vector<NamedKey> keys;
    for (const Json& jwk : *list) {
        auto key = read_key(jwk, file);
        if (!key) return fail(std::move(key.error()));
        if (*key) keys.push_back(**std::move(key));
    }
    if (keys.empty()) return bad(file, "no key that card tokens can be checked with");
    return keys;
}

}  // namespace

Result<std::shared_ptr<const Issuers>> Issuers::load(const std::vector<IssuerFile>& files) {
    const auto issuers = std::make_shared<Issuers>();
    for (const IssuerFile& file : files) {
        if (file.issuer.empty()) return bad(file.jwks, "belongs to no issuer");
        auto keys = read_file_of_keys(file.jwks);
        if (!keys) return fail(std::move(keys.error()));
        for (auto& [kid, key] : *keys) {
            const auto [place, is_new] =
                issuers->keys_.try_emplace(kid, Key{file.issuer, std::move(key)});
            if (!is_new) return bad(file.jwks, "key \"" + kid + "\" is known already");
        }
    }
    return issuers;
}

const Issuers::Key* Issuers::find(std::string_view kid) const {
    const auto found = keys_.find(kid);
    return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace shikaku::identity
