// The columns of a recipient upload (docs/recipient-columns.md): the fields of
// domain/entitlement_fields.h, by their own and by their Japanese names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/domain/entitlement_fields.h"
#include "gateway/registry/text_decoder.h"
#include "gateway/support/result.h"

namespace shikaku::registry {

// The number of a field. On disk.
enum class Column : std::uint8_t {};
inline constexpr std::size_t kColumnCount = domain::kEntitlementFields.size();

[[nodiscard]] constexpr const domain::EntitlementField& field_of(Column column) {
    return domain::kEntitlementFields[static_cast<std::size_t>(column)];
}
[[nodiscard]] constexpr std::string_view name(Column column) {
    return field_of(column).name;
}

// "valid_to"_column; a name that no column has does not compile.
consteval Column operator""_column(const char* text, std::size_t size) {
    for (const domain::EntitlementField& field : domain::kEntitlementFields)
        if (field.name == std::string_view(text, size)) return Column{field.number};
    throw "there is no such column";
}

// One row as uploaded; the views live as long as the call that hands it over. Absent columns are
// empty.
struct RawRow {
    std::uint64_t line = 0;
    std::array<std::string_view, kColumnCount> values{};

    [[nodiscard]] std::string_view operator[](Column column) const {
        return values[static_cast<std::size_t>(column)];
    }
    [[nodiscard]] std::string_view& operator[](Column column) {
        return values[static_cast<std::size_t>(column)];
    }
};

[[nodiscard]] std::optional<Column> find_column(std::string_view header);
// personal_number or 個人番号: only shikaku-publish takes such a column.
[[nodiscard]] bool is_personal_number_column(std::string_view header);

// A file fault when a name in the header line could not be read as text.
[[nodiscard]] Status check_header_text(TextDecoder::Charset charset, std::string_view field,
                                       std::uint64_t line);

// Which column stands at which place of the file.
using Header = std::vector<Column>;
// personal_number_refused, or a file fault: unknown (with the name it resembles), twice, or
// missing.
[[nodiscard]] Result<Header> read_header(std::span<const std::string_view> fields);

}  // namespace shikaku::registry
