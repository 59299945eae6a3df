#include "gateway/registry/columns.h"

#include <algorithm>
#include <string>

#include "gateway/registry/file_fault.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

// The column whose name resembles the header most; empty when none does.
std::string_view resembling(const Columns& columns, std::string_view header) {
    constexpr std::size_t kLongestName = 64;
    if (header.empty() || header.size() > kLongestName) return {};
    std::string_view best;
    std::size_t least = 4;
    for (const ColumnSpec& column : columns.all()) {
        for (const std::string_view name : {column.name, column.japanese[0], column.japanese[1]}) {
            if (name.empty()) continue;
            const std::size_t distance = edit_distance(header, name);
            if (distance >= least || distance * 2 >= name.size()) continue;
            least = distance;
            best = column.name;
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

std::optional<Column> Columns::find(std::string_view header) const {
    if (header.empty()) return std::nullopt;
    const auto mine = all();
    const auto found = std::ranges::find_if(mine, [header](const ColumnSpec& one) {
        return header == one.name || header == one.japanese[0] || header == one.japanese[1];
    });
    if (found == mine.end()) return std::nullopt;
    return static_cast<Column>(found - mine.begin());
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

Result<Header> read_header(const Columns& columns, std::span<const std::string_view> fields) {
    if (std::ranges::any_of(
            fields, [](std::string_view f) { return is_personal_number_column(trim_wide(f)); }))
        return fail(ErrorCode::personal_number_refused,
                    "the upload has a column of personal numbers");
    Header header;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string_view field = trim_wide(fields[i]);
        const auto column = columns.find(field);
        if (!column)
            return fail(
                file_fault(FileFault::unknown_column, column_text(i), resembling(columns, field)));
        if (has(header, *column))
            return fail(
                file_fault(FileFault::duplicate_column, column_text(i), columns.name(*column)));
        header.push_back(*column);
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = static_cast<Column>(i);
        if (columns[column].need == domain::Need::required && !has(header, column))
            return fail(file_fault(FileFault::missing_column, {}, columns.name(column)));
    }
    return header;
}

}  // namespace shikaku::registry
