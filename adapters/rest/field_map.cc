#include "adapters/rest/field_map.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/common/entitlement_builder.h"
#include "gateway/support/text.h"

namespace shikaku::adapters::rest {
namespace {

constexpr std::size_t kPathDepth = 8;

using Name = std::pair<std::string_view, std::string_view>;

constexpr auto kAround = std::to_array<Name>({
    {"answer.link_key", "linkKey"},
    {"answer.as_of", "asOf"},
    {"answer.records", "records"},
    {"answer.ambiguous", "ambiguous"},
});

constexpr auto kOfRecord = std::to_array<Name>({
    {"history_key", "historyKey"},
    {"certificate_type_id", "orgSpecificCertificateTypeId"},
    {"scheme_id", "schemeId"},
    {"payer_number", "medicalSubsidyInsurerNumber"},
    {"recipient_number", "medicalSubsidyRecipientNumber"},
    {"certificate_name", "certificationName"},
    {"segment", "segment"},
    {"income_segment", "incomeSegment"},
    {"additional_conditions", "additionalConditions"},
    {"designated_institutions", "designatedMedicalInstitutions"},
    {"always_reimbursement", "isAlwaysReimbursement"},
    {"cap_monthly_yen", "maxCopaymentAmount.monthly"},
    {"valid_from", "validFrom"},
    {"valid_to", "validTo"},
    {"not_disclosed", "isNotDisclosed"},
    {"birth_date", "dateOfBirth"},
    {"deleted", "isDeleted"},
});

Result<Path> parse_path(std::string_view ours, std::string_view text) {
    Path path;
    for (const std::string_view part : split(text, '.'))
        path.emplace_back(part);
    if (path.size() > kPathDepth || std::ranges::any_of(path, &std::string::empty))
        return fail(ErrorCode::bad_configuration,
                    "the path of the field '" + std::string(ours) + "' is not one");
    return path;
}

}  // namespace

Result<FieldMap> FieldMap::make(const std::map<std::string, std::string>& changes) {
    const auto knows = [](const auto& names, std::string_view name) {
        return std::ranges::find(names, name, &Name::first) != names.end();
    };
    for (const auto& [ours, theirs] : changes)
        if (!knows(kAround, ours) && !knows(kOfRecord, ours))
            return fail(ErrorCode::bad_configuration, "there is no field '" + ours + "'");

    const auto path_of = [&changes](const Name& name) {
        const auto changed = changes.find(std::string(name.first));
        return parse_path(
            name.first, changed == changes.end() ? name.second : std::string_view(changed->second));
    };
    FieldMap map;
    for (const Name& name : kAround) {
        auto path = path_of(name);
        if (!path) return fail(path.error());
        map.around_.emplace(name.first, std::move(*path));
    }
    for (const Name& name : kOfRecord) {
        auto path = path_of(name);
        if (!path) return fail(path.error());
        map.of_record_.push_back({.ours = std::string(name.first), .path = std::move(*path)});
    }
    return map;
}

Result<const Json*> find(const Json& root, const Path& path) {
    const Json* at = &root;
    for (const std::string& name : path) {
        if (!at->is_object())
            return fail(ErrorCode::source_malformed, "an object was expected", join(path));
        const auto member = at->find(name);
        if (member == at->end() || member->is_null()) return nullptr;
        at = &*member;
    }
    return at;
}

std::string join(const Path& path) {
    std::string out;
    for (const std::string& name : path) {
        if (!out.empty()) out += '.';
        out += name;
    }
    return out;
}

}  // namespace shikaku::adapters::rest
