#include "gateway/kinds/checkup/checkup_row.h"

#include <algorithm>

namespace shikaku::checkup {
namespace {

using registry::Column;
using registry::RowCode;
using registry::RowExamination;

// A decimal number as laboratories write it: 5.4, 120, -2.5; no unit, no comparison sign.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    if (whole.empty() || !std::ranges::all_of(whole, [](char c) { return c >= '0' && c <= '9'; }))
        return false;
    if (point == std::string_view::npos) return true;
    const std::string_view rest = text.substr(point + 1);
    return !rest.empty() && std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
}

bool fits(const ItemType& item, std::string_view value) {
    switch (item.form) {
        case ItemType::Form::text:
            return true;
        case ItemType::Form::number:
            return is_number(value);
        case ItemType::Form::choice:
            return std::ranges::find(item.choices, value) != item.choices.end();
    }
    return false;
}

std::optional<RowCode> fault_of_item(const CheckupType& type, std::string_view text) {
    const auto parts = domain::split_item(text);
    if (!parts) return RowCode::bad_item;
    const ItemType* const item = find_item(type, parts->code);
    if (item == nullptr) return RowCode::unknown_item;
    if (!fits(*item, parts->value)) return RowCode::bad_item;
    if (!parts->judgement.empty() && !find_coded(type.item_judgements, parts->judgement))
        return RowCode::unknown_judgement;
    return std::nullopt;
}

void check_codes(RowExamination& examination, const Checkup& row, const CheckupType& type) {
    for (const std::string& item : row.items)
        if (const auto fault = fault_of_item(type, item)) {
            examination.remark("items"_checkup, *fault);
            break;
        }
    if (!row.judgement.empty() && !find_coded(type.judgements, row.judgement))
        examination.remark("judgement"_checkup, RowCode::unknown_judgement);
    if (!row.detailed_outcome.empty() && !find_coded(type.outcomes, row.detailed_outcome))
        examination.remark("detailed_outcome"_checkup, RowCode::unknown_judgement);
}

// Both days of an invitation, or neither.
void check_period(RowExamination& examination, const Checkup& row) {
    const bool from = !examination.value("invited_from"_checkup).empty();
    const bool to = !examination.value("invited_to"_checkup).empty();
    if (from != to)
        examination.remark(from ? "invited_to"_checkup : "invited_from"_checkup,
                           RowCode::missing_value);
    else if (row.invited_from && row.invited_to && *row.invited_from > *row.invited_to)
        examination.remark("invited_to"_checkup, RowCode::bad_period);
}

bool says_a_result(const RowExamination& examination) {
    constexpr Column kOfResults[] = {
        "institution_code"_checkup, "institution_name"_checkup, "items"_checkup,
        "judgement"_checkup,        "detailed_exam"_checkup,    "detailed_on"_checkup,
        "detailed_outcome"_checkup};
    return std::ranges::any_of(kOfResults,
                               [&](Column column) { return !examination.value(column).empty(); });
}

// A row that nobody could be shown anything of would read as "there is nothing".
void check_substance(RowExamination& examination) {
    if (!examination.value("examined_on"_checkup).empty()) return;
    if (says_a_result(examination))
        examination.remark("examined_on"_checkup, RowCode::result_without_date);
    else if (examination.value("invited_from"_checkup).empty() &&
             examination.value("invited_to"_checkup).empty())
        examination.remark("examined_on"_checkup, RowCode::no_invitation_or_result);
}

}  // namespace

CheckedCheckup check_row(const registry::RawRow& row, const CheckupPack& pack) {
    CheckedCheckup out;
    RowExamination examination(kCheckupColumns, row, out);
    if (!examination.begin()) return out;
    out.checkup.history_key = out.history_key;
    examination.read(kCheckupFields,
                     {.in_pack = [&pack](std::string_view id) { return pack.find(id) != nullptr; },
                      .not_in_pack = RowCode::unknown_checkup,
                      .bad_yen = RowCode::bad_yen},
                     out.checkup);
    check_period(examination, out.checkup);
    check_substance(examination);
    if (const CheckupType* const type = pack.find(out.checkup.checkup_id))
        check_codes(examination, out.checkup, *type);
    return out;
}

}  // namespace shikaku::checkup
