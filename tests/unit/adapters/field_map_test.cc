#include "adapters/rest/field_map.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;
using namespace shikaku::adapters;
using rest::FieldMap;

}  // namespace

// A municipality that is connected without [authority.fields] speaks these, whatever comes later.
TEST_CASE("the default names are those of the national registration API") {
    const auto map = FieldMap::make({});
    REQUIRE(map);
    std::string names;
    for (const FieldMap::Field& field : map->of_record())
        names += std::string(field.ours) + "=" + rest::join(field.path) + "\n";
    CHECK_THAT(names, Catch::StartsWith("history_key=historyKey\n"
                                        "certificate_type_id=orgSpecificCertificateTypeId\n"
                                        "scheme_id=schemeId\n"
                                        "payer_number=medicalSubsidyInsurerNumber\n"
                                        "recipient_number=medicalSubsidyRecipientNumber\n"
                                        "certificate_name=certificationName\n"
                                        "segment=segment\n"
                                        "income_segment=incomeSegment\n"
                                        "additional_conditions=additionalConditions\n"
                                        "designated_institutions=designatedMedicalInstitutions\n"
                                        "always_reimbursement=isAlwaysReimbursement\n"
                                        "cap_monthly_yen=maxCopaymentAmount.monthly\n"
                                        "valid_from=validFrom\n"
                                        "valid_to=validTo\n"
                                        "not_disclosed=isNotDisclosed\n"
                                        "birth_date=dateOfBirth\n"
                                        "deleted=isDeleted\n"));
}

TEST_CASE("the configuration changes single names") {
    const auto map = FieldMap::make({{"valid_from", "period.start"}, {"answer.records", "items"}});
    REQUIRE(map);
    const auto from = std::ranges::find(map->of_record(), "valid_from", &FieldMap::Field::ours);
    CHECK(from->path == rest::Path{"period", "start"});
    CHECK(map->records() == rest::Path{"items"});
    CHECK(map->link_key() == rest::Path{"linkKey"});
}

TEST_CASE("a bad field map is refused with the name of the field") {
    struct Bad {
        const char* ours;
        const char* path;
    };
    const auto bad = GENERATE(values<Bad>({{"valid_form", "x"},
                                           {"", "x"},
                                           {"records", "x"},
                                           {"valid_from", ""},
                                           {"valid_from", "."},
                                           {"valid_from", "a..b"},
                                           {"valid_from", ".a"},
                                           {"valid_from", "a."},
                                           {"valid_from", "a.b.c.d.e.f.g.h.i"}}));
    INFO(bad.ours << " = " << bad.path);
    const auto map = FieldMap::make({{bad.ours, bad.path}});
    REQUIRE_FALSE(map);
    CHECK(map.error().code == ErrorCode::bad_configuration);
    CHECK_THAT(map.error().detail, Catch::Matchers::Contains(std::string("'") + bad.ours + "'"));
}
