// The parts of a rule about money and place: co-payment lines and the area of in-kind settlement.
#include <fmt/format.h>

#include <array>

#include "gateway/domain/copay_text.h"
#include "gateway/domain/pack_scheme.h"
#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

constexpr int kYenMax = 10'000'000;

std::optional<Area::Scope> parse_scope(std::string_view text) {
    static constexpr auto kNames = std::to_array<std::string_view>(
        {"nationwide", "prefecture", "list", "municipality", "unknown"});
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == text) return static_cast<Area::Scope>(i);
    }
    return std::nullopt;
}

std::optional<InstitutionCode::Kind> parse_kind(std::string_view text) {
    if (text == "medical") return InstitutionCode::Kind::medical;
    if (text == "dental") return InstitutionCode::Kind::dental;
    if (text == "pharmacy") return InstitutionCode::Kind::pharmacy;
    if (text == "home_nursing") return InstitutionCode::Kind::home_nursing;
    return std::nullopt;
}

std::optional<std::string> parse_prefecture(std::string_view text) {
    const bool good = text.size() == 2 && is_digits(text) && text >= "01" && text <= "47";
    return good ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> parse_district(std::string_view text) {
    const bool good = text.size() == 4 && is_digits(text) && parse_prefecture(text.substr(0, 2));
    return good ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<Settlement> parse_outside(std::string_view text) {
    const auto settlement = parse_settlement(text);
    return settlement == Settlement::in_kind ? std::nullopt : settlement;
}

// Which figures each kind of co-payment needs or may not have.
void check_figures(const ObjectReader& reader, const Copay& copay) {
    using Kind = Copay::Kind;
    const auto needs = [&](std::string_view key, bool present) {
        if (!present)
            reader.problem("kind", fmt::format("この種類には「{}」が必要です", key),
                           fmt::format("this kind needs \"{}\"", key));
    };
    const auto refuses = [&](std::string_view key, bool present) {
        if (present)
            reader.problem(key, "この種類の負担には使えません", "does not go with this kind");
    };
    const bool amount = copay.kind == Kind::per_visit || copay.kind == Kind::per_day ||
                        copay.kind == Kind::first_visit;
    const bool charged =
        amount || copay.kind == Kind::percentage || copay.kind == Kind::insurance_share;
    if (amount) {
        needs("amount_yen", copay.amount_yen.has_value());
    } else {
        refuses("amount_yen", copay.amount_yen.has_value());
        refuses("up_to", copay.up_to);
    }
    if (copay.kind == Kind::percentage) {
        needs("percent", copay.percent.has_value());
    } else {
        refuses("percent", copay.percent.has_value());
    }
    if (copay.kind != Kind::per_day) refuses("days_per_month", copay.days_per_month.has_value());
    if (!charged) {
        refuses("cap_monthly_yen", copay.cap_monthly_yen.has_value());
        refuses("cap_many_times_yen", copay.cap_many_times_yen.has_value());
        refuses("cap_yearly_yen", copay.cap_yearly_yen.has_value());
        refuses("cap_person_monthly_yen", copay.cap_person_monthly_yen.has_value());
    }
    if (!charged || copay.cap_monthly_yen || copay.cap_person_monthly_yen)
        refuses("cap_unknown", copay.cap_unknown);
    if (!copay.cap_person_monthly_yen) refuses("person_cap_by_refund", copay.person_cap_by_refund);
    if (!copay.cap_yearly_yen) refuses("year_starts_month", copay.year_starts_month.has_value());
}

void read_figures(const ObjectReader& reader, Copay& copay) {
    reader.read("amount_yen", copay.amount_yen, 1, kYenMax);
    reader.read("up_to", copay.up_to);
    reader.read("percent", copay.percent, 1, 100);
    reader.read("days_per_month", copay.days_per_month, 1, 31);
    reader.read("cap_monthly_yen", copay.cap_monthly_yen, 0, kYenMax);
    reader.read("cap_many_times_yen", copay.cap_many_times_yen, 0, kYenMax);
    reader.read("cap_yearly_yen", copay.cap_yearly_yen, 0, kYenMax);
    reader.read("year_starts_month", copay.year_starts_month, 1, 12);
    reader.read("cap_person_monthly_yen", copay.cap_person_monthly_yen, 0, kYenMax);
    reader.read("person_cap_by_refund", copay.person_cap_by_refund);
    reader.read("cap_unknown", copay.cap_unknown);
    reader.read("food_covered", copay.food_covered);
    reader.read("counter", copay.counter);
}

}  // namespace

AgeRange read_age(Problems& problems, const Place& place) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"from", "from_fiscal_year_after", "to", "to_fiscal_year_end_after"});
    const ObjectReader reader(problems, place, kKeys);
    constexpr int kAgeMax = 130;
    AgeRange age;
    reader.read("from", age.from, 0, kAgeMax);
    reader.read("from_fiscal_year_after", age.from_fiscal_year_after, 0, kAgeMax);
    reader.read("to", age.to, 0, kAgeMax);
    reader.read("to_fiscal_year_end_after", age.to_fiscal_year_end_after, 0, kAgeMax);
    const bool empty = (age.from && age.to && *age.from > *age.to) ||
                       (age.from_fiscal_year_after && age.to_fiscal_year_end_after &&
                        *age.from_fiscal_year_after >= *age.to_fiscal_year_end_after);
    if (empty) problems.add(place, "この範囲に入る年齢がありません", "no age lies in this range");
    if (reader.is_object() && place.json().empty())
        problems.add(place, "年齢の条件が空です", "the age rule is empty");
    return age;
}

CopayLine read_copay_line(Problems& problems, const Place& place) {
    static constexpr auto kKeys = std::to_array<std::string_view>({"settings",
                                                                   "segments",
                                                                   "income_segments",
                                                                   "conditions",
                                                                   "payer_numbers",
                                                                   "age",
                                                                   "kind",
                                                                   "amount_yen",
                                                                   "up_to",
                                                                   "percent",
                                                                   "days_per_month",
                                                                   "cap_monthly_yen",
                                                                   "cap_many_times_yen",
                                                                   "cap_yearly_yen",
                                                                   "year_starts_month",
                                                                   "cap_person_monthly_yen",
                                                                   "person_cap_by_refund",
                                                                   "cap_unknown",
                                                                   "food_covered",
                                                                   "counter"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"kind"});
    CopayLine line;
    reader.read_as("settings", line.settings, parse_setting,
                   "outpatient、inpatient、pharmacy、dental_outpatient、dental_inpatient、"
                   "home_nursing、judo_therapy、acupuncture のいずれか",
                   "one of outpatient, inpatient, pharmacy, dental_outpatient, dental_inpatient, "
                   "home_nursing, judo_therapy, acupuncture");
    reader.read("segments", line.segments);
    reader.read("income_segments", line.income_segments);
    reader.read("conditions", line.conditions);
    reader.read_as("payer_numbers", line.payer_numbers, PayerNumber::parse, "公費負担者番号8桁",
                   "eight digits (公費負担者番号)");
    if (const Json* const age = reader.find("age"))
        line.age = read_age(problems, Place(place, "age", *age));
    std::optional<Copay::Kind> kind;
    reader.read_as("kind", kind, parse_copay_kind,
                   "free、per_visit、per_day、first_visit、percentage、insurance_share、"
                   "not_covered、unknown のいずれか",
                   "one of free, per_visit, per_day, first_visit, percentage, insurance_share, "
                   "not_covered, unknown");
    read_figures(reader, line.copay);
    if (!kind) return line;
    line.copay.kind = *kind;
    check_figures(reader, line.copay);
    write_copay_text(line.copay);
    return line;
}

Area read_area(Problems& problems, const Place& place) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"scope", "prefectures", "institutions", "kinds", "districts", "outside"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"scope"});
    Area area;
    std::optional<Area::Scope> scope;
    reader.read_as("scope", scope, parse_scope,
                   "nationwide、prefecture、list、municipality、unknown のいずれか",
                   "nationwide, prefecture, list, municipality or unknown");
    reader.read_as("prefectures", area.prefectures, parse_prefecture, "都道府県番号 01から47",
                   "a prefecture number, 01 to 47");
    reader.read_as("institutions", area.institutions, InstitutionCode::parse,
                   "検証番号の正しい医療機関コード10桁",
                   "a 10-digit institution code with a right check digit");
    reader.read_as("kinds", area.kinds, parse_kind,
                   "medical、dental、pharmacy、home_nursing のいずれか",
                   "medical, dental, pharmacy or home_nursing");
    reader.read_as("districts", area.districts, parse_district, "都道府県2桁と郡市区2桁",
                   "two digits of the prefecture and two of the district");
    std::optional<Settlement> outside;
    reader.read_as("outside", outside, parse_outside, "reimbursement または auto_reimbursement",
                   "reimbursement or auto_reimbursement");
    area.outside = outside.value_or(Settlement::reimbursement);
    if (!scope) return area;
    area.scope = *scope;
    const auto goes_with = [&](std::string_view key, bool wanted, bool present) {
        if (wanted && !present)
            reader.problem("scope", fmt::format("この範囲には「{}」が必要です", key),
                           fmt::format("this scope needs \"{}\"", key));
        if (!wanted && present)
            reader.problem(key, "この範囲では使えません", "does not go with this scope");
    };
    goes_with("prefectures", area.scope == Area::Scope::list, !area.prefectures.empty());
    goes_with("districts", area.scope == Area::Scope::municipality, !area.districts.empty());
    return area;
}

}  // namespace shikaku::domain
