#include "gateway/registry/row_remark.h"

#include <array>

#include "gateway/registry/csv_reader.h"
#include "gateway/support/names.h"

namespace shikaku::registry {
namespace {

struct CodeInfo {
    RowCode code;
    std::string_view name;
    bool warning;
    std::string_view ja, en;
};

using enum RowCode;
constexpr auto kCodes = std::to_array<CodeInfo>({
    {column_count, "column_count", false, "列の数が見出しと違います。",
     "The number of columns differs from the header's."},
    {bad_quoting, "bad_quoting", false, "引用符の使い方が正しくありません。",
     "Quotes are not used correctly."},
    {bad_json, "bad_json", false, "JSONとして読めません。", "This line cannot be read as JSON."},
    {not_an_object, "not_an_object", false, "行がJSONオブジェクトではありません。",
     "The line is not a JSON object."},
    {unknown_member, "unknown_member", false, "知らない項目名があります。",
     "There is a member whose name is not known."},
    {wrong_type, "wrong_type", false, "値の型が正しくありません。",
     "The value has the wrong JSON type."},
    {personal_number, "personal_number", false,
     "個人番号とみられる値があります。個人番号は送らないでください。",
     "The value looks like a My Number. Never send one."},
    {missing_value, "missing_value", false, "必須の値がありません。",
     "A required value is missing."},
    {too_long, "too_long", false, "値が長すぎます。", "The value is too long."},
    {control_character, "control_character", false, "改行などの制御文字があります。",
     "There is a line break or another control character."},
    {bad_link_key, "bad_link_key", false, "リンクキーは32バイトのbase64urlです。",
     "A link key is base64url of 32 bytes."},
    {unknown_scheme, "unknown_scheme", false, "制度IDが制度パックにありません。",
     "The scheme pack has no scheme with this id."},
    {bad_payer_number, "bad_payer_number", false, "公費負担者番号は半角数字8桁です。",
     "A payer number has 8 digits."},
    {bad_condition, "bad_condition", false,
     "追加条件は「項目コード-条件コード」を「;」で区切ります。",
     "Additional conditions are codes like item-condition, separated by semicolons."},
    {bad_institution_code, "bad_institution_code", false,
     "医療機関コード(10桁)として正しくありません。",
     "This is not a valid 10-digit institution code."},
    {too_many_items, "too_many_items", false, "一覧の件数が多すぎます。",
     "The list has too many items."},
    {bad_flag, "bad_flag", false, "0か1で指定してください。", "This must be 0 or 1."},
    {bad_cap, "bad_cap", false, "自己負担上限月額は0から9999999までの整数(円)です。",
     "A monthly cap is a whole number of yen from 0 to 9999999."},
    {bad_date, "bad_date", false, "日付として読めません(YYYY-MM-DD、YYYYMMDD、または和暦)。",
     "This cannot be read as a date (YYYY-MM-DD, YYYYMMDD, or a Japanese era date)."},
    {bad_period, "bad_period", false, "有効開始日が有効終了日より後です。",
     "The period ends before it begins."},
    {bad_birth_date, "bad_birth_date", false, "生年月日が有効終了日より後です。",
     "The birth date lies after the end of the period."},
    {duplicate_history_key, "duplicate_history_key", false,
     "同じ履歴キーの行がこのファイルの前の方にあります。",
     "An earlier row of this file has the same history key."},
    {bad_personal_number, "bad_personal_number", false,
     "個人番号が12桁でないか、検査用数字が合いません(送っていません)。",
     "The My Number does not have 12 digits or its check digit is wrong (it was not sent)."},
    {kept_back, "kept_back", false, "キーのほかに値がありません(送信前の検査で止められた行です)。",
     "There is nothing but its keys: the row was kept back before sending."},
    {payer_check_digit, "payer_check_digit", true,
     "公費負担者番号の検証番号が合いません(行は受け付けました)。",
     "The check digit of the payer number is wrong (the row was kept)."},
    {payer_not_in_scheme, "payer_not_in_scheme", true,
     "公費負担者番号が制度パックのこの制度にありません(行は受け付けました)。",
     "The scheme does not list this payer number (the row was kept)."},
    {overlapping_period, "overlapping_period", true,
     "同じ受給者証の別の行と有効期間が重なっています(行は受け付けました)。",
     "The period overlaps another row's of the same certificate (the row was kept)."},
    {unmapped_character, "unmapped_character", true,
     "外字(ユーザー定義文字)があります(そのまま受け付けました)。",
     "There is a user-defined character (gaiji); it was kept as it is."},
    {unknown_history_key, "unknown_history_key", true,
     "削除する行が登録されていません(何も変わりません)。",
     "The row to delete is not registered (nothing changes)."},
    {empty_row, "empty_row", false,
     "行が空です。だれの行か分かりません(送信前の検査で止められた行も空で届きます)。",
     "The row is empty: whose it is is not known (a row kept back before sending may arrive so)."},
    {duplicate_member, "duplicate_member", false, "同じ項目が2回あります。",
     "The same member is given twice."},
    {not_comparable, "not_comparable", true,
     "これまでの行を読めないため、変更点を比べられませんでした(この行に置き換えます)。",
     "What is in force under this key cannot be read and was not compared (it is replaced)."},
    {shortened_personal_number, "shortened_personal_number", false,
     "表計算ソフトが指数表示にした大きな数です。個人番号の可能性があります。",
     "A large number in a spreadsheet's scientific notation: it could be a My Number."},
    {undecodable, "undecodable", false,
     "読めない文字があります。文字コードの指定と元のデータを確かめてください。",
     "There are characters that cannot be read. Check the character set and the source."},
    {hidden_character, "hidden_character", false,
     "目に見えない文字(ゼロ幅、書字方向の制御、BOMなど)があります。",
     "There is an invisible character (zero width, text direction, byte order mark)."},
    {bad_yen, "bad_yen", false, "金額は0から9999999までの整数(円)です。",
     "An amount is a whole number of yen from 0 to 9999999."},
    {unknown_checkup, "unknown_checkup", false, "検診IDが検診パックにありません。",
     "The checkup pack has no checkup with this id."},
    {bad_fiscal_year, "bad_fiscal_year", false,
     "年度として読めません(西暦4桁、または令和8年度・R8)。",
     "This cannot be read as a fiscal year (four digits, or of a Japanese era: R8)."},
    {bad_item, "bad_item", false,
     "結果項目は「項目コード:値」または「項目コード:値:判定」を「;」で区切ります。",
     "Items are code:value or code:value:judgement, separated by semicolons, no code twice."},
    {unknown_item, "unknown_item", false, "項目コードが検診パックのこの検診にありません。",
     "This checkup of the pack has no item with this code."},
    {unknown_judgement, "unknown_judgement", false,
     "判定または結果の区分が検診パックにありません。",
     "The checkup pack does not have this judgement or outcome."},
    {no_invitation_or_result, "no_invitation_or_result", false,
     "受診期間(案内)も受診日(結果)もありません。",
     "There is neither a period (an invitation) nor a date of examination (a result)."},
    {result_without_date, "result_without_date", false, "結果がありますが、受診日がありません。",
     "There is a result without the date of the examination."},
});
static_assert(in_order(kCodes, &CodeInfo::code) && kCodes.back().code == result_without_date);

const CodeInfo& info(RowCode code) {
    return kCodes[static_cast<std::size_t>(code)];
}

// A spreadsheet would run a cell that begins with one of these.
void append_safe_cell(std::string& out, std::string_view cell) {
    constexpr std::string_view kFormula = "=+-@\t\r";
    if (cell.empty() || !kFormula.contains(cell.front())) return append_csv_field(out, cell);
    append_csv_field(out, "'" + std::string(cell));
}

}  // namespace

RowRemark row_remark(const storage::StagedRemark& stored) {
    RowRemark remark{.line = static_cast<std::uint64_t>(stored.line),
                     .column = std::nullopt,
                     .code = static_cast<RowCode>(stored.code)};
    if (stored.column >= 0) remark.column = static_cast<Column>(stored.column);
    return remark;
}

std::string_view name(RowCode code) {
    return info(code).name;
}

bool is_warning(RowCode code) {
    return info(code).warning;
}

RefusedRow describe(const RowRemark& remark, const Columns& columns) {
    const CodeInfo& code = info(remark.code);
    return {.line = remark.line,
            .column = remark.column ? std::string(columns.name(*remark.column)) : std::string(),
            .code = std::string(code.name),
            .message = {std::string(code.ja), std::string(code.en)},
            .warning = code.warning};
}

std::string errors_csv(const std::vector<RowRemark>& remarks, const Columns& columns,
                       bool complete) {
    std::string out = "\xEF\xBB\xBFline,column,code,message_ja,message_en\r\n";
    const auto add = [&out](const RefusedRow& row, const std::string& line) {
        append_safe_cell(out, line);
        for (const std::string_view cell :
             {std::string_view(row.column), std::string_view(row.code),
              std::string_view(row.message.ja), std::string_view(row.message.en)}) {
            out += ',';
            append_safe_cell(out, cell);
        }
        out += "\r\n";
    };
    for (const RowRemark& remark : remarks) {
        const RefusedRow row = describe(remark, columns);
        add(row, std::to_string(row.line));
    }
    if (!complete)
        add({.line = 0,
             .column = {},
             .code = "more",
             .message = {"これより後の行は省略しました。", "Further rows are left out."},
             .warning = true},
            "");
    return out;
}

}  // namespace shikaku::registry
