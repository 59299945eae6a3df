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

}  // namespace shikaku
