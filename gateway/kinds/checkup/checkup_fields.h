// The fields of a checkup: the columns of an upload, and what registry and log keep of them. The
// page gateway/docs/checkup-columns.md is made from this table.
#pragma once

#include "gateway/domain/field.h"
#include "gateway/kinds/checkup/checkup.h"
#include "gateway/support/bounds.h"

namespace shikaku::checkup {

using CheckupField = domain::Field<Checkup>;

namespace checkup_fields {
using namespace bounds;  // NOLINT(google-build-using-namespace): a table full of them
using enum domain::Form;
using enum domain::Need;
using C = Checkup;

// clang-format off: two lines a field.
inline constexpr auto kTable = std::to_array<CheckupField>({
// number, name, Japanese names,
//      in adapters' JSON, compact, form, max, need, member
    {0, "history_key", {"履歴キー"},
        "", "hk", text, kHistoryKeyMax, required, &C::history_key},
    {1, "link_key", {"リンクキー", "連携キー"},
        "", "", link_key, 0, required, {}},
    {2, "checkup_id", {"検診ID", "検診種別"},
        "", "c", pack_entry, kCertificateTypeMax, required, &C::checkup_id},
    {3, "fiscal_year", {"年度", "対象年度"},
        "", "y", fiscal_year, 0, required, &C::fiscal_year},
    {4, "invited_from", {"受診期間開始日"},
        "", "f", date, 0, optional, &C::invited_from},
    {5, "invited_to", {"受診期間終了日"},
        "", "t", date, 0, optional, &C::invited_to},
    {6, "ticket_number", {"受診券番号"},
        "", "tn", text, kTicketNumberMax, optional, &C::ticket_number},
    {7, "own_payment_yen", {"自己負担額"},
        "", "op", yen, kOwnPaymentYenMax, optional, &C::own_payment_yen},
    {8, "examined_on", {"受診日"},
        "", "on", date, 0, optional, &C::examined_on},
    {9, "institution_code", {"受診医療機関コード"},
        "", "ic", institutions, 1, optional, &C::institution},
    {10, "institution_name", {"受診機関名", "受診医療機関名"},
        "", "in", text, kInstitutionNameMax, optional, &C::institution_name},
    {11, "items", {"結果項目"},
        "", "i", items, kItemsMax, optional, &C::items},
    {12, "judgement", {"総合判定"},
        "", "j", text, kItemCodeMax, optional, &C::judgement},
    {13, "detailed_exam", {"要精密検査"},
        "", "de", yes_no, 0, optional, &C::detailed_exam},
    {14, "detailed_on", {"精密検査日"},
        "", "do", date, 0, optional, &C::detailed_on},
    {15, "detailed_outcome", {"精密検査結果"},
        "", "dr", text, kItemCodeMax, optional, &C::detailed_outcome},
    {16, "deleted", {"削除", "削除フラグ"},
        "", "", flag, 0, optional, {}},
});
// clang-format on
}  // namespace checkup_fields

inline constexpr domain::Fields<Checkup> kCheckupFields = checkup_fields::kTable;
static_assert(domain::fit_their_forms(kCheckupFields));
// Each field of the byte form is written with its number (field_bytes.h). On disk: never to change.
inline constexpr std::size_t kCheckupFirstFields = 0;

}  // namespace shikaku::checkup
