#include "adapters/common/entitlement_builder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::adapters {
namespace {

using domain::Entitlement;
using Draft = EntitlementBuilder::Draft;

// What is wrong with a text; null: nothing.
using Wrong = const char*;

Wrong check_text(std::string_view text, std::size_t characters_max) {
    if (!is_valid_utf8(text)) return "not UTF-8";
    if (utf8_length(text) > characters_max) return "too long";
    const bool control = std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
    });
    return control ? "a control character" : nullptr;
}

template <std::string Entitlement::* kMember, std::size_t kMax>
Wrong take_text(Draft& draft, std::string_view text) {
    draft.row.*kMember = text;
    return check_text(text, kMax);
}

Wrong take_payer_number(Draft& draft, std::string_view text) {
    draft.row.payer_number = domain::PayerNumber::parse(text);
    return draft.row.payer_number ? nullptr : "not a payer number of 8 digits";
}

Wrong read_flag(bool& flag, std::string_view text) {
    flag = text == "1";
    return flag || text == "0" ? nullptr : "neither 0 nor 1";
}

template <bool Entitlement::* kMember>
Wrong take_flag(Draft& draft, std::string_view text) {
    return read_flag(draft.row.*kMember, text);
}

Wrong take_deleted(Draft& draft, std::string_view text) {
    return read_flag(draft.deleted, text);
}

Wrong take_cap(Draft& draft, std::string_view text) {
    int yen = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), yen);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (!is_digits(text) || !whole || yen > bounds::kCapMonthlyYenMax)
        return "not an amount in yen";
    draft.row.cap_monthly_yen = yen;
    return nullptr;
}

Wrong read_date(std::optional<domain::Date>& date, std::string_view text) {
    date = domain::Date::parse_any(text);
    return date ? nullptr : "not a date";
}

template <std::optional<domain::Date> Draft::* kMember>
Wrong take_date(Draft& draft, std::string_view text) {
    return read_date(draft.*kMember, text);
}

Wrong take_birth_date(Draft& draft, std::string_view text) {
    return read_date(draft.row.birth_date, text);
}

Wrong take_condition(Entitlement& row, std::string_view item) {
    if (row.additional_conditions.size() >= bounds::kConditionsMax) return "too many conditions";
    const bool plain = std::ranges::all_of(item, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.';
    });
    if (!plain || item.size() > bounds::kConditionMax) return "not a condition code";
    row.additional_conditions.emplace_back(item);
    return nullptr;
}

Wrong take_institution(Entitlement& row, std::string_view item) {
    if (row.designated_institutions.size() >= bounds::kDesignatedInstitutionsMax)
        return "too many institutions";
    const auto code = domain::InstitutionCode::parse(item);
    if (!code) return "not an institution code";
    row.designated_institutions.push_back(*code);
    return nullptr;
}

// "a;b;c"; empty items (a last semicolon) are skipped.
template <Wrong (*kTake)(Entitlement&, std::string_view)>
Wrong take_list(Draft& draft, std::string_view text) {
    for (const std::string_view part : split(text, ';')) {
        const std::string_view item = trim(part);
        if (item.empty()) continue;
        if (const Wrong wrong = kTake(draft.row, item)) return wrong;
    }
    return nullptr;
}

struct Field {
    std::string_view name;
    Wrong (*take)(Draft&, std::string_view);
};

using E = Entitlement;
constexpr auto kTable = std::to_array<Field>({
    {"history_key", take_text<&E::history_key, bounds::kHistoryKeyMax>},
    {"certificate_type_id", take_text<&E::certificate_type_id, bounds::kCertificateTypeMax>},
    {"scheme_id", take_text<&E::scheme_id, bounds::kCertificateTypeMax>},
    {"payer_number", take_payer_number},
    {"recipient_number", take_text<&E::recipient_number, bounds::kRecipientNumberMax>},
    {"certificate_name", take_text<&E::certificate_name, bounds::kCertificateNameMax>},
    {"segment", take_text<&E::segment, bounds::kSegmentMax>},
    {"income_segment", take_text<&E::income_segment, bounds::kSegmentMax>},
    {"additional_conditions", take_list<take_condition>},
    {"designated_institutions", take_list<take_institution>},
    {"always_reimbursement", take_flag<&E::always_reimbursement>},
    {"cap_monthly_yen", take_cap},
    {"valid_from", take_date<&Draft::valid_from>},
    {"valid_to", take_date<&Draft::valid_to>},
    {"not_disclosed", take_flag<&E::not_disclosed>},
    {"birth_date", take_birth_date},
    {"deleted", take_deleted},
});

constexpr auto kNames = [] {
    std::array<std::string_view, kTable.size()> names;
    std::ranges::transform(kTable, names.begin(), &Field::name);
    return names;
}();

std::unexpected<Error> malformed(std::string_view field, const char* what) {
    return fail(ErrorCode::source_malformed, what, std::string(field));
}

}  // namespace

std::span<const std::string_view> EntitlementBuilder::fields() {
    return kNames;
}

Status EntitlementBuilder::set(std::string_view field, std::string_view text) {
    if (text.empty()) return {};
    if (domain::contains_personal_number(text))
        return malformed(field, "holds a number of the form of a personal number");
    const auto known = std::ranges::find(kTable, field, &Field::name);
    if (known == kTable.end()) return fail(ErrorCode::internal, "no such field of an entitlement");

    if (const Wrong wrong = known->take(draft_, text)) return malformed(field, wrong);
    return {};
}

Result<Entitlement> EntitlementBuilder::finish(Instant as_of) {
    Entitlement& row = draft_.row;
    if (row.history_key.empty()) return malformed("history_key", "is missing");
    if (!draft_.valid_from) return malformed("valid_from", "is missing");
    if (!draft_.valid_to) return malformed("valid_to", "is missing");
    if (*draft_.valid_to < *draft_.valid_from)
        return malformed("valid_to", "lies before valid_from");
    if (row.scheme_id.empty() && !row.payer_number)
        return malformed("scheme_id", "is missing, and so is payer_number");
    row.valid_from = *draft_.valid_from;
    row.valid_to = *draft_.valid_to;
    row.changed_at = as_of;
    if (draft_.deleted) row.revoked_at = as_of;
    return std::move(row);
}

}  // namespace shikaku::adapters
