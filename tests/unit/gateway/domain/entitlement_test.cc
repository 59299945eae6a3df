#include "gateway/domain/entitlement.h"

#include <catch2/catch.hpp>

namespace shikaku::domain {
namespace {

Date date(std::string_view iso) {
    return Date::parse_iso(iso).value();
}
Instant at(std::int64_t milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds));
}

Entitlement minimal() {
    Entitlement entitlement;
    entitlement.valid_from = date("2026-04-01");
    entitlement.valid_to = date("2027-03-31");
    return entitlement;
}

Entitlement full() {
    Entitlement entitlement = minimal();
    entitlement.history_key = "H-0001";
    entitlement.certificate_type_id = "T1";
    entitlement.scheme_id = "maru-ko";
    entitlement.payer_number = PayerNumber::parse("88131248");
    entitlement.recipient_number = "1234566";
    entitlement.certificate_name = "マル子医療証 \"A\"\\\n";
    entitlement.segment = "一般";
    entitlement.income_segment = "II";
    entitlement.additional_conditions = {"01-02", "", "03-04"};
    entitlement.designated_institutions = {InstitutionCode::parse("1310170019").value(),
                                           InstitutionCode::parse("0110113719").value()};
    entitlement.always_reimbursement = true;
    entitlement.cap_monthly_yen = 0;
    entitlement.not_disclosed = true;
    entitlement.birth_date = date("2015-02-03");
    entitlement.changed_at = at(1'795'132'740'123);
    entitlement.revoked_at = at(0);
    entitlement.left_out = true;
    return entitlement;
}

std::string written(const Entitlement& entitlement) {
    std::string out;
    JsonWriter writer(out);
    write_entitlement(writer, entitlement);
    return out;
}

Result<Entitlement> read_back(std::string_view text) {
    const auto json = parse_json(text);
    REQUIRE(json);
    return read_entitlement(*json);
}

TEST_CASE("an entitlement comes back as it was written") {
    for (const Entitlement& entitlement : {full(), minimal()}) {
        const auto back = read_back(written(entitlement));
        REQUIRE(back);
        CHECK(*back == entitlement);
    }
}

TEST_CASE("each member comes back by itself") {
    const Entitlement whole = full();
    std::vector<Entitlement> cases(16, minimal());
    cases[0].history_key = whole.history_key;
    cases[1].certificate_type_id = whole.certificate_type_id;
    cases[2].scheme_id = whole.scheme_id;
    cases[3].payer_number = whole.payer_number;
    cases[4].recipient_number = whole.recipient_number;
    cases[5].certificate_name = whole.certificate_name;
    cases[6].segment = whole.segment;
    cases[7].income_segment = whole.income_segment;
    cases[8].additional_conditions = whole.additional_conditions;
    cases[9].designated_institutions = whole.designated_institutions;
    cases[10].always_reimbursement = true;
    cases[11].cap_monthly_yen = 2'147'483'647;
    cases[12].not_disclosed = true;
    cases[13].birth_date = whole.birth_date;
    cases[14].changed_at = at(-1);
    cases[15].revoked_at = at(1'795'132'740'123);
    std::vector<std::string> texts;
    for (const Entitlement& entitlement : cases) {
        const std::string text = written(entitlement);
        const auto back = read_back(text);
        REQUIRE(back);
        CHECK(*back == entitlement);
        CHECK(*back != minimal());
        CHECK(std::ranges::find(texts, text) == texts.end());
        texts.push_back(text);
    }
}

TEST_CASE("the compact form leaves out what is empty") {
    CHECK(written(minimal()) == R"({"f":"2026-04-01","t":"2027-03-31","ch":0})");
}

// Log details and the cache keep it for years.
TEST_CASE("what was written before is read, and written in the same bytes") {
    const std::string_view before =
        R"({"hk":"H-0001","ct":"T1","s":"maru-ko","p":"88131248","r":"1234566",)"
        R"("cn":"マル子医療証 \"A\"\\\n","sg":"一般","is":"II","ac":["01-02","","03-04"],)"
        R"("di":["1310170019","0110113719"],"ar":true,"mc":0,"f":"2026-04-01","t":"2027-03-31",)"
        R"("nd":true,"b":"2015-02-03","ch":1795132740123,"rv":0,"lo":true})";
    CHECK(written(full()) == before);
    CHECK(read_back(before).value() == full());
    // In any order: JSON says nothing by it.
    CHECK(read_back(R"({"ch":7,"t":"2027-03-31","nd":true,"f":"2026-04-01","s":"x"})").value() ==
          [] {
              Entitlement entitlement = minimal();
              entitlement.scheme_id = "x";
              entitlement.not_disclosed = true;
              entitlement.changed_at = at(7);
              return entitlement;
          }());
}

TEST_CASE("what cannot have been written is refused as corrupt, without quoting it") {
    const std::string bad = GENERATE(values<std::string>({
        "[]",
        "null",
        "\"SECRET\"",
        "{}",
        R"({"f":"2026-04-01","t":"2027-03-31"})",
        R"({"f":"2026-04-01","ch":0})",
        R"({"t":"2026-04-01","ch":0})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"SECRET":1})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"":1})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"x":"SECRET"})",
        R"({"f":"20260401","t":"2027-03-31","ch":0})",
        R"({"f":1,"t":"2027-03-31","ch":0})",
        R"({"f":"2026-04-01","t":"2027-02-29","ch":0})",
        R"({"f":"2026-04-01","t":null,"ch":0})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":"0"})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0.5})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":9223372036854775808})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"hk":""})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"hk":7})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"p":"8813124"})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"p":null})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"ac":[]})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"ac":"SECRET"})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"ac":[1]})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"di":[]})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"di":[1310170019]})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"di":["1310170018"]})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"ar":false})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"ar":1})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"mc":"5000"})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"mc":2147483648})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"nd":null})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"b":"2015-02-30"})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"rv":true})",
        R"({"f":"2026-04-01","t":"2027-03-31","ch":0,"rv":1,"lo":1})",
    }));
    CAPTURE(bad);
    const auto refused = read_back(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::corrupt);
    CHECK_THAT(refused.error().detail, !Catch::Contains("SECRET"));
}

}  // namespace
}  // namespace shikaku::domain
