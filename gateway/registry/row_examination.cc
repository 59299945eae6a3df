#include "gateway/registry/row_examination.h"

#include <algorithm>

#include "gateway/registry/text_decoder.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {
namespace {

std::optional<RowCode> fault_of_history_key(std::string_view key) {
    if (key.empty()) return RowCode::missing_value;
    if (const auto wrong = fault_of_characters(key)) return wrong;
    if (utf8_length(key) > bounds::kHistoryKeyMax) return RowCode::too_long;
    return std::nullopt;
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

// In the order of ValueFault; of yen the kind says which.
constexpr auto kCodes = [] {
    using enum RowCode;
    return std::array{too_long,       bad_flag,         bad_cap,
                      bad_date,       bad_payer_number, bad_condition,
                      too_long,       too_many_items,   bad_institution_code,
                      too_many_items, bad_fiscal_year,  bad_item};
}();
static_assert(kCodes.size() == domain::kValueFaults);

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

std::optional<RowCode> personal_number_in(std::string_view value, ValueOf column) {
    switch (domain::find_personal_number(value)) {
        case domain::PersonalNumberTrace::none:
            return std::nullopt;
        case domain::PersonalNumberTrace::written:
            return RowCode::personal_number;
        case domain::PersonalNumberTrace::shortened:
            return RowCode::shortened_personal_number;
        case domain::PersonalNumberTrace::zero_lost:
            return column == ValueOf::history_key ? std::nullopt
                                                  : std::optional(RowCode::personal_number);
    }
    return std::nullopt;
}

std::optional<RowCode> personal_number_in(std::string_view value, const Columns& columns,
                                          Column column) {
    return personal_number_in(
        value, column == columns.history_key() ? ValueOf::history_key : ValueOf::another_column);
}

std::string_view usable_history_key(const Columns& columns, const RawRow& row) {
    const std::string_view key = trim_wide(row[columns.history_key()]);
    if (fault_of_history_key(key) || personal_number_in(key, ValueOf::history_key)) return {};
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

std::optional<Hash256> usable_link_key(const Columns& columns, const RawRow& row) {
    return read_link_key(row[columns.link_key()]);
}

void RowExamination::remark(Column column, RowCode code) {
    out_.remarks.push_back({row_.line, column, code});
    if (!is_warning(code)) {
        out_.refused = true;
        faulty_.set(static_cast<std::size_t>(column));
    }
}

bool RowExamination::begin() {
    const Column history_key = columns_.history_key();
    const bool nothing = says_nothing();
    const auto link_key = usable_link_key(columns_, row_);
    if (nothing && value(history_key).empty() && !link_key) {
        remark(history_key, RowCode::empty_row);
        return false;
    }
    check_personal_numbers();
    check_history_key();
    check_deleted();
    if (out_.deleted) return false;  // what else such a row says does not matter
    if (nothing && (!out_.history_key.empty() || link_key)) {
        remark(columns_.link_key(), RowCode::kept_back);
        return false;
    }
    check_characters();
    return true;
}

// Nothing but perhaps its keys: what shikaku-publish sends in the place of a row it keeps.
bool RowExamination::says_nothing() const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const auto column = static_cast<Column>(i);
        const bool key = column == columns_.history_key() ||
                         (column == columns_.link_key() && usable_link_key(columns_, row_));
        if (!key && !value(column).empty()) return false;
    }
    return true;
}

void RowExamination::check_personal_numbers() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const auto column = static_cast<Column>(i);
        if (const auto found = personal_number_in(row_[column], columns_, column))
            remark(column, *found);
    }
}

void RowExamination::check_characters() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const auto column = static_cast<Column>(i);
        if (column == columns_.history_key()) continue;  // looked at already
        if (const auto wrong = fault_of_characters(value(column))) remark(column, *wrong);
    }
}

void RowExamination::check_history_key() {
    const Column column = columns_.history_key();
    if (const auto wrong = fault_of_history_key(value(column))) return remark(column, *wrong);
    out_.history_key = usable_history_key(columns_, row_);
}

void RowExamination::check_deleted() {
    const std::string_view text = value(columns_.deleted());
    if (!text.empty() && domain::read_text(text, 0, out_.deleted))
        remark(columns_.deleted(), RowCode::bad_flag);
}

// Whether there is a value of which its form is the judge; else it is settled here.
bool RowExamination::may_be_read(Column column, const Rules& rules) {
    const ColumnSpec& spec = columns_[column];
    const std::string_view text = value(column);
    if (text.empty()) {
        if (spec.need == domain::Need::required) remark(column, RowCode::missing_value);
        return false;
    }
    if (spec.form == domain::Form::link_key) {
        const auto key = read_link_key(text);
        if (key) out_.link_key = *key;
        if (!key) remark(column, RowCode::bad_link_key);
        return false;
    }
    if (spec.form == domain::Form::pack_entry && !rules.in_pack(text)) {
        remark(column, rules.not_in_pack);
        return false;
    }
    return spec.form != domain::Form::text || !fault_of_characters(text);  // said already
}

void RowExamination::take(Column column, domain::Fault fault, const Rules& rules) {
    if (fault == domain::ValueFault::bad_yen) return remark(column, rules.bad_yen);
    if (fault) return remark(column, kCodes[static_cast<std::size_t>(*fault)]);
    if (columns_[column].form == domain::Form::text && has_user_defined(value(column)))
        remark(column, RowCode::unmapped_character);
}

}  // namespace shikaku::registry
