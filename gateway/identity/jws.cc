#include "gateway/identity/jws.h"

#include "gateway/support/bounds.h"
#include "gateway/support/json_scan.h"

namespace shikaku::identity {
namespace {

std::unexpected<Error> invalid(std::string detail) {
    return fail(ErrorCode::token_invalid, std::move(detail));
}

bool decode(std::string_view part, std::string& out) {
    out.resize(part.size() * 3 / 4);
    const auto size =
        from_base64url(part, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return size.has_value();
}

// What the header says; anything deeper than its own members is nothing to us.
class HeaderReader {
  public:
    bool key(std::string_view name) {
        name_ = name;
        // What we do not implement changes what the rest means (RFC 7515 4.1.11, RFC 7797, RFC
        // 7516).
        return depth_ > 1 || (name != "crit" && name != "b64" && name != "zip");
    }
    bool open(bool object) {
        if ((depth_ == 0 && !object) || (depth_ == 1 && is_ours())) return false;
        ++depth_;
        return true;
    }
    bool close() {
        --depth_;
        return true;
    }
    bool value(const JsonScalar& value) {
        if (depth_ == 0) return false;
        if (depth_ > 1 || !is_ours()) return true;
        const auto* text = std::get_if<std::string_view>(&value);
        if (text == nullptr) return false;
        if (name_ == "typ") {
            header_.type = *text;
        } else if (name_ == "kid") {
            header_.key_id = *text;
        } else {
            algorithm_ = crypto::parse_algorithm(*text);
            return algorithm_.has_value();
        }
        return true;
    }

    [[nodiscard]] std::optional<JwsHeader> take() {
        if (!algorithm_) return std::nullopt;
        header_.algorithm = *algorithm_;
        return std::move(header_);
    }

  private:
    [[nodiscard]] bool is_ours() const {
        return name_ == "alg" || name_ == "typ" || name_ == "kid";
    }

    JwsHeader header_;
    std::optional<crypto::Algorithm> algorithm_;
    std::string_view name_;
    std::size_t depth_ = 0;
};

std::optional<JwsHeader> parse_header(std::string_view text) {
    HeaderReader reader;
    if (!JsonScan(text, reader).run()) return std::nullopt;
    return reader.take();
}

}  // namespace

Result<Jws> parse_jws(std::string_view compact) {
    if (compact.size() > bounds::kTokenBytes) return invalid("JWS too long");
    const std::size_t first = compact.find('.');
    const std::size_t second =
        first == std::string_view::npos ? first : compact.find('.', first + 1);
    if (second == std::string_view::npos ||
        compact.find('.', second + 1) != std::string_view::npos) {
        return invalid("JWS has not three parts");
    }
    std::string header_text;
    if (!decode(compact.substr(0, first), header_text)) {
        return invalid("JWS header is not base64url");
    }
    Jws jws;
    if (!decode(compact.substr(first + 1, second - first - 1), jws.payload)) {
        return invalid("JWS payload is not base64url");
    }
    const std::string_view signature = compact.substr(second + 1);
    if (signature.empty() || signature.size() > bounds::kTokenSignatureBytes * 4 / 3 + 1) {
        return invalid("JWS signature missing or too long");
    }
    auto signature_bytes = from_base64url(signature);
    if (!signature_bytes) return invalid("JWS signature is not base64url");
    jws.signature = *std::move(signature_bytes);
    auto header = parse_header(header_text);
    if (!header) return invalid("JWS header is not strict JSON, or asks for what is not offered");
    jws.header = *std::move(header);
    jws.signing_input = compact.substr(0, second);
    return jws;
}

Status check_key(const Jws& jws, const crypto::VerifyKey& key) {
    if (jws.header.key_id && !key.key_id().empty() && *jws.header.key_id != key.key_id()) {
        return invalid("JWS kid names another key");
    }
    if (!key.allows(jws.header.algorithm)) return invalid("JWS algorithm is not the key's");
    return {};
}

Status check_signature(const Jws& jws, const crypto::VerifyKey& key) {
    SHIKAKU_TRY(check_key(jws, key));
    if (!key.verify(jws.header.algorithm, as_bytes(jws.signing_input), jws.signature)) {
        return invalid("JWS signature is wrong");
    }
    return {};
}

Result<Jws> verify_jws(std::string_view compact, const crypto::VerifyKey& key) {
    auto jws = parse_jws(compact);
    if (!jws) return jws;
    SHIKAKU_TRY(check_signature(*jws, key));
    return jws;
}

}  // namespace shikaku::identity
