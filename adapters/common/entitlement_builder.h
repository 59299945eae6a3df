// Builds one entitlement from named texts, whatever wire format they came in, and refuses what no
// authority can mean. Fields are those of gateway/domain/entitlement_fields.h that a record has;
// required are history_key, valid_from and valid_to, and one of scheme_id and payer_number. Errors
// are source_malformed; the pointer is the field's name, and the detail never quotes the value.
#pragma once

#include <bitset>
#include <string_view>

#include "gateway/domain/entitlement_fields.h"

namespace shikaku::adapters {

class EntitlementBuilder {
  public:
    // nullptr: a record has no such field.
    [[nodiscard]] static const domain::EntitlementField* find_field(std::string_view name);

    // An empty text is as good as none.
    [[nodiscard]] Status set(std::string_view name, std::string_view text);
    // `as_of`: when the source says this was true; a deleted row counts as revoked then.
    [[nodiscard]] Result<domain::Entitlement> finish(Instant as_of);

  private:
    domain::Entitlement row_;
    std::bitset<domain::kEntitlementFields.size()> given_;
    bool deleted_ = false;
};

}  // namespace shikaku::adapters
