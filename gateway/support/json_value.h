// One JSON value as a value of ours: true or false, whole numbers, texts, what a text stands for
// (Value::parse or Value::parse_iso), times as milliseconds since 1970, and lists of these.
//
// take() is false, and leaves a scalar `out` alone, when the value has another type or is out of
// range.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/support/clock.h"
#include "gateway/support/json.h"

namespace shikaku {

template <class Value>
concept WholeNumber = std::integral<Value> && !std::same_as<Value, bool>;

template <WholeNumber Value>
[[nodiscard]] bool take(const Json& json, std::optional<Value>& out) {
    if (const auto* whole = json.get_ptr<const Json::number_unsigned_t*>()) {
        if (std::in_range<Value>(*whole)) out = static_cast<Value>(*whole);
    } else if (const auto* below = json.get_ptr<const Json::number_integer_t*>()) {
        if (std::in_range<Value>(*below)) out = static_cast<Value>(*below);
    }
    return out.has_value();
}

[[nodiscard]] inline bool take(const Json& json, std::optional<Instant>& out) {
    std::optional<std::int64_t> milliseconds;
    if (take(json, milliseconds)) out = Instant(std::chrono::milliseconds(*milliseconds));
    return out.has_value();
}

template <class Value>
[[nodiscard]] bool take(const Json& json, std::optional<Value>& out) {
    if constexpr (std::same_as<Value, bool>) {
        if (json.is_boolean()) out = json.get<bool>();
    } else if (const auto* text = json.get_ptr<const std::string*>()) {
        if constexpr (std::same_as<Value, std::string>)
            out = *text;
        else if constexpr (requires { Value::parse_iso(*text); })
            out = Value::parse_iso(*text);
        else
            out = Value::parse(*text);
    }
    return out.has_value();
}

template <class Value>
[[nodiscard]] bool take(const Json& json, Value& out) {
    std::optional<Value> value;
    if (take(json, value)) out = std::move(*value);
    return value.has_value();
}

template <class Item>
[[nodiscard]] bool take(const Json& json, std::vector<Item>& out) {
    return json.is_array() && std::ranges::all_of(json, [&out](const Json& value) {
               std::optional<Item> item;
               if (take(value, item)) out.push_back(std::move(*item));
               return item.has_value();
           });
}

}  // namespace shikaku
