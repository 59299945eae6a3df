#include "gateway/registry/row_check.h"

#include <algorithm>
#include <charconv>

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
        if (!is_warning(code)) out_.refused = true;
    }

    [[nodiscard]] std::string_view required(Column column) {
        const std::string_view text = value(column);
        if (text.empty()) remark(column, RowCode::missing_value);
        return text;
    }

    // Free text: bounded.
    void text(Column column, std::size_t characters_max, std::string& into) {
        const std::string_view given = value(column);
        if (fault_of_characters(given)) return;  // said already
        if (utf8_length(given) > characters_max) return remark(column, RowCode::too_long);
        if (has_user_defined(given)) remark(column, RowCode::unmapped_character);
        into = given;
    }

    [[nodiscard]] bool flag(Column column) {
        const std::string_view given = value(column);
        if (given.empty() || given == "0") return false;
        if (given != "1") remark(column, RowCode::bad_flag);
        return given == "1";
    }

    [[nodiscard]] std::optional<domain::Date> date(Column column) {
        const std::string_view given = value(column);
        if (given.empty()) return std::nullopt;
        const auto parsed = domain::Date::parse_any(given);
        if (!parsed) remark(column, RowCode::bad_date);
        return parsed;
    }

    // Items between semicolons; empty ones (a last semicolon) are skipped.
    template <class Take>
    void items(Column column, std::size_t items_max, Take take) {
        if (value(column).empty()) return;
        std::size_t count = 0;
        for (const std::string_view part : split(value(column), ';')) {
            const std::string_view item = trim_wide(part);
            if (item.empty()) continue;
            if (++count > items_max) return remark(column, RowCode::too_many_items);
            if (const std::optional<RowCode> wrong = take(item)) return remark(column, *wrong);
        }
    }

  private:
    // U+E000-U+F8FF is EE 80 80 - EF A3 BF in UTF-8.
    static bool has_user_defined(std::string_view given) {
        for (std::size_t i = 0; i + 1 < given.size(); ++i) {
            const auto lead = static_cast<unsigned char>(given[i]);
            const auto next = static_cast<unsigned char>(given[i + 1]);
            if (lead == 0xEE || (lead == 0xEF && next < 0xA4)) return true;
        }
        return false;
    }

    const RawRow& row_;
    CheckedRow& out_;
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
        if (column == Column::history_key) continue;  // looked at already
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
    if (const auto wrong = fault_of_history_key(examination.value(Column::history_key)))
        return examination.remark(Column::history_key, *wrong);
    out.history_key = usable_history_key(row);
}

void check_link_key(Examination& examination, Hash256& into) {
    const std::string_view text = examination.required(Column::link_key);
    if (text.empty()) return;
    std::array<std::uint8_t, 48> decoded{};
    const auto size = text.size() == 43 ? from_base64url(text, decoded) : std::nullopt;
    if (!size || *size != into.size())
        return examination.remark(Column::link_key, RowCode::bad_link_key);
    std::copy_n(decoded.begin(), into.size(), into.begin());
}

void check_scheme(Examination& examination, const domain::SchemePack& pack,
                  domain::Entitlement& into) {
    const std::string_view id = examination.required(Column::scheme_id);
    const auto scheme = std::ranges::find(pack.schemes, id, &domain::Scheme::id);
    if (scheme == pack.schemes.end()) {
        if (!id.empty()) examination.remark(Column::scheme_id, RowCode::unknown_scheme);
    } else {
        into.scheme_id = id;
    }
    const std::string_view number = examination.value(Column::payer_number);
    if (number.empty()) return;
    into.payer_number = domain::PayerNumber::parse(number);
    if (!into.payer_number)
        return examination.remark(Column::payer_number, RowCode::bad_payer_number);
    if (!into.payer_number->check_digit_ok())
        examination.remark(Column::payer_number, RowCode::payer_check_digit);
    if (scheme == pack.schemes.end() || scheme->payer_numbers.empty()) return;
    if (std::ranges::find(scheme->payer_numbers, *into.payer_number) == scheme->payer_numbers.end())
        examination.remark(Column::payer_number, RowCode::payer_not_in_scheme);
}

void check_lists(Examination& examination, domain::Entitlement& into) {
    const auto is_code = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.';
    };
    examination.items(Column::additional_conditions, bounds::kConditionsMax,
                      [&](std::string_view item) -> std::optional<RowCode> {
                          if (item.size() > bounds::kConditionMax) return RowCode::too_long;
                          if (!std::ranges::all_of(item, is_code)) return RowCode::bad_condition;
                          into.additional_conditions.emplace_back(item);
                          return std::nullopt;
                      });
    examination.items(Column::designated_institutions, bounds::kDesignatedInstitutionsMax,
                      [&](std::string_view item) -> std::optional<RowCode> {
                          const auto code = domain::InstitutionCode::parse(item);
                          if (!code) return RowCode::bad_institution_code;
                          into.designated_institutions.push_back(*code);
                          return std::nullopt;
                      });
}

void check_cap(Examination& examination, std::optional<int>& into) {
    const std::string_view text = examination.value(Column::cap_monthly_yen);
    if (text.empty()) return;
    int yen = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), yen);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!whole || !is_digits(text) || yen > bounds::kCapMonthlyYenMax)
        return examination.remark(Column::cap_monthly_yen, RowCode::bad_cap);
    into = yen;
}

void check_dates(Examination& examination, domain::Entitlement& into) {
    (void)examination.required(Column::valid_from);
    (void)examination.required(Column::valid_to);
    const auto from = examination.date(Column::valid_from);
    const auto to = examination.date(Column::valid_to);
    into.birth_date = examination.date(Column::birth_date);
    into.valid_from = from.value_or(domain::Date());
    into.valid_to = to.value_or(domain::Date());
    if (from && to && *from > *to) examination.remark(Column::valid_to, RowCode::bad_period);
    if (into.birth_date && to && *into.birth_date > *to)
        examination.remark(Column::birth_date, RowCode::bad_birth_date);
}

// Nothing but perhaps a history key: what shikaku-publish sends in the place of a row it keeps.
bool says_nothing(const RawRow& row) {
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const bool key = i == static_cast<std::size_t>(Column::history_key);
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
            return column == Column::history_key ? std::nullopt
                                                 : std::optional(RowCode::personal_number);
    }
    return std::nullopt;
}

std::string_view usable_history_key(const RawRow& row) {
    const std::string_view key = trim_wide(row[Column::history_key]);
    if (fault_of_history_key(key) || personal_number_in(key, Column::history_key)) return {};
    return key;
}

CheckedRow RowChecker::check(const RawRow& row) const {
    CheckedRow out;
    Examination examination(row, out);
    if (says_nothing(row) && examination.value(Column::history_key).empty()) {
        examination.remark(Column::history_key, RowCode::empty_row);
        return out;
    }
    check_personal_numbers(row, examination);
    check_history_key(row, examination, out);
    out.deleted = examination.flag(Column::deleted);
    if (out.deleted) return out;  // what else such a row says does not matter
    if (!out.history_key.empty() && says_nothing(row)) {
        examination.remark(Column::link_key, RowCode::kept_back);
        return out;
    }

    check_characters(examination);
    domain::Entitlement& entitlement = out.entitlement;
    entitlement.history_key = out.history_key;
    check_link_key(examination, out.link_key);
    if (!examination.required(Column::certificate_type_id).empty())
        examination.text(Column::certificate_type_id, bounds::kCertificateTypeMax,
                         entitlement.certificate_type_id);
    check_scheme(examination, pack_, entitlement);
    examination.text(Column::recipient_number, bounds::kRecipientNumberMax,
                     entitlement.recipient_number);
    examination.text(Column::certificate_name, bounds::kCertificateNameMax,
                     entitlement.certificate_name);
    examination.text(Column::segment, bounds::kSegmentMax, entitlement.segment);
    examination.text(Column::income_segment, bounds::kSegmentMax, entitlement.income_segment);
    check_lists(examination, entitlement);
    entitlement.always_reimbursement = examination.flag(Column::always_reimbursement);
    check_cap(examination, entitlement.cap_monthly_yen);
    check_dates(examination, entitlement);
    entitlement.not_disclosed = examination.flag(Column::not_disclosed);
    return out;
}

}  // namespace shikaku::registry
