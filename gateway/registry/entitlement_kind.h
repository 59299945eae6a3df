// Subsidies (受給者証の資格) as a kind of record: columns, the check of a row, what is stored.
#pragma once

#include "gateway/domain/entitlement_fields.h"
#include "gateway/registry/record_kind.h"

namespace shikaku::registry {

inline constexpr Columns kEntitlementColumns(domain::kEntitlementFields);

// "valid_to"_column; a name that no column of subsidies has does not compile.
consteval Column operator""_column(const char* text, std::size_t size) {
    return kEntitlementColumns.named(std::string_view(text, size));
}

// Packs are domain::SchemePack.
[[nodiscard]] const RecordKind& entitlement_kind();
[[nodiscard]] inline RecordSet subsidies_of(domain::AuthorityCode authority) {
    return {.records = RecordType::subsidies, .authority = authority};
}

}  // namespace shikaku::registry
