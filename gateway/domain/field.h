// A kind of record as data: a table with one row for each field, which says all that is particular
// about it. What is done with the rows: field_text.h (values as text), field_json.h (compact JSON),
// field_bytes.h (bytes).
//
// On disk: numbers and compact names. They never change and are never another field's; a new field
// is a new row at the end.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/fiscal_year.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/names.h"

namespace shikaku::domain {

enum class Form : std::uint8_t {
    text,          // at most `max` characters
    pack_entry,    // a text: the id of an entry of the authority's pack
    link_key,      // base64url of 32 bytes
    flag,          // 0 or 1
    yen,           // a whole number, at most `max`
    date,          // as Date::parse_any reads it
    payer_number,  // 8 digits
    conditions,    // at most `max` codes of bounds::kConditionMax characters, semicolons between
    institutions,  // at most `max` institution codes, the same
    fiscal_year,   // as FiscalYear::parse_any reads it
    yes_no,        // 0 or 1, and absent means that it is not known
    items,         // at most `max` of code:value or code:value:judgement, semicolons between
};
enum class Need : std::uint8_t { optional, required };

// Where the value is kept; nowhere: it is about the row, and no part of the record.
template <class Record>
using Member =
    std::variant<std::monostate, std::string Record::*, bool Record::*,
                 std::optional<int> Record::*, Date Record::*, std::optional<Date> Record::*,
                 std::optional<PayerNumber> Record::*, std::optional<FiscalYear> Record::*,
                 std::vector<std::string> Record::*, std::vector<InstitutionCode> Record::*>;

template <class Record>
struct Field {
    std::uint8_t number;                       // on disk; the place in the table
    std::string_view name;                     // of the column, in NDJSON and in configurations
    std::array<std::string_view, 2> japanese;  // in header lines
    std::string_view wire;  // in adapters' JSON, by default: a path; empty: not in a record there
    std::string_view compact;  // in log details and the cache, on disk; empty: not kept
    Form form;
    std::size_t max;
    Need need;  // of a published row
    Member<Record> member;
};
template <class Record>
using Fields = std::span<const Field<Record>>;

// For a static_assert: what is filled in a row is a bit each in 32; the byte form keeps a text's
// bytes, four of a character at most, in 16 bits, a list's items in 8.
template <class Record>
consteval bool fit_their_forms(Fields<Record> fields) {
    using enum Form;
    return in_order(fields, &Field<Record>::number) && fields.size() <= 32 &&
           std::ranges::all_of(fields, [](const Field<Record>& field) {
               const bool list =
                   field.form == conditions || field.form == institutions || field.form == items;
               const bool text = field.form == Form::text || field.form == pack_entry;
               return field.max <= (list ? 0xFF : text ? 0xFFFF / 4 : std::size_t{0x7FFF'FFFF});
           });
}

// use(pointer to the member), unless the value is kept nowhere.
template <class Record, class Use>
constexpr void with_member(const Field<Record>& field, Use use) {
    std::visit(
        [&use](auto member) {
            if constexpr (!std::is_same_v<decltype(member), std::monostate>) use(member);
        },
        field.member);
}

template <class Value>
bool says_something(const Value& value) {
    if constexpr (std::is_same_v<Value, Date>)
        return true;
    else if constexpr (std::is_same_v<Value, bool>)
        return value;
    else if constexpr (requires { value.has_value(); })
        return value.has_value();
    else
        return !value.empty();
}

template <class Record>
bool says_something(const Field<Record>& field, const Record& record) {
    bool says = false;
    with_member(field, [&](auto member) { says = says_something(record.*member); });
    return says;
}

// Field by field, in the table's order.
template <class Record>
std::strong_ordering compare(Fields<Record> fields, const Record& a, const Record& b) {
    auto order = std::strong_ordering::equal;
    for (const Field<Record>& field : fields) {
        with_member(field, [&](auto member) { order = a.*member <=> b.*member; });
        if (order != 0) break;
    }
    return order;
}

}  // namespace shikaku::domain
