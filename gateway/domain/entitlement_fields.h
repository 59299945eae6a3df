// The fields of an entitlement: the columns of a recipient upload (docs/recipient-columns.md), the
// members of a live source's record, and what registry, log and cache keep of them. The page
// gateway/docs/recipient-columns.md is made from this table.
#pragma once

#include "gateway/domain/entitlement.h"
#include "gateway/domain/field.h"
#include "gateway/support/bounds.h"

namespace shikaku::domain {

using EntitlementField = Field<Entitlement>;

namespace entitlement_fields {
using namespace bounds;  // NOLINT(google-build-using-namespace): a table full of them
using enum Form;
using enum Need;
using E = Entitlement;

// clang-format off: two lines a field.
inline constexpr auto kTable = std::to_array<EntitlementField>({
// number, name, Japanese names,
//      in adapters' JSON, compact, form, max, need, member
    {0, "history_key", {"履歴キー"},
        "historyKey", "hk", text, kHistoryKeyMax, required, &E::history_key},
    {1, "certificate_type_id", {"受給者証種別ID", "機関別受給者証種別ID"},
        "orgSpecificCertificateTypeId", "ct", text, kCertificateTypeMax, required, &E::certificate_type_id},
    {2, "link_key", {"リンクキー", "連携キー"},
        "", "", link_key, 0, required, {}},
    {3, "scheme_id", {"制度ID"},
        "schemeId", "s", pack_entry, kCertificateTypeMax, required, &E::scheme_id},
    {4, "payer_number", {"公費負担者番号"},
        "medicalSubsidyInsurerNumber", "p", payer_number, 0, optional, &E::payer_number},
    {5, "recipient_number", {"受給者番号", "公費受給者番号"},
        "medicalSubsidyRecipientNumber", "r", text, kRecipientNumberMax, optional, &E::recipient_number},
    {6, "certificate_name", {"受給者証名"},
        "certificationName", "cn", text, kCertificateNameMax, optional, &E::certificate_name},
    {7, "segment", {"区分"},
        "segment", "sg", text, kSegmentMax, optional, &E::segment},
    {8, "income_segment", {"所得区分"},
        "incomeSegment", "is", text, kSegmentMax, optional, &E::income_segment},
    {9, "additional_conditions", {"追加条件"},
        "additionalConditions", "ac", conditions, kConditionsMax, optional, &E::additional_conditions},
    {10, "designated_institutions", {"指定医療機関", "指定医療機関情報"},
        "designatedMedicalInstitutions", "di", institutions, kDesignatedInstitutionsMax, optional,
        &E::designated_institutions},
    {11, "always_reimbursement", {"常に償還払い"},
        "isAlwaysReimbursement", "ar", flag, 0, optional, &E::always_reimbursement},
    {12, "cap_monthly_yen", {"自己負担上限月額", "自己負担上限額"},
        "maxCopaymentAmount.monthly", "mc", yen, kCapMonthlyYenMax, optional, &E::cap_monthly_yen},
    {13, "valid_from", {"資格有効開始日", "有効開始日"},
        "validFrom", "f", date, 0, required, &E::valid_from},
    {14, "valid_to", {"資格有効終了日", "有効終了日"},
        "validTo", "t", date, 0, required, &E::valid_to},
    {15, "not_disclosed", {"不開示", "不開示フラグ"},
        "isNotDisclosed", "nd", flag, 0, optional, &E::not_disclosed},
    {16, "birth_date", {"生年月日"},
        "dateOfBirth", "b", date, 0, optional, &E::birth_date},
    {17, "deleted", {"削除", "削除フラグ"},
        "isDeleted", "", flag, 0, optional, {}},
});
// clang-format on
}  // namespace entitlement_fields

inline constexpr Fields<Entitlement> kEntitlementFields = entitlement_fields::kTable;
static_assert(fit_their_forms(kEntitlementFields));
// How many of them the first byte form has (field_bytes.h). On disk: never to change.
inline constexpr std::size_t kEntitlementFirstFields = 18;

}  // namespace shikaku::domain
