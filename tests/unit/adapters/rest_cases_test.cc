// Runs every case of adapters/rest/cases; its README says how they are written.
#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/rest/answer.h"
#include "gateway/domain/rfc3339.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace {

using namespace shikaku;
using namespace shikaku::adapters;

Hash256 link_key_of_cases() {
    Hash256 key{};
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::uint8_t>(i);
    return key;
}

std::string joined(const auto& items, auto text_of) {
    std::string out;
    for (const auto& item : items)
        out += (out.empty() ? "" : ";") + std::string(text_of(item));
    return out;
}

// The columns (gateway/docs/recipient-columns.md) that are not empty.
Json columns_of(const domain::Entitlement& row) {
    Json out = Json::object();
    const auto put = [&out](const char* name, const std::string& text) {
        if (!text.empty()) out[name] = text;
    };
    put("history_key", row.history_key);
    put("certificate_type_id", row.certificate_type_id);
    put("scheme_id", row.scheme_id);
    put("payer_number", row.payer_number ? std::string(row.payer_number->text()) : "");
    put("recipient_number", row.recipient_number);
    put("certificate_name", row.certificate_name);
    put("segment", row.segment);
    put("income_segment", row.income_segment);
    put("additional_conditions",
        joined(row.additional_conditions, [](const std::string& code) { return code; }));
    put("designated_institutions",
        joined(row.designated_institutions, [](const auto& code) { return code.text(); }));
    put("always_reimbursement", row.always_reimbursement ? "1" : "");
    put("cap_monthly_yen", row.cap_monthly_yen ? std::to_string(*row.cap_monthly_yen) : "");
    put("valid_from", row.valid_from.iso());
    put("valid_to", row.valid_to.iso());
    put("not_disclosed", row.not_disclosed ? "1" : "");
    put("birth_date", row.birth_date ? row.birth_date->iso() : "");
    put("revoked", row.revoked_at ? to_rfc3339_jst(*row.revoked_at) : "");
    return out;
}

std::string body_of(const Json& one, Json answer) {
    if (one.contains("body")) return one["body"];
    if (one.contains("answer")) return one["answer"].dump();
    if (one.contains("patch")) answer.merge_patch(one["patch"]);
    if (one.contains("record")) answer["records"][0].merge_patch(one["record"]);
    if (one.contains("repeat")) {
        const Json record = answer["records"][0];
        answer["records"] = Json::array();
        for (int i = 0; i < one["repeat"]["record"].get<int>(); ++i) {
            answer["records"].push_back(record);
            answer["records"].back()["historyKey"] = std::to_string(i);
        }
    }
    return answer.dump();
}

Result<Records> read(const Json& one, const Json& base) {
    const auto fields =
        rest::FieldMap::make(one.value("fields", std::map<std::string, std::string>()));
    REQUIRE(fields);
    const std::string body = body_of(one, base);
    const std::string content_type = one.value("content_type", "application/json");
    return rest::read_answer(
        *fields, {.status = one.value("status", 200), .content_type = content_type, .body = body},
        link_key_of_cases(), *domain::parse_rfc3339("2026-11-20T09:00:00+09:00"));
}

void check_error(const Json& one, const Result<Records>& said) {
    REQUIRE_FALSE(said);
    CHECK(name(said.error().code) == one["error"].get<std::string>());
    const std::string where = said.error().pointer + " " + said.error().detail;
    CHECK_THAT(where, Catch::Matchers::Contains(one.value("says", "")));
    CHECK_THAT(where, !Catch::Matchers::Contains("123456789018"));
}

void check_records(const Json& one, const Records& said) {
    if (one.contains("as_of")) CHECK(to_rfc3339_jst(said.as_of) == one["as_of"].get<std::string>());
    CHECK(said.ambiguous == one.value("ambiguous", false));
    if (one.contains("count")) {
        CHECK(said.entitlements.size() == one["count"].get<std::size_t>());
        return;
    }
    Json rows = Json::array();
    for (const domain::Entitlement& row : said.entitlements) {
        CHECK(row.changed_at == said.as_of);
        rows.push_back(columns_of(row));
    }
    CHECK(nlohmann::json(rows) == nlohmann::json(one.value("records", Json::array())));
}

}  // namespace

TEST_CASE("what a municipal REST system sends becomes records or an error") {
    std::size_t cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(SHIKAKU_SOURCE_DIR "/adapters/rest/cases")) {
        if (entry.path().extension() != ".json") continue;
        const auto text = read_file(entry.path());
        REQUIRE(text);
        const auto file = parse_json(*text);
        REQUIRE(file);
        for (const Json& one : file->at("cases")) {
            INFO(entry.path().filename().string() << ": " << one["title"].get<std::string>());
            const auto said = read(one, file->at("base"));
            if (one.contains("error")) {
                check_error(one, said);
            } else {
                REQUIRE(said);
                check_records(one, *said);
            }
            ++cases;
        }
    }
    CHECK(cases >= 100);
}

TEST_CASE("an answer larger than the bound is refused") {
    const Json one = {{"body", std::string(256 * 1024 + 1, ' ')}};
    const auto said = read(one, {});
    REQUIRE_FALSE(said);
    CHECK(said.error().code == ErrorCode::source_malformed);
    CHECK_THAT(said.error().detail, Catch::Matchers::Contains("too large"));
}

TEST_CASE("JSON nested too deeply is refused") {
    const Json one = {{"body", std::string(100, '[') + std::string(100, ']')}};
    const auto said = read(one, {});
    REQUIRE_FALSE(said);
    CHECK(said.error().code == ErrorCode::source_malformed);
}
