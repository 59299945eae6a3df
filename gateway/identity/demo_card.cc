#include "gateway/identity/demo_card.h"

#include <array>

#include "gateway/crypto/hash.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/support/file.h"
#include "gateway/support/json_object.h"

namespace shikaku::identity {
namespace {

constexpr std::size_t kCardFileBytes = 64 * 1024;

Status read_title(const Json& json, std::string pointer, DemoCard& card) {
    JsonObject title(json, ErrorCode::invalid_field, std::move(pointer));
    return title.maybe("ja", card.title_ja).maybe("en", card.title_en).done();
}

Status read_insurance(const Json& json, std::string pointer, DemoCard& card) {
    domain::Insurance& insurance = card.insurance.emplace();
    JsonObject object(json, ErrorCode::invalid_field, std::move(pointer));
    return object.needed("insurer_number", insurance.insurer)
        .maybe("symbol", insurance.symbol)
        .maybe("number", insurance.number)
        .maybe("branch", insurance.branch)
        .done();
}

std::optional<std::string> twelve_digits(std::string_view text) {
    if (text.size() != 12 || !domain::is_personal_number(text)) return std::nullopt;
    return std::string(text);
}

// Nobody knows where some people live.
std::optional<std::optional<domain::AuthorityCode>> residence_of(std::string_view text) {
    if (text.empty()) return std::optional<domain::AuthorityCode>();
    const auto code = domain::AuthorityCode::parse(text);
    if (!code) return std::nullopt;
    return std::make_optional(code);
}

// What the demo asks and expects: read there.
auto scenario(Json& out) {
    return [&out](const Json& json, const std::string& pointer) -> Status {
        if (!json.is_object()) return fail(ErrorCode::invalid_field, "is not an object", pointer);
        out = json;
        return {};
    };
}

Result<DemoCard> read_card(const Json& json) {
    DemoCard card;
    JsonObject object(json);
    object.needed("id", card.id)
        .nested("title", [&](const Json& title,
                             std::string at) { return read_title(title, std::move(at), card); })
        .needed("personal_number", card.personal_number, twelve_digits)
        .needed("birth_date", card.birth_date)
        .maybe("residence", card.residence, residence_of)
        .needed("consent", card.consent)
        .maybe("consent_checkups", card.consent_checkups)
        .needed("proof", card.proof, parse_proof_method)
        .nested("insurance",
                [&](const Json& insurance, std::string at) {
                    return read_insurance(insurance, std::move(at), card);
                })
        .nested("question", scenario(card.question))
        .nested("expect", scenario(card.expect));
    SHIKAKU_TRY(object.done());
    return card;
}

}  // namespace

Result<DemoCard> parse_demo_card(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) return fail(ErrorCode::invalid_field, "demo card: " + json.error().detail);
    auto card = read_card(*json);
    if (!card) card.error().detail.insert(0, "demo card: ");
    return card;
}

Result<DemoCard> load_demo_card(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(const auto text, read_file(file, kCardFileBytes));
    return parse_demo_card(text);
}

std::string to_json(const DemoCard& card) {
    Json json{{"id", card.id},
              {"title", {{"ja", card.title_ja}, {"en", card.title_en}}},
              {"personal_number", card.personal_number},
              {"birth_date", card.birth_date.iso()}};
    if (card.residence) json["residence"] = card.residence->text();
    json["consent"] = card.consent;
    if (card.consent_checkups) json["consent_checkups"] = true;
    json["proof"] = name(card.proof);
    if (card.insurance && card.insurance->insurer) {
        json["insurance"] = {{"insurer_number", card.insurance->insurer->text()},
                             {"symbol", card.insurance->symbol},
                             {"number", card.insurance->number},
                             {"branch", card.insurance->branch}};
    }
    if (!card.question.empty()) json["question"] = card.question;
    if (!card.expect.empty()) json["expect"] = card.expect;
    return json.dump(2) + "\n";
}

std::string random_personal_number() {
    std::array<std::uint8_t, 8> random{};
    crypto::random_bytes(random);
    std::string body = std::to_string(get_u64be(random) % 100'000'000'000);
    body.insert(0, 11 - body.size(), '0');
    char check = '0';
    while (!domain::is_personal_number(body + check))
        ++check;
    return body + check;
}

Result<CardToken> tap(const DemoCard& card, const LinkageSecret& linkage, std::int64_t now_s) {
    SHIKAKU_TRY_LET(const auto link_key, linkage.link_key(card.personal_number));
    return CardToken{.issuer = {},
                     .token_id = random_token_id(),
                     .expires_s = 0,
                     .link_key = link_key,
                     .linkage_check = linkage.check_value(),
                     .proof = card.proof,
                     .proof_time_s = now_s,
                     .consent = card.consent,
                     .consent_checkups = card.consent_checkups,
                     .consent_time_s = now_s,
                     .residence = card.residence,
                     .birth_date = card.birth_date,
                     .insurance = card.insurance};
}

}  // namespace shikaku::identity
