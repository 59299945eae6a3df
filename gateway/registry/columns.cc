#include "gateway/registry/columns.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "gateway/registry/file_fault.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

struct ColumnNames {
    std::string_view name;
    std::string_view japanese;
    std::string_view japanese_other = {};
    bool required = false;
};

constexpr std::array<ColumnNames, kColumnCount> kColumns{{
    {"history_key", "履歴キー", {}, true},
    {"certificate_type_id", "受給者証種別ID", "機関別受給者証種別ID", true},
    {"link_key", "リンクキー", "連携キー", true},
    {"scheme_id", "制度ID", {}, true},
    {"payer_number", "公費負担者番号"},
    {"recipient_number", "受給者番号", "公費受給者番号"},
    {"certificate_name", "受給者証名"},
    {"segment", "区分"},
    {"income_segment", "所得区分"},
    {"additional_conditions", "追加条件"},
    {"designated_institutions", "指定医療機関", "指定医療機関情報"},
    {"always_reimbursement", "常に償還払い"},
    {"cap_monthly_yen", "自己負担上限月額", "自己負担上限額"},
    {"valid_from", "資格有効開始日", "有効開始日", true},
    {"valid_to", "資格有効終了日", "有効終了日", true},
    {"not_disclosed", "不開示", "不開示フラグ"},
    {"birth_date", "生年月日"},
    {"deleted", "削除", "削除フラグ"},
}};

constexpr std::string_view kWideSpace = "\xE3\x80\x80";

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
        }
    }
    return row.back();
}

// The column whose name resembles the header most; empty when none does.
std::string_view resembling(std::string_view header) {
    constexpr std::size_t kLongestName = 64;
    if (header.empty() || header.size() > kLongestName) return {};
    std::string_view best;
    std::size_t least = 4;
    for (const ColumnNames& column : kColumns) {
        for (const std::string_view name : {column.name, column.japanese, column.japanese_other}) {
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

std::string_view name(Column column) {
    return kColumns[static_cast<std::size_t>(column)].name;
}

std::optional<Column> find_column(std::string_view header) {
    if (header.empty()) return std::nullopt;
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const ColumnNames& names = kColumns[i];
        if (header == names.name || header == names.japanese || header == names.japanese_other)
            return static_cast<Column>(i);
    }
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
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        if (kColumns[i].required && !has(header, static_cast<Column>(i)))
            return fail(file_fault(FileFault::missing_column, {}, kColumns[i].name));
    }
    return header;
}

std::string_view trim_wide(std::string_view text) {
    while (true) {
        text = trim(text);
        const bool front = text.starts_with(kWideSpace);
        const bool back = text.ends_with(kWideSpace);
        if (!front && !back) return text;
        if (front) text.remove_prefix(kWideSpace.size());
        if (text.ends_with(kWideSpace)) text.remove_suffix(kWideSpace.size());
    }
}

}  // namespace shikaku::registry
