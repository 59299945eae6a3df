#include "municipal-mocks/population/certificates.h"

#include "municipal-mocks/population/synthetic.h"

namespace shikaku::mocks {
namespace {

constexpr unsigned kOctober = 10;
constexpr unsigned kJanuary = 1;
constexpr int kCapOfGeneral1 = 10'000;

domain::Date first_of(std::chrono::year year, unsigned month) {
    return domain::Date(year / std::chrono::month(month) / std::chrono::day(1));
}

std::string key_text(const char* prefix, unsigned number) {
    std::string digits = std::to_string(number);
    digits.insert(0, 7 - std::min<std::size_t>(7, digits.size()), '0');
    return prefix + digits;
}

}  // namespace

Row Certificates::issue(const char* prefix, const char* scheme, const char* payer,
                        const char* name) {
    ++issued_;
    return {.history_key = key_text(prefix, issued_),
            .certificate_type_id = scheme,
            .scheme_id = scheme,
            .payer_number = payer,
            .recipient_number = recipient_number(100'000 + issued_),
            .certificate_name = name};
}

void Certificates::set_period(Row& row, unsigned renewed_in_month) const {
    const std::chrono::year year = today_.ymd().year();
    row.valid_from = first_of(year, renewed_in_month);
    if (row.valid_from > today_) row.valid_from = row.valid_from.plus_years(-1);
    row.valid_to = row.valid_from.plus_years(1).plus_days(-1);
}

std::optional<Row> Certificates::child(domain::Date birth) {
    struct Band {
        int to_age;  // to the end of the fiscal year in which this age is reached
        const char *scheme, *payer, *name;
    };
    constexpr Band kBands[] = {
        {6, "maru-nyu", "88138243", "マル乳医療証"},
        {15, "maru-ko", "88131248", "マル子医療証"},
        {18, "maru-sei", "89131247", "マル青医療証"},
    };
    for (const Band& band : kBands) {
        const domain::Date last = domain::fiscal_year_end_after_age(birth, band.to_age);
        if (last < today_) continue;
        Row row = issue("H", band.scheme, band.payer, band.name);
        set_period(row, kOctober);
        row.valid_from = std::max(row.valid_from, birth);
        row.valid_to = std::min(row.valid_to, last);
        return row;
    }
    return std::nullopt;
}

Row Certificates::single_parent(bool copay_free) {
    Row row = issue("H", "maru-oya", copay_free ? "81137242" : "81136244", "マル親医療証");
    row.income_segment = copay_free ? "非課税" : "課税";
    set_period(row, kJanuary);
    return row;
}

Row Certificates::intractable_disease(const std::string& institutions) {
    Row row = issue("T", "nanbyo-54", "54136015", "特定医療費(指定難病)受給者証");
    row.income_segment = "general1";
    row.designated_institutions = institutions;
    row.cap_monthly_yen = kCapOfGeneral1;
    set_period(row, kOctober);
    return row;
}

Row Certificates::severe_disability() {
    Row row = issue("T", "maru-sho", "80137151", "マル障受給者証");
    set_period(row, kOctober);
    return row;
}

Row Certificates::before(const Row& row) {
    Row old = row;
    old.history_key = key_text(row.history_key.substr(0, 1).c_str(), ++issued_);
    old.valid_to = row.valid_from.plus_days(-1);
    old.valid_from = row.valid_from.plus_years(-1);
    return old;
}

}  // namespace shikaku::mocks
