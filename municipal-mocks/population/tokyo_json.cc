#include "gateway/crypto/hash.h"
#include "gateway/support/json.h"
#include "municipal-mocks/population/files.h"

namespace shikaku::mocks {
namespace {

void write_record(JsonWriter& json, const Resident& person, const Row& row) {
    json.begin_object()
        .field("historyKey", row.history_key)
        .field("orgSpecificCertificateTypeId", row.certificate_type_id)
        .field("schemeId", row.scheme_id)
        .field("medicalSubsidyInsurerNumber", row.payer_number)
        .field("medicalSubsidyRecipientNumber", row.recipient_number)
        .field("certificationName", row.certificate_name);
    if (!row.income_segment.empty()) json.field("incomeSegment", row.income_segment);
    if (!row.additional_conditions.empty())
        json.field("additionalConditions", row.additional_conditions);
    if (!row.designated_institutions.empty())
        json.field("designatedMedicalInstitutions", row.designated_institutions);
    json.field("isAlwaysReimbursement", "0");
    if (row.cap_monthly_yen)
        json.key("maxCopaymentAmount")
            .begin_object()
            .field("monthly", *row.cap_monthly_yen)
            .end_object();
    json.field("validFrom", row.valid_from.iso())
        .field("validTo", row.valid_to.iso())
        .field("isNotDisclosed", row.not_disclosed)
        .field("dateOfBirth", person.birth_date.iso())
        .field("isDeleted", row.deleted)
        .end_object();
}

}  // namespace

std::string tokyo_json(const std::vector<Resident>& people, BytesView linkage_secret) {
    const crypto::HmacKey linkage(linkage_secret);
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("people").begin_array();
    for (const Resident& person : people) {
        if (person.tokyo.empty() && !person.ambiguous_in_tokyo) continue;
        json.begin_object().field("linkKey",
                                  to_base64url(linkage.mac(as_bytes(person.personal_number))));
        if (person.ambiguous_in_tokyo) json.field("ambiguous", true);
        json.key("records").begin_array();
        for (const Row& row : person.tokyo)
            write_record(json, person, row);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return out;
}

}  // namespace shikaku::mocks
