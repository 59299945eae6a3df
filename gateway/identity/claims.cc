#include "gateway/identity/claims.h"

#include <array>
#include <optional>

#include "gateway/domain/numbers.h"
#include "gateway/support/json_scan.h"

namespace shikaku::identity {
namespace {

constexpr std::uint64_t kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z

struct Field {
    std::string_view object;  // empty: the claim stands at the top
    std::string_view name;
    Claim Claims::* claim;
};
constexpr std::array<Field, 21> kFields = {{
    {"", "iss", &Claims::iss},
    {"", "aud", &Claims::aud},
    {"", "iat", &Claims::iat},
    {"", "nbf", &Claims::nbf},
    {"", "exp", &Claims::exp},
    {"", "jti", &Claims::jti},
    {"", "sub", &Claims::sub},
    {"cnf", "x5t#S256", &Claims::cnf_thumbprint},
    {"proof", "method", &Claims::proof_method},
    {"proof", "time", &Claims::proof_time},
    {"consent", "medical_subsidy", &Claims::consent_medical_subsidy},
    {"consent", "checkups", &Claims::consent_checkups},
    {"consent", "time", &Claims::consent_time},
    {"", "residence", &Claims::residence},
    {"", "birth_date", &Claims::birth_date},
    {"", "linkage_check", &Claims::linkage_check},
    {"", "insurance", &Claims::insurance},
    {"insurance", "insurer_number", &Claims::insurer_number},
    {"insurance", "symbol", &Claims::symbol},
    {"insurance", "number", &Claims::number},
    {"insurance", "branch", &Claims::branch},
}};

std::optional<std::uint64_t> whole_number(const JsonScalar& value) {
    if (const auto* whole = std::get_if<std::uint64_t>(&value)) return *whole;
    const auto* number = std::get_if<double>(&value);
    if (number == nullptr || !(*number >= 0 && *number < 1e18)) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

bool holds_personal_number(const JsonScalar& value) {
    if (const auto* text = std::get_if<std::string_view>(&value))
        return domain::contains_personal_number(*text);
    const auto whole = whole_number(value);
    return whole && *whole >= 100'000'000'000 && *whole <= 999'999'999'999 &&
           domain::is_personal_number(std::to_string(*whole));
}

void fill(Claim& claim, const JsonScalar& value) {
    claim.kind = Claim::Kind::other;
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        claim.kind = Claim::Kind::text;
        claim.text = *text;
    } else if (const auto* boolean = std::get_if<bool>(&value)) {
        claim.kind = Claim::Kind::boolean;
        claim.boolean = *boolean;
    } else if (const auto whole = whole_number(value); whole && *whole <= kLastSecond) {
        claim.kind = Claim::Kind::seconds;
        claim.seconds = static_cast<std::int64_t>(*whole);
    }
}

// Takes the claims out of what the scan tells; everything else only has to be free of personal
// numbers.
class Reader {
  public:
    [[nodiscard]] bool personal_number() const { return personal_number_; }
    [[nodiscard]] Claims take() { return std::move(claims_); }

    bool key(std::string_view name) {
        if (depth_ == 1) object_ = name;
        name_ = name;
        return true;
    }

    bool open(bool object) {
        if (depth_ == 0 && !object) return false;
        if (Claim* claim = place()) claim->kind = object ? Claim::Kind::object : Claim::Kind::other;
        arrays_ = arrays_ << 1U | (object ? 0U : 1U);
        if (++depth_ == 2) items_ = 0;
        return true;
    }

    bool close() {
        arrays_ >>= 1U;
        --depth_;
        return true;
    }

    bool value(const JsonScalar& value) {
        if (depth_ == 0) return false;
        Claim* const claim = place();
        const bool random = claim == &claims_.sub || claim == &claims_.jti;
        personal_number_ = !random && holds_personal_number(value);
        if (personal_number_) return false;
        if (claim != nullptr) fill(*claim, value);
        return true;
    }

  private:
    // Where the value that has just come belongs; nullptr: nowhere.
    Claim* place() {
        if (depth_ == 0 || depth_ > 2) return nullptr;
        if ((arrays_ & 1U) != 0) return place_in_array();
        // An object may be named "" too: depth alone says that a claim stands at the top.
        const bool top = depth_ == 1;
        for (const Field& field : kFields) {
            if (field.name == name_ && field.object.empty() == top &&
                (top || field.object == object_))
                return &(claims_.*field.claim);
        }
        return nullptr;
    }

    // "aud": ["shikaku"] means the same as "aud": "shikaku".
    Claim* place_in_array() {
        if (object_ != "aud") return nullptr;
        if (++items_ == 1) return &claims_.aud;
        claims_.aud.kind = Claim::Kind::other;
        return nullptr;
    }

    Claims claims_;
    std::size_t depth_ = 0;
    std::uint64_t arrays_ = 0;  // which of the open containers are arrays, the innermost lowest
    std::size_t items_ = 0;     // of the array at depth 2
    std::string_view object_;   // the key at the top whose value is being read
    std::string_view name_;     // the last key
    bool personal_number_ = false;
};

}  // namespace

Result<Claims> read_claims(std::string_view payload) {
    Reader reader;
    if (JsonScan(payload, reader).run()) return reader.take();
    if (reader.personal_number())
        return fail(ErrorCode::personal_number_refused, "a claim holds a personal number");
    return fail(ErrorCode::token_invalid, "claims are not one strict JSON object");
}

}  // namespace shikaku::identity
