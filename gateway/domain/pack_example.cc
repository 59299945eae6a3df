#include "gateway/domain/pack_example.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "gateway/domain/decide.h"

namespace shikaku::domain {
namespace {

constexpr int kYenMax = 10'000'000;
constexpr std::string_view kRecipientNumber = "1234566";  // nobody's

std::optional<std::string> parse_text(std::string_view text) {
    return std::string(text);
}

// The members of an entitlement; absent dates mean: valid a year to both sides of the service date.
void read_entitlement_members(const ObjectReader& reader, Date service_date, Entitlement& out) {
    std::optional<Date> from;
    std::optional<Date> to;
    reader.read("valid_from", from);
    reader.read("valid_to", to);
    out.valid_from = from.value_or(service_date.plus_years(-1));
    out.valid_to = to.value_or(service_date.plus_years(1));
    reader.read_as("payer_number", out.payer_number, PayerNumber::parse, "公費負担者番号8桁",
                   "eight digits (公費負担者番号)");
    reader.read("segment", out.segment);
    reader.read("income_segment", out.income_segment);
    reader.read("additional_conditions", out.additional_conditions);
    reader.read_as("designated_institutions", out.designated_institutions, InstitutionCode::parse,
                   "検証番号の正しい医療機関コード10桁",
                   "a 10-digit institution code with a right check digit");
    reader.read("always_reimbursement", out.always_reimbursement);
    reader.read("cap_monthly_yen", out.cap_monthly_yen, 0, kYenMax);
    bool revoked = false;
    reader.read("revoked", revoked);
    if (revoked) out.revoked_at = Instant(service_date.days());
}

void read_insurance(const ObjectReader& reader, Query& query) {
    std::optional<InsurerNumber> insurer;
    std::optional<Insurance::Status> status;
    reader.read_as("insurer", insurer, InsurerNumber::parse, "保険者番号6桁または8桁",
                   "an insurer number of 6 or 8 digits");
    reader.read_as("insurance_status", status, parse_insurance_status,
                   "valid、invalid、unknown のいずれか", "valid, invalid or unknown");
    if (!insurer && !status) return;
    query.insurance = Insurance{.status = status.value_or(Insurance::Status::unknown),
                                .insurer = insurer,
                                .symbol = {},
                                .number = {},
                                .branch = {},
                                .copay_ratio_percent = {}};
}

Finding& finding_of(Case& facts, AuthorityCode authority) {
    const auto found = std::ranges::find(facts.findings, authority, &Finding::authority);
    if (found != facts.findings.end()) return *found;
    return facts.findings.emplace_back(Finding{.authority = authority,
                                               .status = SourceStatus::answered,
                                               .kind = "published",
                                               .freshness = Freshness::published,
                                               .entitlements = {}});
}

void read_other(Problems& problems, const Place& place, const Scheme& scheme, Date service_date,
                Case& facts) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"authority", "scheme_id", "payer_number", "segment", "income_segment",
         "additional_conditions", "designated_institutions", "always_reimbursement",
         "cap_monthly_yen", "valid_from", "valid_to", "revoked"});
    const ObjectReader reader(problems, place, kKeys);
    std::optional<AuthorityCode> authority;
    reader.read_as("authority", authority, AuthorityCode::parse, "全国地方公共団体コード6桁",
                   "a 6-digit authority code");
    Finding& finding = finding_of(facts, authority.value_or(scheme.authority));
    Entitlement other;
    other.history_key = fmt::format("other-{}", finding.entitlements.size());
    other.recipient_number = kRecipientNumber;
    std::optional<std::string> id;
    reader.read_as("scheme_id", id, parse_text, "文字列", "a text");
    other.scheme_id = id.value_or("");
    read_entitlement_members(reader, service_date, other);
    finding.entitlements.push_back(std::move(other));
}

// Compares one expected member with what came out.
class Comparison {
  public:
    Comparison(Problems& problems, const Place& expect) : problems_(problems), expect_(expect) {}

    void same(std::string_view key, const std::string& expected, const std::string& got) const {
        if (expected == got) return;
        problems_.add(
            expect_, fmt::format("例の結果が違います: {} は {} のはずが {}", key, expected, got),
            fmt::format("the example fails: {} should be {}, but is {}", key, expected, got));
    }
    void same(std::string_view key, const std::optional<int>& expected,
              const std::optional<int>& got) const {
        if (expected) same(key, std::to_string(*expected), got ? std::to_string(*got) : "none");
    }

  private:
    Problems& problems_;
    const Place& expect_;
};

void compare_copay(Problems& problems, const Place& place, const SubsidyDecision& subsidy) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"kind", "amount_yen", "up_to", "percent", "days_per_month", "cap_monthly_yen",
         "cap_many_times_yen", "cap_yearly_yen", "year_starts_month", "cap_person_monthly_yen",
         "person_cap_by_refund", "food_covered", "counter"});
    const ObjectReader reader(problems, place, kKeys);
    const Comparison comparison(problems, place);
    const Copay unknown;
    const Copay& got = subsidy.copay == nullptr ? unknown : *subsidy.copay;
    std::optional<Copay::Kind> kind;
    reader.read_as("kind", kind, parse_copay_kind, "負担の種類", "a kind of co-payment");
    if (kind) comparison.same("copay kind", std::string(name(*kind)), std::string(name(got.kind)));
    const auto figure = [&](std::string_view key, const std::optional<int>& value) {
        std::optional<int> expected;
        reader.read(key, expected, 0, kYenMax);
        comparison.same(key, expected, value);
    };
    figure("amount_yen", got.amount_yen);
    figure("percent", got.percent);
    figure("days_per_month", got.days_per_month);
    figure("cap_monthly_yen", got.cap_monthly_yen);
    figure("cap_many_times_yen", got.cap_many_times_yen);
    figure("cap_yearly_yen", got.cap_yearly_yen);
    figure("year_starts_month", got.year_starts_month);
    figure("cap_person_monthly_yen", got.cap_person_monthly_yen);
    const auto flag = [&](std::string_view key, const std::optional<bool>& value) {
        const auto text = [](const std::optional<bool>& v) {
            return v ? (*v ? "true" : "false") : "unknown";
        };
        std::optional<bool> expected;
        reader.read(key, expected);
        if (expected) comparison.same(key, text(expected), text(value));
    };
    flag("up_to", got.up_to);
    flag("person_cap_by_refund", got.person_cap_by_refund);
    flag("food_covered", got.food_covered);
    std::optional<std::string> counter;
    reader.read_as("counter", counter, parse_text, "文字列", "a text");
    if (counter) comparison.same("counter", *counter, got.counter);
}

template <class Codes, class Projection>
std::string joined(const Codes& codes, Projection projection) {
    std::vector<std::string> texts;
    texts.reserve(codes.size());
    for (const auto& code : codes)
        texts.emplace_back(projection(code));
    std::ranges::sort(texts);
    return fmt::format("[{}]", fmt::join(texts, ", "));
}

void compare(Problems& problems, const Place& place, const Decision& decision,
             const SubsidyDecision& subsidy) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"outcome", "reason", "copay", "settlement", "claim_order",
                                         "monthly_cap_yen", "notes", "warnings"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"outcome", "reason"});
    const Comparison comparison(problems, place);
    std::optional<Outcome> outcome;
    std::optional<Reason> reason;
    std::optional<Settlement> settlement;
    reader.read_as("outcome", outcome, parse_outcome, "eligible、not_eligible、unknown のいずれか",
                   "eligible, not_eligible or unknown");
    reader.read_as("reason", reason, parse_reason, "理由コード", "a reason");
    reader.read_as("settlement", settlement, parse_settlement, "支払方法", "a settlement");
    if (outcome)
        comparison.same("outcome", std::string(name(*outcome)), std::string(name(subsidy.outcome)));
    if (reason)
        comparison.same("reason", std::string(info(*reason).name),
                        std::string(info(subsidy.reason).name));
    if (settlement)
        comparison.same("settlement", std::string(name(*settlement)),
                        std::string(name(subsidy.settlement)));
    std::optional<int> number;
    reader.read("claim_order", number, 0, 100);
    comparison.same("claim_order", number, subsidy.claim_order);
    number.reset();
    reader.read("monthly_cap_yen", number, 0, kYenMax);
    comparison.same("monthly_cap_yen", number, subsidy.monthly_cap_yen);
    if (const Json* const copay = reader.find("copay"))
        compare_copay(problems, Place(place, "copay", *copay), subsidy);

    const auto as_is = [](const auto& code) { return code; };
    std::vector<std::string> codes;
    reader.read("notes", codes);
    if (reader.find("notes") != nullptr)
        comparison.same("notes", joined(codes, as_is), joined(subsidy.notes, as_is));
    codes.clear();
    reader.read("warnings", codes);
    if (reader.find("warnings") != nullptr)
        comparison.same("warnings", joined(codes, as_is),
                        joined(decision.warnings, [](const Warning& w) { return w.code; }));
}

}  // namespace

std::optional<Case> read_example_question(Problems& problems, const Place& place,
                                          const Scheme& scheme, std::optional<Date> day) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"service_date", "setting", "institution", "birth_date", "insurer", "insurance_status",
         "payer_number", "segment", "income_segment", "additional_conditions",
         "designated_institutions", "always_reimbursement", "cap_monthly_yen", "valid_from",
         "valid_to", "revoked", "others"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"service_date", "setting", "institution"});
    std::optional<Date> service_date;
    std::optional<Setting> setting;
    std::optional<InstitutionCode> institution;
    reader.read("service_date", service_date);
    if (day) service_date = day;
    reader.read_as("setting", setting, parse_setting, "診療区分", "a setting");
    reader.read_as("institution", institution, InstitutionCode::parse,
                   "検証番号の正しい医療機関コード10桁",
                   "a 10-digit institution code with a right check digit");
    if (!service_date || !setting || !institution) return std::nullopt;

    Case facts{.query = {.institution = *institution,
                         .service_date = *service_date,
                         .today = *service_date,
                         .setting = *setting,
                         .consent = true,
                         .residence = scheme.authority,
                         .birth_date = {},
                         .insurance = {}},
               .findings = {}};
    reader.read("birth_date", facts.query.birth_date);
    read_insurance(reader, facts.query);
    Entitlement own;
    own.history_key = "example";
    own.scheme_id = scheme.id;
    own.recipient_number = kRecipientNumber;
    if (scheme.payer_numbers.size() == 1) own.payer_number = scheme.payer_numbers.front();
    read_entitlement_members(reader, *service_date, own);
    finding_of(facts, scheme.authority).entitlements.push_back(std::move(own));
    reader.for_each("others", [&](const Place& item) {
        read_other(problems, item, scheme, *service_date, facts);
    });
    return facts;
}

void run_example(Problems& problems, const Place& place, const Scheme& scheme,
                 const RuleBook& rules) {
    static constexpr auto kKeys = std::to_array<std::string_view>({"name", "question", "expect"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"name", "question", "expect"});
    std::string name;
    reader.read("name", name);
    const Json* const question = reader.find("question");
    const Json* const expect = reader.find("expect");
    if (question == nullptr || expect == nullptr) return;
    const auto facts = read_example_question(problems, Place(place, "question", *question), scheme);
    if (!facts) return;

    const Decision decision = decide(*facts, rules);
    const Entitlement* const own = &facts->findings.front().entitlements.front();
    const auto subsidy = std::ranges::find(decision.subsidies, own, &SubsidyDecision::entitlement);
    const Place expect_place(place, "expect", *expect);
    if (subsidy == decision.subsidies.end()) {
        problems.add(expect_place, "例の受給者証が、他の受給者証に含まれて結果に現れません",
                     "the example's certificate does not appear in the answer beside the others");
        return;
    }
    compare(problems, expect_place, decision, *subsidy);
}

}  // namespace shikaku::domain
