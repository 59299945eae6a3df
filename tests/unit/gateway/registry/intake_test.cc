// A row on its way into the staging area: what it is there must be what every program before made
// of it, because it is compared with rows that those wrote.
#include "gateway/registry/intake.h"

#include <catch2/catch.hpp>

#include "gateway/domain/scheme_pack.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

constexpr std::string_view kRing = R"({"keys":[
    {"purpose":"registry","id":1,"active":true,
     "secret":"Ina0Uwq6GKMhl30qxx1tZM2zDntkg+GQ8oG8crwVx0I="},
    {"purpose":"cache","id":1,"active":true,
     "secret":"QAg9DGFS54LbTNQ+NRY7NhvSMKXbK4qBrSmmK6E0rOE="},
    {"purpose":"audit","id":1,"active":true,
     "secret":"GYH+mnQNGMA6p+7mlWLjf0txH+bAL+kMEvxxb5nRdxg="},
    {"purpose":"token","id":1,"active":true,
     "secret":"/VypIGi92FJyTYhaZaJJijV69DDtufNahpHQESAPIqc="},
    {"purpose":"seal","id":1,"active":true,
     "secret":"s2eW0iqzyE3f/8pmtlZe38v6mv8CtLugZtxT9Dq1hto="}]})";

constexpr std::string_view kPack = R"({"authority":"132012","schemes":[
    {"id":"maru-ko","name":{"ja":"マル子","en":"School-age"},"law_code":"88",
     "payer_numbers":["88131248"],"source":"test",
     "rules":[{"from":"2020-04-01","copay":[{"settings":["outpatient"],"kind":"free"}],
               "area":{"scope":"prefecture"}}],
     "examples":[]}]})";

const domain::AuthorityCode kHachioji = *domain::AuthorityCode::parse("132012");

struct Taken {
    std::vector<std::string> rows;     // "line kind filled history person content"
    std::vector<std::string> remarks;  // "line column code"
    std::vector<domain::Entitlement> opened;
};

std::string hex(const storage::Key16& key) {
    return to_hex(key);
}

std::unique_ptr<crypto::KeyRing> fixed_ring(const std::filesystem::path& folder) {
    REQUIRE(write_file(folder / "keyring.json", kRing, 0600));
    auto ring = crypto::KeyRing::load(folder / "keyring.json");
    REQUIRE(ring);
    return std::move(*ring);
}

Taken take_in(BodyFormat format, std::string_view body) {
    const shikaku::testing::TemporaryFolder folder;
    const auto ring = fixed_ring(folder.path());
    const RowKeys keys(*ring);
    const auto read = domain::read_scheme_pack(kPack, kHachioji, "v");
    REQUIRE(read.pack);
    auto intake = Intake::make(
        {.authority = kHachioji, .caller = {}, .format = format, .idempotency_key = {}},
        folder.path() / "staging", entitlement_kind(), read.pack, keys);
    REQUIRE(intake);
    REQUIRE((*intake)->feed(body));
    REQUIRE((*intake)->finish());
    REQUIRE_FALSE((*intake)->fault());
    Taken taken;
    storage::StagingStore& staging = (*intake)->staging();
    REQUIRE(staging.each_row([&](const storage::StagedRow& row) -> Status {
        taken.rows.push_back(std::to_string(row.line) + " " +
                             std::to_string(static_cast<int>(row.kind)) + " " +
                             std::to_string(row.filled) + " " + hex(row.history) + " " +
                             hex(row.person) + " " + hex(row.content));
        const auto sealed = staging.sealed(row.line);
        REQUIRE(sealed);
        if (sealed->empty()) return {};
        auto opened = keys.open({.person = row.person,
                                 .history = row.history,
                                 .set = number_of(subsidies_of(kHachioji))},
                                *sealed);
        REQUIRE(opened);
        taken.opened.push_back(domain::decode_entitlement(*opened).value());
        return {};
    }));
    REQUIRE(staging.each_remark(1000, [&](const storage::StagedRemark& remark) -> Status {
        const RefusedRow row = describe(row_remark(remark), kEntitlementColumns);
        taken.remarks.push_back(std::to_string(row.line) + " " + row.column + " " + row.code);
        return {};
    }));
    return taken;
}

// 履歴キー,受給者証種別ID,リンクキー,...,削除 and one row in which every column has a value.
constexpr std::string_view kCp932 =
    "979a97f0834c815b2c8ef38b8b8ed28fd88eed95ca49442c838a8393834e834c815b2c90a7937849442c"
    "8cf694ef958992538ed294d48d862c8ef38b8b8ed294d48d862c8ef38b8b8ed28fd896bc2c8be695aa2c"
    "8f8a93be8be695aa2c92c789c18ff08c8f2c8e7792e888e397c38b408ad62c8fed82c98f9e8ad295a582"
    "a22c8ea98cc8958992538fe38cc08c8e8a7a2c8e918a69974c8cf88a4a8e6e93fa2c8e918a69974c8cf8"
    "8f4997b993fa2c95738a4a8ea62c90b6944e8c8e93fa2c8ded8f9c0d0a979a97f02d312c6b6f646f6d6f"
    "2c41414543417751464267634943516f4c4441304f4478415245684d554652595847426b614778776448"
    "68382c6d6172752d6b6f2c38383133313234382c313233343536362c837d838b8e7188e397c38fd82c41"
    "2c49322c30312d30323b30332d30342c313331323031323334322c312c302c52382e342e312c97df9861"
    "39944e338c8e333193fa2c312c5332352e312e312c0d0a";
constexpr std::string_view kUtf8 =
    "history_key,certificate_type_id,link_key,scheme_id,payer_number,recipient_number,"
    "certificate_name,segment,income_segment,additional_conditions,designated_institutions,"
    "always_reimbursement,cap_monthly_yen,valid_from,valid_to,not_disclosed,birth_date,deleted\n"
    "履歴-1,kodomo,AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,maru-ko,88131248,1234566,"
    "マル子医療証,A,I2, 01-02 ;03-04;,1312012342,1,0,2026-04-01,20270331,1,昭和25年1月1日,0\n";
constexpr std::string_view kNdjson =
    R"({"history_key":"履歴-1","certificate_type_id":"kodomo",)"
    R"("link_key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","scheme_id":"maru-ko",)"
    R"("payer_number":"88131248","recipient_number":"1234566","certificate_name":"マル子医療証",)"
    R"("segment":"A","income_segment":"I2","additional_conditions":["01-02","03-04"],)"
    R"("designated_institutions":["1312012342"],"always_reimbursement":true,"cap_monthly_yen":0,)"
    R"("valid_from":"2026-04-01","valid_to":"2027-03-31","not_disclosed":"1",)"
    R"("birth_date":"1950-01-01","deleted":false})";

}  // namespace

TEST_CASE("the same row is the same in every format, and as it was before") {
    const Bytes cp932 = *from_hex(kCp932);
    for (const auto& [format, body, line] : {std::tuple(BodyFormat::csv_cp932, as_text(cp932), "2"),
                                             std::tuple(BodyFormat::csv_utf8, kUtf8, "2"),
                                             std::tuple(BodyFormat::ndjson, kNdjson, "1")}) {
        const Taken taken = take_in(format, body);
        CHECK(taken.remarks.empty());
        CHECK(taken.rows ==
              std::vector{std::string(line) + " 0 106480 4d1a14f7b401f4dc3efa6e3155256b74 "
                                              "6b0ab4fcf9412415b7f50067428bf4d1 "
                                              "7b056f2dfb0de102bbc01a77851166fe"});
        REQUIRE(taken.opened.size() == 1);
        CHECK(taken.opened[0].birth_date->iso() == "1950-01-01");
    }
}

TEST_CASE("a row of required columns alone fills nothing else") {
    const Taken taken =
        take_in(BodyFormat::csv_utf8,
                "history_key,certificate_type_id,link_key,scheme_id,valid_from,valid_to,deleted\n"
                "k,t,AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,maru-ko,2026-04-01,2027-03-31,\n");
    CHECK(taken.rows == std::vector<std::string>{"2 0 0 013b13afc8562fb1692594e262c80591 "
                                                 "6b0ab4fcf9412415b7f50067428bf4d1 "
                                                 "2fc44feebed2be84a602a41b3513b32a"});
}

TEST_CASE("a row with a fault in every column is told all of them") {
    const std::string long_text(101, 'x');
    const Taken taken =
        take_in(BodyFormat::csv_utf8, std::string(kUtf8.substr(0, kUtf8.find('\n') + 1)) +
                                          long_text + "," + long_text + ",no,no,no," + long_text +
                                          "," + long_text + ",a\tb," + long_text +
                                          ",a b,123,2,-1,2026-02-29,x,true,H0.1.1,x\n"
                                          "k,,,,,,,,,,,,,,,,,0\n"
                                          "k2,,,,,,,,,,,,,2026-04-02,2026-04-01,,2026-04-02,0\n");
    CHECK(taken.rows.size() == 3);
    CHECK(taken.remarks ==
          std::vector<std::string>{"2 history_key too_long",
                                   "2 certificate_type_id too_long",
                                   "2 link_key bad_link_key",
                                   "2 scheme_id unknown_scheme",
                                   "2 payer_number bad_payer_number",
                                   "2 recipient_number too_long",
                                   "2 certificate_name too_long",
                                   "2 segment control_character",
                                   "2 income_segment too_long",
                                   "2 additional_conditions bad_condition",
                                   "2 designated_institutions bad_institution_code",
                                   "2 always_reimbursement bad_flag",
                                   "2 cap_monthly_yen bad_cap",
                                   "2 valid_from bad_date",
                                   "2 valid_to bad_date",
                                   "2 not_disclosed bad_flag",
                                   "2 birth_date bad_date",
                                   "2 deleted bad_flag",
                                   "3 certificate_type_id missing_value",
                                   "3 link_key missing_value",
                                   "3 scheme_id missing_value",
                                   "3 valid_from missing_value",
                                   "3 valid_to missing_value",
                                   "4 certificate_type_id missing_value",
                                   "4 link_key missing_value",
                                   "4 scheme_id missing_value",
                                   "4 valid_to bad_period",
                                   "4 birth_date bad_birth_date"});
}

TEST_CASE("what else is hashed under the registry's key is as it was before") {
    const shikaku::testing::TemporaryFolder folder;
    const auto ring = fixed_ring(folder.path());
    const RowKeys keys(*ring);
    Hash256 link_key{};
    for (std::size_t i = 0; i < link_key.size(); ++i)
        link_key[i] = static_cast<std::uint8_t>(i);
    CHECK(hex(keys.unread(132012, keys.person(RecordType::subsidies, link_key), 7)) ==
          "3b1201964072900044936fa9e6dd955e");
    CHECK(keys.idempotency(132012, "key-1") == "rY_Ii_LwUwM7Z6X8yRgnXYe1ve1vSIwMNPfl6YBAOkc");
    CHECK(to_hex(keys.body(Hash256{})) ==
          "b9760a90dae7596956388cfc08a6310270bd4288239146c007471d57abd1de8b");
}
