#include "gateway/domain/case_json.h"

#include "gateway/support/bounds.h"
#include "gateway/support/json_object.h"

namespace shikaku::domain {
namespace {

void write_if(JsonWriter& out, std::string_view key, bool value) {
    if (value) out.field(key, true);
}

void write_if(JsonWriter& out, std::string_view key, const std::string& value) {
    if (!value.empty()) out.field(key, value);
}

void write_insurance(JsonWriter& out, const Insurance& insurance) {
    out.begin_object().field("st", name(insurance.status));
    if (insurance.insurer) out.field("i", insurance.insurer->text());
    write_if(out, "sy", insurance.symbol);
    write_if(out, "no", insurance.number);
    write_if(out, "br", insurance.branch);
    if (insurance.copay_ratio_percent) out.field("cr", *insurance.copay_ratio_percent);
    write_if(out, "src", insurance.from_source);
    if (insurance.as_of != Instant{}) out.field("as", unix_ms(insurance.as_of));
    out.end_object();
}

// Takes what an object's members say; a member that is not known makes it corrupt.
JsonObject object_of(const Json& json, std::string pointer) {
    return JsonObject(json, ErrorCode::corrupt, std::move(pointer));
}

Status read_insurance(const Json& json, std::string pointer, Insurance& insurance) {
    return object_of(json, std::move(pointer))
        .needed("st", insurance.status, parse_insurance_status)
        .maybe("i", insurance.insurer)
        .maybe("sy", insurance.symbol)
        .maybe("no", insurance.number)
        .maybe("br", insurance.branch)
        .maybe("cr", insurance.copay_ratio_percent)
        .maybe("src", insurance.from_source)
        .maybe("as", insurance.as_of)
        .done();
}

Status read_query(const Json& json, std::string pointer, std::optional<Query>& out) {
    JsonObject object = object_of(json, std::move(pointer));
    std::optional<InstitutionCode> institution;
    std::optional<Date> service_date;
    std::optional<Date> today;
    std::optional<Setting> setting;
    object.needed("i", institution)
        .needed("d", service_date)
        .needed("t", today)
        .needed("s", setting, parse_setting);
    SHIKAKU_TRY(object.done_with_others());
    Query& query = out.emplace(Query{.institution = *institution,
                                     .service_date = *service_date,
                                     .today = *today,
                                     .setting = *setting,
                                     .residence = {},
                                     .birth_date = {},
                                     .insurance = {}});
    return object.maybe("c", query.consent)
        .maybe("r", query.residence)
        .maybe("b", query.birth_date)
        .maybe("x", query.explain)
        .nested("n",
                [&](const Json& insurance, std::string at) {
                    return read_insurance(insurance, std::move(at), query.insurance.emplace());
                })
        .done();
}

Status read_finding(const Json& json, std::string pointer, std::vector<Finding>& out) {
    JsonObject object = object_of(json, std::move(pointer));
    std::optional<AuthorityCode> authority;
    std::optional<SourceStatus> status;
    std::optional<Freshness> freshness;
    object.needed("a", authority)
        .needed("st", status, parse_source_status)
        .needed("fr", freshness, parse_freshness);
    SHIKAKU_TRY(object.done_with_others());
    Finding& finding = out.emplace_back(Finding{.authority = *authority,
                                                .status = *status,
                                                .kind = {},
                                                .freshness = *freshness,
                                                .entitlements = {}});
    object.maybe("k", finding.kind)
        .maybe("as", finding.as_of)
        .maybe("ms", finding.elapsed_ms)
        .maybe("bp", finding.beyond_policy)
        .maybe("am", finding.ambiguous)
        .maybe("ol", finding.other_linkage)
        .each("e", [&](const Json& item, const std::string& at) -> Status {
            if (finding.entitlements.size() == bounds::kEntitlementsPerAuthority)
                return fail(ErrorCode::corrupt, "is one too many", at);
            SHIKAKU_TRY_LET(auto entitlement, read_entitlement(item));
            finding.entitlements.push_back(std::move(entitlement));
            return {};
        });
    return object.done();
}

}  // namespace

void write_query(JsonWriter& out, const Query& query) {
    out.begin_object()
        .field("i", query.institution.text())
        .field("d", query.service_date.iso())
        .field("t", query.today.iso())
        .field("s", name(query.setting));
    write_if(out, "c", query.consent);
    if (query.residence) out.field("r", query.residence->text());
    if (query.birth_date) out.field("b", query.birth_date->iso());
    if (query.insurance) {
        out.key("n");
        write_insurance(out, *query.insurance);
    }
    write_if(out, "x", query.explain);
    out.end_object();
}

void write_finding(JsonWriter& out, const Finding& finding) {
    out.begin_object().field("a", finding.authority.text()).field("st", name(finding.status));
    write_if(out, "k", finding.kind);
    out.field("fr", name(finding.freshness)).field("as", unix_ms(finding.as_of));
    if (finding.elapsed_ms != 0) out.field("ms", finding.elapsed_ms);
    write_if(out, "bp", finding.beyond_policy);
    write_if(out, "am", finding.ambiguous);
    write_if(out, "ol", finding.other_linkage);
    if (!finding.entitlements.empty()) {
        out.key("e").begin_array();
        for (const Entitlement& entitlement : finding.entitlements)
            write_entitlement(out, entitlement);
        out.end_array();
    }
    out.end_object();
}

void write_case(JsonWriter& out, const Case& facts) {
    out.begin_object().key("q");
    write_query(out, facts.query);
    out.key("f").begin_array();
    for (const Finding& finding : facts.findings)
        write_finding(out, finding);
    out.end_array().end_object();
}

Result<Case> read_case(const Json& json) {
    JsonObject object = object_of(json, {});
    std::optional<Query> query;
    std::vector<Finding> findings;
    object.needed("q").nested("q", [&](const Json& question, std::string at) {
        return read_query(question, std::move(at), query);
    });
    object.needed("f").each("f", [&](const Json& finding, std::string at) -> Status {
        if (findings.size() == bounds::kAuthoritiesPerQuestion)
            return fail(ErrorCode::corrupt, "is one too many", std::move(at));
        return read_finding(finding, std::move(at), findings);
    });
    SHIKAKU_TRY(object.done());
    return Case{.query = *std::move(query), .findings = std::move(findings)};
}

}  // namespace shikaku::domain
