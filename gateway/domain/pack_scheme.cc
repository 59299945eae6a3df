#include "gateway/domain/pack_scheme.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

// Letters, digits, dot, hyphen, underscore; at least one letter, so that it is no 法別番号.
std::optional<std::string> parse_scheme_id(std::string_view text) {
    constexpr std::size_t kLengthMax = 50;
    bool letter = false;
    for (const char c : text) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        letter = letter || is_letter;
        if (!is_letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_')
            return std::nullopt;
    }
    if (!letter || text.size() > kLengthMax) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> parse_law_code(std::string_view text) {
    if (text.size() != 2 || !is_digits(text)) return std::nullopt;
    return std::string(text);
}

// 法別番号, a scheme id, or "authority/scheme id".
std::optional<std::string> parse_excluder(std::string_view text) {
    const std::size_t slash = text.find('/');
    const bool good = slash == std::string_view::npos
                          ? parse_law_code(text) || parse_scheme_id(text)
                          : AuthorityCode::parse(text.substr(0, slash)) &&
                                parse_scheme_id(text.substr(slash + 1));
    return good ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> parse_prefix(std::string_view text) {
    if (text.size() > 6 || !is_digits(text)) return std::nullopt;
    return std::string(text);
}

InsurerCondition read_insurer(Problems& problems, const Place& place) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"national_health_society_prefixes", "societies"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"national_health_society_prefixes"});
    InsurerCondition insurer;
    reader.read_as("national_health_society_prefixes", insurer.national_health_society_prefixes,
                   parse_prefix, "1から6桁の数字", "1 to 6 digits");
    reader.read_as("societies", insurer.societies, parse_prefix, "1から6桁の数字", "1 to 6 digits");
    return insurer;
}

// Versions in the order of time, each beginning the day after the one before ends.
void check_versions(Problems& problems, const Place& scheme, const Json& list,
                    const std::vector<RuleVersion>& rules) {
    const Place rules_place(scheme, "rules", list);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Place place(rules_place, i, list[i]);
        if (rules[i].to && *rules[i].to < rules[i].from)
            problems.add(place, "終了日が開始日より前です", "it ends before it begins");
        if (i == 0) continue;
        const RuleVersion& before = rules[i - 1];
        if (!before.to || rules[i].from <= *before.to) {
            problems.add(place,
                         "前の版と期間が重なっています(前の版の to の翌日から始めてください)",
                         "overlaps the version before it; begin on the day after its \"to\"");
        } else if (rules[i].from != before.to->plus_days(1)) {
            problems.add(place, "前の版との間に空白の期間があります",
                         "there is a gap after the version before it");
        }
    }
}

void check_payer_numbers(const ObjectReader& reader, const Scheme& scheme) {
    for (const PayerNumber& number : scheme.payer_numbers) {
        if (number.law_code() != scheme.law_code)
            reader.problem("payer_numbers", "法別番号が law_code と異なる番号があります",
                           "a number does not begin with the law_code");
    }
}

}  // namespace

RuleVersion read_rule(Problems& problems, const Place& place) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"from", "to", "age", "copay", "area", "insurer", "insurance_required",
         "designated_institution_required", "always_reimbursement", "settlement", "excluded_by",
         "excluded_segments", "excluded_segments_age", "required_segments", "required_conditions",
         "notes"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"from", "copay", "area"});
    RuleVersion rule;
    std::optional<Date> from;
    reader.read("from", from);
    rule.from = from.value_or(Date());
    rule.version = rule.from.iso();
    reader.read("to", rule.to);
    if (const Json* const age = reader.find("age"))
        rule.age = read_age(problems, Place(place, "age", *age));
    reader.for_each(
        "copay", [&](const Place& item) { rule.copay.push_back(read_copay_line(problems, item)); });
    if (reader.find("copay") != nullptr && rule.copay.empty())
        reader.problem("copay", "1行以上必要です", "needs at least one line");
    if (const Json* const area = reader.find("area"))
        rule.area = read_area(problems, Place(place, "area", *area));
    if (const Json* const insurer = reader.find("insurer"))
        rule.insurer = read_insurer(problems, Place(place, "insurer", *insurer));
    reader.read("insurance_required", rule.insurance_required);
    reader.read("designated_institution_required", rule.designated_institution_required);
    reader.read("always_reimbursement", rule.always_reimbursement);
    std::optional<Settlement> settlement;
    reader.read_as("settlement", settlement, parse_settlement,
                   "in_kind、reimbursement、auto_reimbursement のいずれか",
                   "in_kind, reimbursement or auto_reimbursement");
    rule.settlement = settlement.value_or(Settlement::in_kind);
    reader.read_as("excluded_by", rule.excluded_by, parse_excluder,
                   "法別番号2桁、制度ID、または「団体コード/制度ID」",
                   "a two-digit law code, a scheme id, or \"authority/scheme id\"");
    reader.read("excluded_segments", rule.excluded_segments);
    if (const Json* const age = reader.find("excluded_segments_age")) {
        rule.excluded_segments_age =
            read_age(problems, Place(place, "excluded_segments_age", *age));
        if (rule.excluded_segments.empty())
            reader.problem("excluded_segments_age", "excluded_segments が必要です",
                           "needs \"excluded_segments\"");
    }
    reader.read("required_segments", rule.required_segments);
    reader.read("required_conditions", rule.required_conditions);
    reader.read("notes", rule.notes);
    return rule;
}

Scheme read_scheme(Problems& problems, const Place& place, AuthorityCode authority) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"id", "name", "law_code", "payer_numbers", "claim_order",
                                         "source", "unknown", "rules", "examples"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"id", "name", "payer_numbers", "source", "rules"});
    Scheme scheme{.authority = authority,
                  .id = {},
                  .name = {},
                  .law_code = {},
                  .payer_numbers = {},
                  .claim_order = {},
                  .source = {},
                  .unknown = {},
                  .rules = {}};
    std::optional<std::string> id;
    reader.read_as("id", id, parse_scheme_id, "英字を含む50文字以下の英数字と . - _",
                   "up to 50 letters, digits, dots, hyphens or underscores, one of them a letter");
    scheme.id = id.value_or("");
    reader.read("name", scheme.name);
    std::optional<std::string> law_code;
    reader.read_as("law_code", law_code, parse_law_code, "法別番号2桁", "two digits (法別番号)");
    scheme.law_code = law_code.value_or("");
    reader.read_as("payer_numbers", scheme.payer_numbers, PayerNumber::parse, "公費負担者番号8桁",
                   "eight digits (公費負担者番号)");
    check_payer_numbers(reader, scheme);
    reader.read("claim_order", scheme.claim_order, 1, 1000);
    reader.read("source", scheme.source);
    reader.read("unknown", scheme.unknown);
    reader.for_each(
        "rules", [&](const Place& item) { scheme.rules.push_back(read_rule(problems, item)); },
        bounds::kRulesPerScheme);
    if (const Json* const rules = reader.find("rules")) {
        if (rules->is_array() && scheme.rules.empty())
            reader.problem("rules", "1つ以上必要です", "needs at least one version");
        if (problems.none()) check_versions(problems, place, *rules, scheme.rules);
    }
    return scheme;
}

}  // namespace shikaku::domain
