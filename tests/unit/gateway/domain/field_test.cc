// The machinery by a kind of its own, before and after it got two more fields.
#include "gateway/domain/field.h"

#include <catch2/catch.hpp>

#include "gateway/domain/field_bytes.h"
#include "gateway/domain/field_json.h"
#include "gateway/domain/field_text.h"

namespace shikaku::domain {
namespace {

struct Visit {
    std::string key;
    Date from;
    std::optional<int> fee;
    bool first = false;
    std::vector<std::string> codes;  // new
    bool paid = false;               // new
    bool operator==(const Visit&) const = default;
};

using VisitField = Field<Visit>;
constexpr auto kVisit = std::to_array<VisitField>({
    {0, "key", {"キー"}, "key", "k", Form::text, 5, Need::required, &Visit::key},
    {1, "from", {"日"}, "day", "f", Form::date, 0, Need::required, &Visit::from},
    {2, "fee", {"料金"}, "fee", "y", Form::yen, 500, Need::optional, &Visit::fee},
    {3, "first", {"初"}, "first", "i", Form::flag, 0, Need::optional, &Visit::first},
    {4, "codes", {"コード"}, "codes", "c", Form::conditions, 2, Need::optional, &Visit::codes},
    {5, "paid", {"済"}, "paid", "p", Form::flag, 0, Need::optional, &Visit::paid},
});
constexpr Fields<Visit> kNow = kVisit;
constexpr Fields<Visit> kBefore = kNow.first(4);
constexpr std::size_t kFirst = 4;

Visit old_visit() {
    Visit visit;
    visit.key = "k1";
    visit.from = *Date::parse_iso("2026-04-01");
    visit.fee = 200;
    return visit;
}
Visit new_visit() {
    Visit visit = old_visit();
    visit.codes = {"a", "b-1"};
    visit.paid = true;
    return visit;
}

Bytes encoded(Fields<Visit> fields, const Visit& visit) {
    Bytes bytes;
    encode(fields, kFirst, visit, bytes);
    return bytes;
}
std::optional<Visit> decoded(Fields<Visit> fields, BytesView bytes) {
    Visit visit;
    if (!decode(fields, kFirst, bytes, visit)) return std::nullopt;
    return visit;
}

std::string written(Fields<Visit> fields, const Visit& visit) {
    std::string text;
    JsonWriter out(text);
    out.begin_object();
    write_fields(out, fields, visit);
    out.end_object();
    return text;
}
std::optional<Visit> read_back(Fields<Visit> fields, std::string_view text) {
    const Json json = *parse_json(text);
    Visit visit;
    std::size_t next = 0;
    std::uint32_t seen = 0;
    for (const auto& [name, value] : json.items())
        if (!read_field(fields, name, value, visit, next, seen)) return std::nullopt;
    return visit;
}

}  // namespace

TEST_CASE("a row of before new fields has the same bytes, and is read as it was") {
    const Bytes before = encoded(kBefore, old_visit());
    CHECK(to_hex(before) == "010100005040000000c800026b31");
    CHECK(encoded(kNow, old_visit()) == before);
    CHECK(decoded(kNow, before) == old_visit());
    CHECK(written(kBefore, old_visit()) == R"({"k":"k1","f":"2026-04-01","y":200})");
    CHECK(written(kNow, old_visit()) == written(kBefore, old_visit()));
    CHECK(read_back(kNow, written(kBefore, old_visit())) == old_visit());
}

TEST_CASE("what new fields say follows with their numbers; a program of before refuses it") {
    const Bytes now = encoded(kNow, new_visit());
    CHECK(to_hex(now) ==
          "010100005040000000c800026b31"
          "0402000161"
          "0003622d31"
          "05");
    CHECK(decoded(kNow, now) == new_visit());
    CHECK_FALSE(decoded(kBefore, now));
    CHECK(written(kNow, new_visit()) ==
          R"({"k":"k1","f":"2026-04-01","y":200,"c":["a","b-1"],"p":true})");
    CHECK(read_back(kNow, written(kNow, new_visit())) == new_visit());
    CHECK_FALSE(read_back(kBefore, written(kNow, new_visit())));
    Visit paid = old_visit();
    paid.paid = true;
    CHECK(decoded(kNow, encoded(kNow, paid)) == paid);
}

TEST_CASE("bytes that no row has are refused: new fields twice, backwards, empty, unknown or cut") {
    const std::string row = "010100005040000000c800026b31";
    CHECK(decoded(kNow, *from_hex(row + "05")));
    for (const char* const more :
         {"0505", "050401000161", "0400", "00", "03", "06", "ff", "04", "0402000161",
          "040100026"
          "1"}) {
        CAPTURE(more);
        CHECK_FALSE(decoded(kNow, *from_hex(row + more)));
    }
}

TEST_CASE("each form is read from its text, within its bound") {
    const auto read = [](std::string_view name, std::string_view text) {
        const auto field = std::ranges::find(kVisit, name, &VisitField::name);
        Visit visit;
        return read_text(*field, text, visit);
    };
    CHECK_FALSE(read("key", "あいうえお"));
    CHECK(read("key", "123456") == ValueFault::too_long);
    CHECK_FALSE(read("from", "R8.4.1"));
    CHECK(read("from", "R8.4.31") == ValueFault::bad_date);
    CHECK_FALSE(read("fee", "500"));
    for (const char* const bad : {"501", "-1", "5.0", "+5", "5 ", "", "99999999999999999999"})
        CHECK(read("fee", bad) == ValueFault::bad_yen);
    CHECK_FALSE(read("first", "1"));
    CHECK(read("first", "yes") == ValueFault::bad_flag);
    CHECK_FALSE(read("codes", " a ;;　b-1　;"));
    CHECK(read("codes", "a;b;c") == ValueFault::too_many_conditions);
    CHECK(read("codes", "a b") == ValueFault::bad_condition);
    CHECK(read("codes", std::string(51, 'x')) == ValueFault::long_condition);
}

TEST_CASE("a JSON value is taken in the types of its form alone") {
    std::string held;
    CHECK(text_of(Form::flag, true, held) == "1");
    CHECK(text_of(Form::flag, false, held) == "0");
    CHECK(text_of(Form::yen, 5000, held) == "5000");
    CHECK(text_of(Form::date, "2026-04-01", held) == "2026-04-01");
    CHECK(text_of(Form::conditions, Json::array({"a", "b"}), held) == "a;b");
    CHECK(text_of(Form::institutions, Json::array(), held) == "");
    CHECK_FALSE(text_of(Form::text, true, held));
    CHECK_FALSE(text_of(Form::flag, 1, held));
    CHECK_FALSE(text_of(Form::yen, 1.5, held));
    CHECK_FALSE(text_of(Form::text, Json::array({"a"}), held));
    CHECK_FALSE(text_of(Form::conditions, Json::array({1}), held));
    CHECK_FALSE(text_of(Form::payer_number, 88131248, held));
    CHECK_FALSE(text_of(Form::text, Json::object(), held));
}

TEST_CASE("records are compared field by field, in the table's order") {
    Visit later = old_visit();
    later.paid = true;
    CHECK((compare(kNow, old_visit(), old_visit()) == 0));
    CHECK((compare(kNow, old_visit(), later) < 0));
    CHECK((compare(kBefore, old_visit(), later) == 0));
    later.key = "a";
    CHECK((compare(kNow, old_visit(), later) > 0));
}

}  // namespace shikaku::domain
