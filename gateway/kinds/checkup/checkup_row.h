// Checks one uploaded row of checkups against the authority's pack. Pure.
#pragma once

#include "gateway/kinds/checkup/checkup_fields.h"
#include "gateway/kinds/checkup/checkup_pack.h"
#include "gateway/registry/row_examination.h"

namespace shikaku::checkup {

inline constexpr registry::Columns kCheckupColumns(kCheckupFields);

// "invited_to"_checkup; a name that no column of checkups has does not compile.
consteval registry::Column operator""_checkup(const char* text, std::size_t size) {
    return kCheckupColumns.named(std::string_view(text, size));
}

struct CheckedCheckup : registry::RowVerdict {
    Checkup checkup{};  // of a row that is neither refused nor deleted
};
[[nodiscard]] CheckedCheckup check_row(const registry::RawRow& row, const CheckupPack& pack);

}  // namespace shikaku::checkup
