#include "gateway/domain/field_text.h"

#include <algorithm>
#include <charconv>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

using enum ValueFault;

bool is_code(std::string_view item) {
    return std::ranges::all_of(item, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.';
    });
}

// Items between semicolons; empty ones (a last semicolon) are skipped.
template <class Take>
Fault each_item(std::string_view text, Take take) {
    for (const std::string_view part : split(text, ';')) {
        const std::string_view item = trim_wide(part);
        if (item.empty()) continue;
        if (const Fault fault = take(item)) return fault;
    }
    return std::nullopt;
}

}  // namespace

Fault read_text(std::string_view text, std::size_t max, std::string& out) {
    if (utf8_length(text) > max) return too_long;
    out = text;
    return std::nullopt;
}

Fault read_text(std::string_view text, std::size_t, bool& out) {
    out = text == "1";
    return out || text == "0" ? Fault() : bad_flag;
}

Fault read_text(std::string_view text, std::size_t max, std::optional<int>& out) {
    int yen = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), yen);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (!whole || !is_digits(text) || static_cast<std::size_t>(yen) > max) return bad_yen;
    out = yen;
    return std::nullopt;
}

Fault read_text(std::string_view text, std::size_t max, Date& out) {
    std::optional<Date> date;
    if (const Fault fault = read_text(text, max, date)) return fault;
    out = *date;
    return std::nullopt;
}

Fault read_text(std::string_view text, std::size_t, std::optional<Date>& out) {
    out = Date::parse_any(text);
    return out ? Fault() : bad_date;
}

Fault read_text(std::string_view text, std::size_t, std::optional<PayerNumber>& out) {
    out = PayerNumber::parse(text);
    return out ? Fault() : bad_payer_number;
}

Fault read_text(std::string_view text, std::size_t max, std::vector<std::string>& out) {
    return each_item(text, [&](std::string_view item) -> Fault {
        if (out.size() >= max) return too_many_conditions;
        if (item.size() > bounds::kConditionMax) return long_condition;
        if (!is_code(item)) return bad_condition;
        out.emplace_back(item);
        return std::nullopt;
    });
}

Fault read_text(std::string_view text, std::size_t max, std::vector<InstitutionCode>& out) {
    return each_item(text, [&](std::string_view item) -> Fault {
        if (out.size() >= max) return too_many_institutions;
        const auto code = InstitutionCode::parse(item);
        if (!code) return bad_institution;
        out.push_back(*code);
        return std::nullopt;
    });
}

Fault read_text(std::string_view text, std::size_t, std::optional<FiscalYear>& out) {
    out = FiscalYear::parse_any(text);
    return out ? Fault() : bad_fiscal_year;
}

Fault read_yes_no(std::string_view text, std::optional<int>& out) {
    if (text != "0" && text != "1") return bad_flag;
    out = text == "1" ? 1 : 0;
    return std::nullopt;
}

std::optional<ItemText> split_item(std::string_view item) {
    const std::size_t first = item.find(':');
    if (first == std::string_view::npos) return std::nullopt;
    ItemText parts{
        .code = trim_wide(item.substr(0, first)), .value = item.substr(first + 1), .judgement = {}};
    if (const std::size_t second = parts.value.find(':'); second != std::string_view::npos) {
        parts.judgement = trim_wide(parts.value.substr(second + 1));
        parts.value = parts.value.substr(0, second);
        if (parts.judgement.empty()) return std::nullopt;
    }
    parts.value = trim_wide(parts.value);
    const auto is_name = [](std::string_view code) {
        return code.size() <= bounds::kItemCodeMax && is_code(code);
    };
    const bool good = !parts.code.empty() && is_name(parts.code) && !parts.value.empty() &&
                      utf8_length(parts.value) <= bounds::kItemValueMax && is_name(parts.judgement);
    return good ? std::optional(parts) : std::nullopt;
}

Fault read_items(std::string_view text, std::size_t max, std::vector<std::string>& out) {
    return each_item(text, [&](std::string_view item) -> Fault {
        if (out.size() >= max) return too_many_conditions;
        const auto parts = split_item(item);
        if (!parts) return bad_item;
        const bool twice = std::ranges::any_of(
            out, [&](const std::string& other) { return split_item(other)->code == parts->code; });
        if (twice) return bad_item;
        std::string plain(parts->code);
        plain.append(":").append(parts->value);
        if (!parts->judgement.empty()) plain.append(":").append(parts->judgement);
        out.push_back(std::move(plain));
        return std::nullopt;
    });
}

std::optional<std::string_view> text_of(Form form, const Json& value, std::string& held) {
    if (const auto* text = value.get_ptr<const std::string*>()) return *text;
    if (value.is_boolean() && (form == Form::flag || form == Form::yes_no))
        return value.get<bool>() ? "1" : "0";
    if (value.is_number_integer() && (form == Form::yen || form == Form::fiscal_year))
        return held = value.dump();
    const bool is_list =
        form == Form::conditions || form == Form::institutions || form == Form::items;
    if (!value.is_array() || !is_list) return std::nullopt;
    held.clear();
    for (const Json& item : value) {
        const auto* text = item.get_ptr<const std::string*>();
        if (text == nullptr) return std::nullopt;
        if (!held.empty()) held += ';';
        held += *text;
    }
    return held;
}

}  // namespace shikaku::domain
