#include "gateway/registry/row_check.h"

#include <algorithm>
#include <bitset>

#include "gateway/domain/field_text.h"
#include "gateway/registry/text_decoder.h"
#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

// One row under examination: reads values, collects remarks.
class Examination {
  public:
    Examination(const RawRow& row, CheckedRow& out) : row_(row), out_(out) {}

    [[nodiscard]] std::string_view value(Column column) const { return trim_wide(row_[column]); }

    void remark(Column column, RowCode code) {
        out_.remarks.push_back({row_.line, column, code});
        if (!is_warning(code)) {
            out_.refused = true;
            faulty_.set(static_cast<std::size_t>(column));
        }
    }
    // It has a value, with which nothing is wrong so far.
    [[nodiscard]] bool is_good(Column column) const {
        return !value(column).empty() && !faulty_.test(static_cast<std::size_t>(column));
    }

  private:
    const RawRow& row_;
    CheckedRow& out_;
    std::bitset<kColumnCount> faulty_;
};

void check_personal_numbers(const RawRow& row, Examination& examination) {
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const auto column = static_cast<Column>(i);
        if (const auto found = personal_number_in(row[column], column))
            examination.remark(column, *found);
    }
}

void check_characters(Examination& examination) {
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const auto column = static_cast<Column>(i);
        if (column == "history_key"_column) continue;  // looked at already
        if (const auto wrong = fault_of_characters(examination.value(column)))
            examination.remark(column, *wrong);
    }
}

std::optional<RowCode> fault_of_history_key(std::string_view key) {
    if (key.empty()) return RowCode::missing_value;
    if (const auto wrong = fault_of_characters(key)) return wrong;
    if (utf8_length(key) > bounds::kHistoryKeyMax) return RowCode::too_long;
    return std::nullopt;
}

void check_history_key(const RawRow& row, Examination& examination, CheckedRow& out) {
    if (const auto wrong = fault_of_history_key(examination.value("history_key"_column)))
        return examination.remark("history_key"_column, *wrong);
    out.history_key = usable_history_key(row);
}

// U+E000-U+F8FF is EE 80 80 - EF A3 BF in UTF-8.
bool has_user_defined(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(text[i + 1]);
        if (lead == 0xEE || (lead == 0xEF && next < 0xA4)) return true;
    }
    return false;
}

// In the order of ValueFault.
constexpr auto kCodes = [] {
    using enum RowCode;
    return std::array{too_long,      bad_flag,         bad_cap,
                      bad_date,      bad_payer_number, bad_condition,
                      too_long,      too_many_items,   bad_institution_code,
                      too_many_items};
}();
static_assert(kCodes.size() == domain::kValueFaults);

bool check_flag(Examination& examination, Column column) {
    bool flag = false;
    const std::string_view text = examination.value(column);
    if (!text.empty() && domain::read_text(text, 0, flag))
        examination.remark(column, RowCode::bad_flag);
    return flag;
}

const domain::Scheme* find_scheme(const domain::SchemePack& pack, std::string_view id) {
    const auto found = std::ranges::find(pack.schemes, id, &domain::Scheme::id);
    return found == pack.schemes.end() ? nullptr : &*found;
}

// One field by itself, as its form says.
void check_field(Examination& examination, const domain::EntitlementField& field,
                 const domain::SchemePack& pack, CheckedRow& out) {
    const Column column{field.number};
    const std::string_view text = examination.value(column);
    if (text.empty()) {
        if (field.need == domain::Need::required)
            examination.remark(column, RowCode::missing_value);
        return;
    }
    if (field.form == domain::Form::link_key) {
        if (const auto key = read_link_key(text)) {
            out.link_key = *key;
        } else {
            examination.remark(column, RowCode::bad_link_key);
        }
        return;
    }
    if (field.form == domain::Form::scheme && find_scheme(pack, text) == nullptr)
        return examination.remark(column, RowCode::unknown_scheme);
    const bool free_text = field.form == domain::Form::text;
    if (free_text && fault_of_characters(text)) return;  // said already
    if (const auto fault = read_text(field, text, out.entitlement))
        return examination.remark(column, kCodes[static_cast<std::size_t>(*fault)]);
    if (free_text && has_user_defined(text))
        examination.remark(column, RowCode::unmapped_character);
}

void check_payer(Examination& examination, const domain::SchemePack& pack,
                 const domain::Entitlement& row) {
    if (!row.payer_number) return;
    if (!row.payer_number->check_digit_ok())
        examination.remark("payer_number"_column, RowCode::payer_check_digit);
    const domain::Scheme* const scheme = find_scheme(pack, row.scheme_id);
    if (scheme == nullptr || scheme->payer_numbers.empty()) return;
    if (std::ranges::find(scheme->payer_numbers, *row.payer_number) == scheme->payer_numbers.end())
        examination.remark("payer_number"_column, RowCode::payer_not_in_scheme);
}

void check_period(Examination& examination, const domain::Entitlement& row) {
    if (!examination.is_good("valid_to"_column)) return;
    const bool ordered = row.valid_from <= row.valid_to;
    if (examination.is_good("valid_from"_column) && !ordered)
        examination.remark("valid_to"_column, RowCode::bad_period);
    if (row.birth_date && *row.birth_date > row.valid_to)
        examination.remark("birth_date"_column, RowCode::bad_birth_date);
}

// Nothing but perhaps its keys: what shikaku-publish sends in the place of a row it keeps.
bool says_nothing(const RawRow& row) {
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const auto column = static_cast<Column>(i);
        const bool key =
            column == "history_key"_column || (column == "link_key"_column && usable_link_key(row));
        if (!key && !trim_wide(row.values[i]).empty()) return false;
    }
    return true;
}

}  // namespace

std::optional<RowCode> fault_of_characters(std::string_view value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto byte = static_cast<unsigned char>(value[i]);
        if (byte < 0x20 || byte == 0x7F) return RowCode::control_character;
        if (byte < 0x80) continue;
        if (value[i] == kUndecodable) return RowCode::undecodable;
        constexpr std::string_view kLeads = "\xC2\xD8\xE1\xE2\xEF\xF3";
        if (!kLeads.contains(value[i])) continue;
        const std::string_view rest = value.substr(i, 4);
        if (rest.starts_with("\uFFFD")) return RowCode::undecodable;  // lost before it came here
        if (rest >= "\u0080" && rest < "\u00A0") return RowCode::control_character;
        const bool hidden =
            rest.starts_with("\u00AD") || rest.starts_with("\u061C") ||  // soft hyphen, direction
            rest.starts_with("\u180E") || (rest >= "\u200B" && rest < "\u2010") ||
            (rest >= "\u2028" && rest < "\u202F") ||  // line ends, direction
            (rest >= "\u2060" && rest < "\u2070") || rest.starts_with("\uFEFF") ||
            (rest >= "\uFFF9" && rest < "\uFFFC") || rest.starts_with("\uFFFE") ||
            rest.starts_with("\uFFFF") || (rest >= "\U000E0000" && rest < "\U000E0080");  // tags
        if (hidden) return RowCode::hidden_character;
    }
    return std::nullopt;
}

std::optional<RowCode> personal_number_in(std::string_view value, Column column) {
    switch (domain::find_personal_number(value)) {
        case domain::PersonalNumberTrace::none:
            return std::nullopt;
        case domain::PersonalNumberTrace::written:
            return RowCode::personal_number;
        case domain::PersonalNumberTrace::shortened:
            return RowCode::shortened_personal_number;
        case domain::PersonalNumberTrace::zero_lost:
            return column == "history_key"_column ? std::nullopt
                                                  : std::optional(RowCode::personal_number);
    }
    return std::nullopt;
}

std::string_view usable_history_key(const RawRow& row) {
    const std::string_view key = trim_wide(row["history_key"_column]);
    if (fault_of_history_key(key) || personal_number_in(key, "history_key"_column)) return {};
    return key;
}

std::optional<Hash256> read_link_key(std::string_view text) {
    text = trim_wide(text);
    std::array<std::uint8_t, 48> decoded{};
    const auto size = text.size() == 43 ? from_base64url(text, decoded) : std::nullopt;
    Hash256 key{};
    if (!size || *size != key.size()) return std::nullopt;
    std::copy_n(decoded.begin(), key.size(), key.begin());
    return key;
}

std::optional<Hash256> usable_link_key(const RawRow& row) {
    return read_link_key(row["link_key"_column]);
}

CheckedRow RowChecker::check(const RawRow& row) const {
    CheckedRow out;
    Examination examination(row, out);
    const bool nothing = says_nothing(row);
    if (nothing && examination.value("history_key"_column).empty() && !usable_link_key(row)) {
        examination.remark("history_key"_column, RowCode::empty_row);
        return out;
    }
    check_personal_numbers(row, examination);
    check_history_key(row, examination, out);
    out.deleted = check_flag(examination, "deleted"_column);
    if (out.deleted) return out;  // what else such a row says does not matter
    if (nothing && (!out.history_key.empty() || usable_link_key(row))) {
        examination.remark("link_key"_column, RowCode::kept_back);
        return out;
    }

    check_characters(examination);
    out.entitlement.history_key = out.history_key;
    for (const domain::EntitlementField& field : domain::kEntitlementFields) {
        const Column column{field.number};
        if (column == "history_key"_column || column == "deleted"_column) continue;  // done
        check_field(examination, field, pack_, out);
    }
    check_payer(examination, pack_, out.entitlement);
    check_period(examination, out.entitlement);
    return out;
}

}  // namespace shikaku::registry
