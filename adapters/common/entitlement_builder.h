// Builds one entitlement from named texts, whatever wire format they came in, and refuses what no
// authority can mean. Field names are those of the recipient columns (contract 5.1):
//
//   history_key* certificate_type_id scheme_id payer_number recipient_number certificate_name
//   segment income_segment additional_conditions (item-code;item-code) designated_institutions (10
//   digits;...) always_reimbursement (0/1) cap_monthly_yen valid_from* valid_to* not_disclosed
//   (0/1) birth_date deleted (0/1)                       * required; and one of scheme_id and
//   payer_number
//
// Dates in any form Date::parse_any knows. Errors are source_malformed; the pointer is the field's
// name, and the detail never quotes the value.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "gateway/domain/entitlement.h"

namespace shikaku::adapters {

class EntitlementBuilder {
  public:
    struct Draft {
        domain::Entitlement row;
        std::optional<domain::Date> valid_from, valid_to;
        bool deleted = false;
    };

    [[nodiscard]] static std::span<const std::string_view> fields();

    // An empty text is as good as none. `field` is one of fields().
    [[nodiscard]] Status set(std::string_view field, std::string_view text);
    // `as_of`: when the source says this was true; a deleted row counts as revoked then.
    [[nodiscard]] Result<domain::Entitlement> finish(Instant as_of);

  private:
    Draft draft_;
};

}  // namespace shikaku::adapters
