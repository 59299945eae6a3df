// What stands in registry.db and in the log: pinned, because rows and entries outlive programs.
#include "gateway/kinds/checkup/checkup_fields.h"
#include "tests/unit/gateway/kinds/checkup/checkups.h"

using namespace checkup_test;
using namespace shikaku::checkup;

namespace {

Checkup whole() {
    return {.history_key = "K-1",
            .checkup_id = "lung",
            .fiscal_year = domain::FiscalYear::parse("2026"),
            .invited_from = domain::Date::parse_iso("2026-06-01"),
            .invited_to = domain::Date::parse_iso("2027-02-28"),
            .ticket_number = "T-1",
            .own_payment_yen = 500,
            .examined_on = domain::Date::parse_iso("2026-07-01"),
            .institution = {*domain::InstitutionCode::parse("1312012342")},
            .institution_name = "保健センター",
            .items = {"xray:E1", "packs:400:H"},
            .judgement = "recall",
            .detailed_exam = 0,
            .detailed_on = domain::Date::parse_iso("2026-08-01"),
            .detailed_outcome = "none",
            .changed_at = Instant(std::chrono::milliseconds(1'795'132'800'000))};
}

Bytes bytes_of(const Checkup& checkup) {
    Bytes out;
    encode_checkup(checkup, out);
    return out;
}

std::string json_of(const Checkup& checkup) {
    std::string out;
    JsonWriter json(out);
    write_checkup(json, checkup);
    return out;
}

}  // namespace

TEST_CASE("the bytes of a checkup never change") {
    CHECK(to_hex(bytes_of({.history_key = "K",
                           .checkup_id = "c",
                           .fiscal_year = domain::FiscalYear::parse("2026"),
                           .examined_on = domain::Date::parse_iso("1970-01-02"),
                           .detailed_exam = 0})) ==
          "0100"          // version, no flags
          "0000014b"      // history_key
          "02000163"      // checkup_id
          "0332303236"    // fiscal_year
          "0800000001"    // examined_on
          "0d00000000");  // detailed_exam: 0, which is not the same as absent
}

TEST_CASE("a checkup comes back from its bytes and from its JSON") {
    Checkup timeless = whole();
    timeless.changed_at = {};
    const auto decoded = decode_checkup(bytes_of(whole()));
    REQUIRE(decoded);
    CHECK(*decoded == timeless);
    const auto read = read_checkup(*parse_json(json_of(whole())));
    REQUIRE(read);
    CHECK(*read == whole());
    CHECK(json_of(whole()) ==
          R"({"hk":"K-1","c":"lung","y":"2026","f":"2026-06-01","t":"2027-02-28","tn":"T-1",)"
          R"("op":500,"on":"2026-07-01","ic":["1312012342"],"in":"保健センター",)"
          R"("i":["xray:E1","packs:400:H"],"j":"recall","de":0,"do":"2026-08-01","dr":"none",)"
          R"("ch":1795132800000})");
}

TEST_CASE("bytes that are no checkup are corrupt, cut anywhere") {
    const Bytes whole_row = bytes_of(whole());
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole_row.size(); ++size)
        refused += decode_checkup(BytesView(whole_row).first(size)) ? 0 : 1;
    // Cut between two fields it is a checkup with fewer of them.
    CHECK(refused > whole_row.size() * 4 / 5);
    for (const std::string_view bad :
         {"", "0100", "0200", "01010000014b", "010003323032360200016300"})
        CHECK_FALSE(decode_checkup(from_hex(bad).value()));
}

TEST_CASE("names, compact names and numbers are each one field's") {
    for (const CheckupField& field : kCheckupFields) {
        for (const CheckupField& other : kCheckupFields.first(field.number)) {
            CHECK(field.name != other.name);
            CHECK((field.compact.empty() || field.compact != other.compact));
        }
        CHECK(field.compact != "ch");
        CHECK(std::holds_alternative<std::monostate>(field.member) == field.compact.empty());
    }
}

TEST_CASE("fiscal years are read as people write them") {
    struct Case {
        std::string_view text, year;
    };
    for (const auto& [text, year] : {Case{"2026", "2026"},
                                     {"2026年度", "2026"},
                                     {"令和8年度", "2026"},
                                     {"令和8年", "2026"},
                                     {"R8", "2026"},
                                     {"R08", "2026"},
                                     {"令和元年度", "2019"},
                                     {"平成31年度", "2019"},
                                     {"H31", "2019"},
                                     {"昭和64年度", ""},
                                     {"1867", ""},
                                     {"3000", ""},
                                     {"8", ""},
                                     {"R", ""},
                                     {"", ""},
                                     {"2026 ", ""},
                                     {"20260401", ""},
                                     {"R8.4.1", ""},
                                     {"令和", ""}}) {
        CAPTURE(text);
        const auto read = domain::FiscalYear::parse_any(text);
        CHECK((read ? read->text() : std::string_view()) == year);
    }
}
