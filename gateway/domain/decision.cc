#include "gateway/domain/decision.h"

namespace shikaku::domain {

std::string_view scheme_id(const SubsidyDecision& subsidy) {
    if (subsidy.scheme != nullptr) return subsidy.scheme->id;
    const Entitlement& entitlement = *subsidy.entitlement;
    return entitlement.scheme_id.empty() ? entitlement.certificate_type_id : entitlement.scheme_id;
}

}  // namespace shikaku::domain
