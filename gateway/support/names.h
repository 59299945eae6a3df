// A closed set of values that each have a name, as one table of rows {value, name}. Where numbers
// or names are on disk the enum says so, and a test pins them.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace shikaku {

template <class Value>
struct Named {
    Value value;
    std::string_view name;
};

template <class Value, std::size_t kCount>
[[nodiscard]] constexpr std::string_view name_in(const std::array<Named<Value>, kCount>& table,
                                                 Value value) {
    const auto row = std::ranges::find(table, value, &Named<Value>::value);
    return row == table.end() ? std::string_view() : row->name;
}

template <class Value, std::size_t kCount>
[[nodiscard]] constexpr std::optional<Value> value_in(const std::array<Named<Value>, kCount>& table,
                                                      std::string_view name) {
    const auto row = std::ranges::find(table, name, &Named<Value>::name);
    return row == table.end() ? std::nullopt : std::optional(row->value);
}

// For a static_assert: each row stands where its number says.
template <class Table, class Number>
[[nodiscard]] consteval bool in_order(const Table& table, Number number) {
    std::size_t place = 0;
    return std::ranges::all_of(
        table, [&](const auto& row) { return static_cast<std::size_t>(row.*number) == place++; });
}

// Whether a value of an enum has a name. clang writes one that has none as a cast: "(Reason)16".
template <auto kValue>
[[nodiscard]] consteval bool is_enumerator() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_suffix(1);  // the bracket
    return text[text.find_last_not_of("0123456789")] != ')';
}

// For a static_assert: the table has a row for each value of an enum that numbers them from 0, in
// the enum's order.
template <class Row, std::size_t kCount, class Value>
[[nodiscard]] consteval bool lists_all(const std::array<Row, kCount>& table, Value Row::* value) {
    return in_order(table, value) && !is_enumerator<static_cast<Value>(kCount)>();
}

template <class Value, std::size_t kCount>
[[nodiscard]] consteval bool lists_all(const std::array<Named<Value>, kCount>& table) {
    return lists_all(table, &Named<Value>::value);
}

}  // namespace shikaku
