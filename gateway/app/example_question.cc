#include "gateway/app/example_question.h"

#include <algorithm>
#include <array>

#include "gateway/domain/pack_reader.h"

namespace shikaku::app {
namespace {

using domain::ObjectReader;
using domain::Place;
using domain::Problems;

constexpr int kYenMax = 10'000'000;
constexpr auto kKeys = std::to_array<std::string_view>(
    {"service_date", "setting", "institution", "birth_date", "insurer", "insurance_status",
     "authority", "scheme_id", "payer_number", "segment", "income_segment", "additional_conditions",
     "designated_institutions", "always_reimbursement", "cap_monthly_yen", "valid_from", "valid_to",
     "revoked", "others"});

std::optional<domain::Insurance::Status> parse_status(std::string_view text) {
    using Status = domain::Insurance::Status;
    if (text == "valid") return Status::valid;
    if (text == "invalid") return Status::invalid;
    return text == "unknown" ? std::optional(Status::unknown) : std::nullopt;
}

domain::Entitlement read_entitlement(const ObjectReader& reader, domain::Date day,
                                     domain::Entitlement out) {
    std::optional<domain::Date> from;
    std::optional<domain::Date> to;
    bool revoked = false;
    reader.read("scheme_id", out.scheme_id);
    reader.read("valid_from", from);
    reader.read("valid_to", to);
    reader.read("revoked", revoked);
    reader.read_as("payer_number", out.payer_number, domain::PayerNumber::parse, "", "");
    reader.read("segment", out.segment);
    reader.read("income_segment", out.income_segment);
    reader.read("additional_conditions", out.additional_conditions);
    reader.read_as("designated_institutions", out.designated_institutions,
                   domain::InstitutionCode::parse, "", "");
    reader.read("always_reimbursement", out.always_reimbursement);
    reader.read("cap_monthly_yen", out.cap_monthly_yen, 0, kYenMax);
    out.recipient_number = "1234566";  // nobody's
    out.valid_from = from.value_or(day.plus_years(-1));
    out.valid_to = to.value_or(day.plus_years(1));
    if (revoked) out.revoked_at = Instant(day.days());
    return out;
}

std::optional<domain::Query> read_query(const ObjectReader& reader, const domain::Scheme& scheme,
                                        domain::Date day) {
    std::optional<domain::Setting> setting;
    std::optional<domain::InstitutionCode> institution;
    std::optional<domain::InsurerNumber> insurer;
    std::optional<domain::Insurance::Status> status;
    reader.read_as("setting", setting, domain::parse_setting, "", "");
    reader.read_as("institution", institution, domain::InstitutionCode::parse, "", "");
    reader.read_as("insurer", insurer, domain::InsurerNumber::parse, "", "");
    reader.read_as("insurance_status", status, parse_status, "", "");
    if (!setting || !institution) return std::nullopt;
    domain::Query query{.institution = *institution,
                        .service_date = day,
                        .today = day,
                        .setting = *setting,
                        .consent = true,
                        .residence = scheme.authority,
                        .birth_date = {},
                        .insurance = {}};
    reader.read("birth_date", query.birth_date);
    if (insurer || status)
        query.insurance =
            domain::Insurance{.status = status.value_or(domain::Insurance::Status::unknown),
                              .insurer = insurer,
                              .symbol = {},
                              .number = {},
                              .branch = {},
                              .copay_ratio_percent = {}};
    return query;
}

void add(domain::Case& facts, domain::AuthorityCode authority, domain::Entitlement row) {
    auto found = std::ranges::find(facts.findings, authority, &domain::Finding::authority);
    if (found == facts.findings.end())
        found = facts.findings.insert(found, {.authority = authority,
                                              .status = domain::SourceStatus::answered,
                                              .kind = "published",
                                              .freshness = domain::Freshness::published,
                                              .entitlements = {}});
    found->entitlements.push_back(std::move(row));
}

}  // namespace

std::optional<domain::Case> read_example_question(const Json& question,
                                                  const domain::Scheme& scheme, domain::Date day) {
    Problems problems;
    const Place place(question);
    const ObjectReader reader(problems, place, kKeys);
    auto query = read_query(reader, scheme, day);
    if (!query) return std::nullopt;
    domain::Case facts{.query = std::move(*query), .findings = {}};

    domain::Entitlement own;
    own.history_key = "example";
    own.scheme_id = scheme.id;
    if (scheme.payer_numbers.size() == 1) own.payer_number = scheme.payer_numbers.front();
    add(facts, scheme.authority, read_entitlement(reader, day, std::move(own)));
    reader.for_each("others", [&](const Place& item) {
        const ObjectReader other(problems, item, kKeys);
        std::optional<domain::AuthorityCode> authority;
        other.read_as("authority", authority, domain::AuthorityCode::parse, "", "");
        domain::Entitlement row;
        row.history_key = "other-" + std::to_string(facts.findings.front().entitlements.size() +
                                                    facts.findings.size());
        add(facts, authority.value_or(scheme.authority), read_entitlement(other, day, row));
    });
    return problems.none() ? std::optional(std::move(facts)) : std::nullopt;
}

}  // namespace shikaku::app
