#include "gateway/support/toml_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/support/text.h"

namespace shikaku {

const toml::node* TomlReader::node(std::string_view key) {
    known_.emplace(key);
    return table_ == nullptr ? nullptr : table_->get(key);
}

void TomlReader::problem(std::string_view key, std::string_view what) {
    file_.problems.push_back(fmt::format("{} {}: {}", where_, key, what));
}

std::optional<std::string> TomlReader::text(std::string_view key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (const auto* string = value->as_string()) return string->get();
    problem(key, "must be a string");
    return std::nullopt;
}

std::optional<std::string> TomlReader::required_text(std::string_view key) {
    const bool absent = node(key) == nullptr;
    auto value = text(key);
    if (absent) problem(key, "is missing");
    return value;
}

std::filesystem::path TomlReader::resolve(const std::string& text) const {
    if (text.empty()) return {};
    const std::filesystem::path given(text);
    return given.is_absolute() ? given : file_.folder / given;
}

std::filesystem::path TomlReader::path(std::string_view key) {
    return resolve(text(key).value_or(""));
}

std::filesystem::path TomlReader::required_path(std::string_view key) {
    return resolve(required_text(key).value_or(""));
}

std::optional<std::int64_t> TomlReader::integer(std::string_view key, std::int64_t min,
                                                std::int64_t max) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    const auto* number = value->as_integer();
    if (number == nullptr || number->get() < min || number->get() > max) {
        problem(key, fmt::format("must be a whole number from {} to {}", min, max));
        return std::nullopt;
    }
    return number->get();
}

std::optional<bool> TomlReader::boolean(std::string_view key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (const auto* boolean = value->as_boolean()) return boolean->get();
    problem(key, "must be true or false");
    return std::nullopt;
}

std::vector<std::string> TomlReader::texts(std::string_view key) {
    std::vector<std::string> out;
    const toml::node* value = node(key);
    if (value == nullptr) return out;
    const auto* array = value->as_array();
    if (array == nullptr ||
        !std::ranges::all_of(*array, [](const toml::node& item) { return item.is_string(); })) {
        problem(key, "must be a list of strings");
        return out;
    }
    for (const toml::node& item : *array)
        out.push_back(item.as_string()->get());
    return out;
}

const toml::table* TomlReader::table(std::string_view key) {
    const toml::node* value = node(key);
    if (value == nullptr) return nullptr;
    if (!value->is_table()) problem(key, fmt::format("must be a table, [{}]", key));
    return value->as_table();
}

const toml::array* TomlReader::tables(std::string_view key) {
    const toml::node* value = node(key);
    if (value == nullptr) return nullptr;
    const auto* array = value->as_array();
    if (array == nullptr ||
        !std::ranges::all_of(*array, [](const toml::node& item) { return item.is_table(); })) {
        problem(key, fmt::format("must be tables, [[{}]]", key));
        return nullptr;
    }
    return array;
}

void TomlReader::refuse_unknown() {
    if (table_ == nullptr) return;
    for (const auto& [key, value] : *table_) {
        if (known_.contains(key.str())) continue;
        const auto nearest = std::ranges::min_element(known_, {}, [&key](const std::string& known) {
            return edit_distance(key.str(), known);
        });
        problem(key.str(), nearest == known_.end()
                               ? std::string("unknown key")
                               : fmt::format("unknown key; did you mean \"{}\"?", *nearest));
    }
}

}  // namespace shikaku
