#include "gateway/domain/pack_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace shikaku::domain {
namespace {

void append_escaped(std::string& out, std::string_view key) {
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
}

std::optional<std::string> non_empty(std::string_view text) {
    if (text.empty() || text.size() > bounds::kPackTextBytes) return std::nullopt;
    return std::string(text);
}

}  // namespace

std::string Place::pointer() const {
    if (parent_ == nullptr) return {};
    std::string text = parent_->pointer();
    text += '/';
    if (parent_->json_.is_array()) {
        text += std::to_string(index_);
    } else {
        append_escaped(text, key_);
    }
    return text;
}

void Problems::add(const Place& place, std::string ja, std::string en) {
    if (!full()) add_at(place.pointer(), std::move(ja), std::move(en));
}

void Problems::add_at(std::string pointer, std::string ja, std::string en) {
    if (full()) return;
    problems_.push_back(
        {.pointer = std::move(pointer), .text = {.ja = std::move(ja), .en = std::move(en)}});
}

bool Problems::full() const {
    return problems_.size() >= bounds::kPackProblems;
}

ObjectReader::ObjectReader(Problems& problems, const Place& place,
                           std::span<const std::string_view> allowed)
    : problems_(problems), place_(place), object_(place.json().get_ptr<const Json::object_t*>()) {
    if (object_ == nullptr) {
        expected(place, "オブジェクト { }", "an object { }");
        return;
    }
    for (const auto& [key, value] : *object_) {
        if (std::ranges::find(allowed, key) != allowed.end()) continue;
        problems_.add(Place(place, key, value),
                      fmt::format("知らない項目です。使えるのは {} です", fmt::join(allowed, ", ")),
                      fmt::format("unknown key; allowed are {}", fmt::join(allowed, ", ")));
    }
}

const Json* ObjectReader::find(std::string_view key) const {
    if (object_ == nullptr) return nullptr;
    for (const auto& [name, value] : *object_) {
        if (name == key) return &value;
    }
    return nullptr;
}

void ObjectReader::require(std::initializer_list<std::string_view> keys) const {
    if (object_ == nullptr) return;
    for (std::string_view key : keys) {
        if (find(key) == nullptr)
            problems_.add(place_, fmt::format("「{}」がありません", key),
                          fmt::format("\"{}\" is missing", key));
    }
}

void ObjectReader::problem(std::string_view key, std::string ja, std::string en) const {
    const Json* const found = find(key);
    if (found == nullptr) {
        problems_.add(place_, std::move(ja), std::move(en));
    } else {
        problems_.add(Place(place_, key, *found), std::move(ja), std::move(en));
    }
}

void ObjectReader::expected(const Place& place, std::string_view what_ja,
                            std::string_view what_en) const {
    if (problems_.full()) return;
    problems_.add(place, fmt::format("{}である必要があります", what_ja),
                  fmt::format("must be {}", what_en));
}

bool ObjectReader::is_array(std::string_view key, const Json& json, std::size_t items_max) const {
    const Place place(place_, key, json);
    if (!json.is_array()) {
        expected(place, "配列 [ ]", "an array [ ]");
        return false;
    }
    if (json.size() > items_max) {
        expected(place, fmt::format("{}件以下", items_max),
                 fmt::format("at most {} items", items_max));
        return false;
    }
    return true;
}

void ObjectReader::read(std::string_view key, std::string& out) const {
    std::optional<std::string> text;
    read_as(key, text, non_empty, "空でない文字列", "a text that is not empty");
    if (text) out = std::move(*text);
}

void ObjectReader::read(std::string_view key, bool& out) const {
    std::optional<bool> value;
    read(key, value);
    if (value) out = *value;
}

void ObjectReader::read(std::string_view key, std::optional<bool>& out) const {
    const Json* const found = find(key);
    if (found == nullptr) return;
    if (const bool* const value = found->get_ptr<const bool*>()) {
        out = *value;
    } else {
        expected(Place(place_, key, *found), "true または false", "true or false");
    }
}

void ObjectReader::read(std::string_view key, std::optional<int>& out, int min, int max) const {
    const Json* const found = find(key);
    if (found == nullptr) return;
    const bool fits = found->is_number_integer() &&
                      (!found->is_number_unsigned() || found->get<std::uint64_t>() <= INT64_MAX);
    const std::int64_t value = fits ? found->get<std::int64_t>() : std::int64_t{min} - 1;
    if (value < min || value > max) {
        expected(Place(place_, key, *found), fmt::format("{}から{}の整数", min, max),
                 fmt::format("a whole number from {} to {}", min, max));
        return;
    }
    out = static_cast<int>(value);
}

void ObjectReader::read(std::string_view key, std::optional<Date>& out) const {
    read_as(key, out, Date::parse_iso, "実在する日付 YYYY-MM-DD", "a real date, YYYY-MM-DD");
}

void ObjectReader::read(std::string_view key, Localized& out) const {
    const Json* const found = find(key);
    if (found == nullptr) return;
    static constexpr auto kKeys = std::to_array<std::string_view>({"ja", "en"});
    const Place place(place_, key, *found);
    const ObjectReader text(problems_, place, kKeys);
    text.require({"ja", "en"});
    text.read("ja", out.ja);
    text.read("en", out.en);
}

void ObjectReader::read(std::string_view key, std::vector<std::string>& out) const {
    read_as(key, out, non_empty, "空でない文字列", "a text that is not empty");
}

void ObjectReader::read(std::string_view key, std::vector<Localized>& out) const {
    static constexpr auto kKeys = std::to_array<std::string_view>({"ja", "en"});
    for_each(key, [&](const Place& item) {
        const ObjectReader text(problems_, item, kKeys);
        text.require({"ja", "en"});
        Localized& value = out.emplace_back();
        text.read("ja", value.ja);
        text.read("en", value.en);
    });
}

}  // namespace shikaku::domain
