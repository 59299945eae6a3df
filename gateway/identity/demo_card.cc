#include "gateway/identity/demo_card.h"

#include <algorithm>
#include <array>

#include "gateway/crypto/hash.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/support/file.h"

namespace shikaku::identity {
namespace {

constexpr std::size_t kCardFileBytes = 64 * 1024;

std::unexpected<Error> bad(const std::string& pointer, std::string detail) {
    return fail(ErrorCode::invalid_field, "demo card: " + std::move(detail), pointer);
}

Status check_members(const Json& object, const std::string& pointer,
                     std::initializer_list<std::string_view> known) {
    if (!object.is_object()) return bad(pointer, "not an object");
    for (const auto& [name, value] : object.items()) {
        if (std::ranges::find(known, name) == known.end())
            return bad(pointer + "/" + name, "unknown member");
    }
    return {};
}

Result<std::string> text_member(const Json& object, const std::string& pointer, const char* name,
                                bool required) {
    const auto found = object.find(name);
    if (found == object.end() && !required) return std::string();
    if (found == object.end() || !found->is_string())
        return bad(pointer + "/" + name, "missing or not a string");
    return found->get<std::string>();
}

Status read_title(const Json& json, DemoCard& card) {
    const auto title = json.find("title");
    if (title == json.end()) return {};
    SHIKAKU_TRY(check_members(*title, "/title", {"ja", "en"}));
    SHIKAKU_TRY_LET(const auto japanese, text_member(*title, "/title", "ja", false));
    SHIKAKU_TRY_LET(const auto english, text_member(*title, "/title", "en", false));
    card.title_ja = japanese;
    card.title_en = english;
    return {};
}

Status read_insurance(const Json& json, DemoCard& card) {
    const auto found = json.find("insurance");
    if (found == json.end()) return {};
    SHIKAKU_TRY(
        check_members(*found, "/insurance", {"insurer_number", "symbol", "number", "branch"}));
    domain::Insurance insurance;
    SHIKAKU_TRY_LET(const auto insurer, text_member(*found, "/insurance", "insurer_number", true));
    insurance.insurer = domain::InsurerNumber::parse(insurer);
    if (!insurance.insurer) return bad("/insurance/insurer_number", "not an insurer number");
    using Field = std::pair<const char*, std::string*>;
    for (const auto& [name, field] :
         {Field{"symbol", &insurance.symbol}, Field{"number", &insurance.number},
          Field{"branch", &insurance.branch}}) {
        auto text = text_member(*found, "/insurance", name, false);
        if (!text) return fail(text.error());
        *field = *std::move(text);
    }
    card.insurance = std::move(insurance);
    return {};
}

Status read_person(const Json& json, DemoCard& card) {
    SHIKAKU_TRY_LET(const auto number, text_member(json, "", "personal_number", true));
    if (number.size() != 12 || !domain::is_personal_number(number))
        return bad("/personal_number", "not 12 digits with a right check digit");
    card.personal_number = number;
    SHIKAKU_TRY_LET(const auto birth, text_member(json, "", "birth_date", true));
    const auto date = domain::Date::parse_iso(birth);
    if (!date) return bad("/birth_date", "not a date");
    card.birth_date = *date;
    SHIKAKU_TRY_LET(const auto residence, text_member(json, "", "residence", false));
    card.residence = domain::AuthorityCode::parse(residence);
    if (!card.residence && !residence.empty())
        return bad("/residence", "not the code of a municipality");
    return {};
}

Status read_tap(const Json& json, DemoCard& card) {
    const auto consent = json.find("consent");
    if (consent == json.end() || !consent->is_boolean())
        return bad("/consent", "missing or not true or false");
    card.consent = consent->get<bool>();
    SHIKAKU_TRY_LET(const auto proof, text_member(json, "", "proof", true));
    const auto method = parse_proof_method(proof);
    if (!method) return bad("/proof", "not face, pin, smartphone or visual");
    card.proof = *method;
    return {};
}

Status read_scenario(const Json& json, const char* name, Json& out) {
    const auto found = json.find(name);
    if (found == json.end()) return {};
    if (!found->is_object()) return bad(std::string("/") + name, "not an object");
    out = *found;
    return {};
}

}  // namespace

Result<DemoCard> parse_demo_card(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) return bad("", json.error().detail);
    SHIKAKU_TRY(check_members(*json, "",
                              {"id", "title", "personal_number", "birth_date", "residence",
                               "consent", "proof", "insurance", "question", "expect"}));
    DemoCard card;
    SHIKAKU_TRY_LET(const auto id, text_member(*json, "", "id", true));
    card.id = id;
    SHIKAKU_TRY(read_title(*json, card));
    SHIKAKU_TRY(read_person(*json, card));
    SHIKAKU_TRY(read_tap(*json, card));
    SHIKAKU_TRY(read_insurance(*json, card));
    SHIKAKU_TRY(read_scenario(*json, "question", card.question));
    SHIKAKU_TRY(read_scenario(*json, "expect", card.expect));
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
                     .consent_time_s = now_s,
                     .residence = card.residence,
                     .birth_date = card.birth_date,
                     .insurance = card.insurance};
}

}  // namespace shikaku::identity
