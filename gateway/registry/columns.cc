#include "gateway/registry/columns.h"

#include <algorithm>
#include <string>

#include "gateway/registry/file_fault.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

using domain::EntitlementField;
using domain::kEntitlementFields;

// The column whose name resembles the header most; empty when none does.
std::string_view resembling(std::string_view header) {
    constexpr std::size_t kLongestName = 64;
    if (header.empty() || header.size() > kLongestName) return {};
    std::string_view best;
    std::size_t least = 4;
    for (const EntitlementField& field : kEntitlementFields) {
        for (const std::string_view name : {field.name, field.japanese[0], field.japanese[1]}) {
            if (name.empty()) continue;
            const std::size_t distance = edit_distance(header, name);
            if (distance >= least || distance * 2 >= name.size()) continue;
            least = distance;
            best = field.name;
        }
    }
    return best;
}

bool has(const Header& header, Column column) {
    return std::ranges::find(header, column) != header.end();
}

std::string column_text(std::size_t index) {
    return "column " + std::to_string(index + 1);
}

}  // namespace

std::optional<Column> find_column(std::string_view header) {
    if (header.empty()) return std::nullopt;
    for (const EntitlementField& field : kEntitlementFields)
        if (header == field.name || header == field.japanese[0] || header == field.japanese[1])
            return Column{field.number};
    return std::nullopt;
}

bool is_personal_number_column(std::string_view header) {
    return header == "personal_number" || header == "my_number" || header == "myNumber" ||
           header == "個人番号" || header == "マイナンバー";
}

Status check_header_text(TextDecoder::Charset charset, std::string_view field, std::uint64_t line) {
    const auto place = "line " + std::to_string(line);
    if (field.contains('\0')) return fail(file_fault(FileFault::nul_byte, place));
    if (!field.contains(kUndecodable)) return {};
    return fail(file_fault(
        charset == TextDecoder::Charset::utf8 ? FileFault::bad_utf8 : FileFault::bad_cp932, place));
}

Result<Header> read_header(std::span<const std::string_view> fields) {
    if (std::ranges::any_of(
            fields, [](std::string_view f) { return is_personal_number_column(trim_wide(f)); }))
        return fail(ErrorCode::personal_number_refused,
                    "the upload has a column of personal numbers");
    Header header;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string_view field = trim_wide(fields[i]);
        const auto column = find_column(field);
        if (!column)
            return fail(file_fault(FileFault::unknown_column, column_text(i), resembling(field)));
        if (has(header, *column))
            return fail(file_fault(FileFault::duplicate_column, column_text(i), name(*column)));
        header.push_back(*column);
    }
    for (const EntitlementField& field : kEntitlementFields)
        if (field.need == domain::Need::required && !has(header, Column{field.number}))
            return fail(file_fault(FileFault::missing_column, {}, field.name));
    return header;
}

}  // namespace shikaku::registry
