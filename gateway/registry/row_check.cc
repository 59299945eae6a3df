#include "gateway/registry/row_check.h"

#include <algorithm>

namespace shikaku::registry {
namespace {

const domain::Scheme* find_scheme(const domain::SchemePack& pack, std::string_view id) {
    const auto found = std::ranges::find(pack.schemes, id, &domain::Scheme::id);
    return found == pack.schemes.end() ? nullptr : &*found;
}

void check_payer(RowExamination& examination, const domain::SchemePack& pack,
                 const domain::Entitlement& row) {
    if (!row.payer_number) return;
    if (!row.payer_number->check_digit_ok())
        examination.remark("payer_number"_column, RowCode::payer_check_digit);
    const domain::Scheme* const scheme = find_scheme(pack, row.scheme_id);
    if (scheme == nullptr || scheme->payer_numbers.empty()) return;
    if (std::ranges::find(scheme->payer_numbers, *row.payer_number) == scheme->payer_numbers.end())
        examination.remark("payer_number"_column, RowCode::payer_not_in_scheme);
}

void check_period(RowExamination& examination, const domain::Entitlement& row) {
    if (!examination.is_good("valid_to"_column)) return;
    const bool ordered = row.valid_from <= row.valid_to;
    if (examination.is_good("valid_from"_column) && !ordered)
        examination.remark("valid_to"_column, RowCode::bad_period);
    if (row.birth_date && *row.birth_date > row.valid_to)
        examination.remark("birth_date"_column, RowCode::bad_birth_date);
}

}  // namespace

CheckedRow RowChecker::check(const RawRow& row) const {
    CheckedRow out;
    RowExamination examination(kEntitlementColumns, row, out);
    if (!examination.begin()) return out;
    out.entitlement.history_key = out.history_key;
    examination.read(
        domain::kEntitlementFields,
        {.in_pack = [this](std::string_view id) { return find_scheme(pack_, id) != nullptr; },
         .not_in_pack = RowCode::unknown_scheme,
         .bad_yen = RowCode::bad_cap},
        out.entitlement);
    check_payer(examination, pack_, out.entitlement);
    check_period(examination, out.entitlement);
    return out;
}

}  // namespace shikaku::registry
