// Values of fields as text: how columns, NDJSON members and adapters' records are read and checked.
// Texts come without spaces around them and are not empty; that is for the caller to settle, as
// are characters and whether a scheme is known.
#pragma once

#include "gateway/domain/field.h"
#include "gateway/support/json.h"

namespace shikaku::domain {

enum class ValueFault : std::uint8_t {
    too_long,
    bad_flag,
    bad_yen,
    bad_date,
    bad_payer_number,
    bad_condition,
    long_condition,
    too_many_conditions,
    bad_institution,
    too_many_institutions,
    bad_fiscal_year,
    bad_item,
};
inline constexpr std::size_t kValueFaults = 12;

// What is wrong with the text, of which nothing is kept then but the good items of a list before
// the bad one.
using Fault = std::optional<ValueFault>;
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max, std::string& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max, bool& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max, std::optional<int>& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max, Date& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max, std::optional<Date>& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max,
                              std::optional<PayerNumber>& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max,
                              std::optional<FiscalYear>& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max,
                              std::vector<std::string>& out);
[[nodiscard]] Fault read_text(std::string_view text, std::size_t max,
                              std::vector<InstitutionCode>& out);

// The two forms that share their member's type with another one.
[[nodiscard]] Fault read_yes_no(std::string_view text, std::optional<int>& out);
[[nodiscard]] Fault read_items(std::string_view text, std::size_t max,
                               std::vector<std::string>& out);

template <class Record>
[[nodiscard]] Fault read_text(const Field<Record>& field, std::string_view text, Record& out) {
    Fault fault;
    with_member(field, [&](auto member) {
        auto& value = out.*member;
        using Value = std::remove_reference_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::optional<int>>) {
            if (field.form == Form::yes_no) {
                fault = read_yes_no(text, value);
                return;
            }
        }
        if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
            if (field.form == Form::items) {
                fault = read_items(text, field.max, value);
                return;
            }
        }
        fault = read_text(text, field.max, value);
    });
    return fault;
}

// One item of that form, in its parts.
struct ItemText {
    std::string_view code, value, judgement;
};
[[nodiscard]] std::optional<ItemText> split_item(std::string_view item);

// A JSON value as the text of the same meaning: flags may be booleans, yen whole numbers, lists
// arrays of texts, and anything a text. nullopt: of another type. Lives as long as both.
[[nodiscard]] std::optional<std::string_view> text_of(Form form, const Json& value,
                                                      std::string& held);

}  // namespace shikaku::domain
