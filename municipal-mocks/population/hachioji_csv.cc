#include <iconv.h>

#include "municipal-mocks/population/files.h"

namespace shikaku::mocks {
namespace {

constexpr const char* kHeader =
    "履歴キー,機関別受給者証種別ID,個人番号,制度ID,公費負担者番号,受給者番号,受給者証名,所得区分,"
    "追加条件,指定医療機関,常に償還払い,自己負担上限月額,資格有効開始日,資格有効終了日,不開示,"
    "生年月日,削除\r\n";

std::string compact(domain::Date date) {
    std::string text = date.iso();
    std::erase(text, '-');
    return text;
}

void add_row(std::string& out, const Resident& person, const Row& row) {
    const std::string cap = row.cap_monthly_yen ? std::to_string(*row.cap_monthly_yen) : "";
    for (const std::string& field :
         {row.history_key, row.certificate_type_id, person.personal_number, row.scheme_id,
          row.payer_number, row.recipient_number, row.certificate_name, row.income_segment,
          row.additional_conditions, row.designated_institutions, std::string("0"), cap,
          compact(row.valid_from), compact(row.valid_to),
          std::string(row.not_disclosed ? "1" : "0"), person.birth_date.japanese()})
        out += field + ",";
    out += row.deleted ? "1\r\n" : "0\r\n";
}

Result<std::string> to_cp932(std::string utf8) {
    iconv_t converter = iconv_open("CP932", "UTF-8");
    if (converter == reinterpret_cast<iconv_t>(-1))
        return fail(ErrorCode::internal, "this system cannot write CP932");
    std::string out(utf8.size(), '\0');  // never longer than UTF-8
    char* from = utf8.data();
    char* to = out.data();
    std::size_t from_left = utf8.size(), to_left = out.size();
    const std::size_t replaced = iconv(converter, &from, &from_left, &to, &to_left);
    iconv_close(converter);
    if (replaced != 0 || from_left != 0)
        return fail(ErrorCode::internal, "a character that CP932 lacks");
    out.resize(out.size() - to_left);
    return out;
}

}  // namespace

Result<std::string> checkups_csv(const std::vector<Resident>& people) {
    std::string csv =
        "履歴キー,個人番号,検診ID,年度,受診期間開始日,受診期間終了日,受診券番号,自己負担額,受診日,"
        "受診機関名,結果項目,総合判定,要精密検査\r\n";
    const auto day = [](const std::optional<domain::Date>& date) {
        return date ? date->japanese() : std::string();
    };
    for (const Resident& person : people) {
        for (const CheckupRow& row : person.checkups) {
            const std::string payment =
                row.own_payment_yen ? std::to_string(*row.own_payment_yen) : "";
            for (const std::string& field :
                 {row.history_key, person.personal_number, row.checkup_id, row.fiscal_year,
                  day(row.invited_from), day(row.invited_to), row.ticket_number, payment,
                  day(row.examined_on), row.institution_name, row.items, row.judgement})
                csv += field + ",";
            csv += row.detailed_exam + "\r\n";
        }
    }
    return to_cp932(std::move(csv));
}

Result<std::string> hachioji_csv(const std::vector<Resident>& people) {
    std::string csv = kHeader;
    for (const Resident& person : people)
        for (const Row& row : person.hachioji)
            add_row(csv, person, row);
    return to_cp932(std::move(csv));
}

}  // namespace shikaku::mocks
