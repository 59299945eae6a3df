#include "gateway/domain/entitlement.h"

#include <catch2/catch.hpp>

using namespace shikaku;
using namespace shikaku::domain;

namespace {

domain::Entitlement full_one() {
    domain::Entitlement e;
    e.history_key = "履歴-1";
    e.certificate_type_id = "kodomo";
    e.scheme_id = "maru-ko";
    e.payer_number = domain::PayerNumber::parse("88131248");
    e.recipient_number = "1234566";
    e.certificate_name = "マル子医療証";
    e.segment = "A";
    e.income_segment = "I2";
    e.additional_conditions = {"01-02", "03-04"};
    e.designated_institutions = {*domain::InstitutionCode::parse("1312012342")};
    e.always_reimbursement = true;
    e.cap_monthly_yen = 0;
    e.valid_from = *domain::Date::parse_iso("2026-04-01");
    e.valid_to = *domain::Date::parse_iso("2027-03-31");
    e.not_disclosed = true;
    e.birth_date = domain::Date::parse_iso("1950-01-01");
    return e;
}

Bytes encoded(const domain::Entitlement& e) {
    Bytes bytes;
    encode_entitlement(e, bytes);
    return bytes;
}

}  // namespace

TEST_CASE("an entitlement comes back as it went in") {
    const domain::Entitlement full = full_one();
    CHECK(decode_entitlement(encoded(full)) == full);
    domain::Entitlement bare;
    bare.valid_from = *domain::Date::parse_iso("1868-01-25");
    bare.valid_to = *domain::Date::parse_iso("9999-12-31");
    CHECK(decode_entitlement(encoded(bare)) == bare);
    CHECK(encoded(bare).size() == 26);
}

// Written by the first program that had this form: a database keeps such rows for years.
TEST_CASE("rows that were written before are read, and written in the same bytes") {
    domain::Entitlement partly;
    partly.history_key = "k";
    partly.certificate_type_id = "t";
    partly.scheme_id = "s";
    partly.valid_from = *domain::Date::parse_iso("2026-04-01");
    partly.valid_to = *domain::Date::parse_iso("2027-03-31");
    partly.birth_date = domain::Date::parse_iso("1868-01-25");
    struct Old {
        domain::Entitlement row;
        std::string_view bytes;
    };
    const Old rows[] = {
        {full_one(),
         "011f00005040000051ac383831333132343800000000ffffe377"
         "0008e5b1a5e6adb42d3100066b6f646f6d6f00076d6172752d6b6f000731323334353636"
         "0012e3839ee383abe5ad90e58cbbe79982e8a8bc00014100024932"
         "02000530312d3032000530332d30340131333132303132333432"},
        {partly, "010400005040000051acffff6e9100016b00017400017300000000000000000000"},
    };
    for (const Old& one : rows) {
        CHECK(to_hex(encoded(one.row)) == one.bytes);
        CHECK(decode_entitlement(*from_hex(one.bytes)) == one.row);
    }
}

TEST_CASE("each member changes the bytes") {
    const Bytes before = encoded(full_one());
    const auto changed = [&before](auto change) {
        domain::Entitlement e = full_one();
        change(e);
        CHECK(encoded(e) != before);
        CHECK(decode_entitlement(encoded(e)) == e);
    };
    changed([](auto& e) { e.history_key += "x"; });
    changed([](auto& e) { e.certificate_type_id = ""; });
    changed([](auto& e) { e.scheme_id = "x"; });
    changed([](auto& e) { e.payer_number.reset(); });
    changed([](auto& e) { std::swap(e.segment, e.income_segment); });
    changed([](auto& e) { e.certificate_name = ""; });
    changed([](auto& e) { e.recipient_number = "x"; });
    changed([](auto& e) { e.additional_conditions.pop_back(); });
    changed([](auto& e) { e.designated_institutions.clear(); });
    changed([](auto& e) { e.always_reimbursement = false; });
    changed([](auto& e) { e.cap_monthly_yen.reset(); });
    changed([](auto& e) { e.valid_from = e.valid_from.plus_days(1); });
    changed([](auto& e) { e.valid_to = e.valid_to.plus_days(1); });
    changed([](auto& e) { e.not_disclosed = false; });
    changed([](auto& e) { e.birth_date.reset(); });
}

TEST_CASE("bytes cut anywhere, too long, or of another kind are corrupt") {
    const Bytes good = encoded(full_one());
    for (std::size_t size = 0; size < good.size(); ++size) {
        const auto cut = decode_entitlement(BytesView(good).first(size));
        REQUIRE_FALSE(cut);
        CHECK(cut.error().code == ErrorCode::corrupt);
    }
    Bytes longer = good;
    longer.push_back(0);
    CHECK_FALSE(decode_entitlement(longer));
    Bytes version = good;
    version[0] = 2;
    CHECK_FALSE(decode_entitlement(version));
    Bytes flags = good;
    flags[1] |= 0x80;
    CHECK_FALSE(decode_entitlement(flags));
    Bytes payer = good;
    payer[10] = 'x';
    CHECK_FALSE(decode_entitlement(payer));
}
