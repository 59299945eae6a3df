#include "gateway/inquiry/checkup_entry.h"

#include <algorithm>

#include "gateway/domain/field_json.h"
#include "gateway/inquiry/answering.h"
#include "gateway/support/json.h"

namespace shikaku::inquiry {
namespace {

using checkup::Facts;
using checkup::Finding;
using checkup::Query;

// What the asker's and every authority's part begin with.
void write_question(JsonWriter& json, const CheckupRecord& record, std::string_view caller) {
    json.field("caller", caller).field("service_date", record.facts.query.service_date.iso());
}

std::string asker_part(const CheckupRecord& record, std::string_view caller) {
    const checkup::ReasonInfo& told = checkup::info(record.answer.reason);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_question(json, record, caller);
    json.field("request_id", record.request_id)
        .field("answer_id", record.answer.answer_id)
        .field("outcome", checkup::name(told.outcome))
        .field("reason", told.name)
        .field("answer", answer_hash(record.answer.answer_id, record.answer.content_hash))
        .end_object();
    return out;
}

std::string authority_part(const CheckupRecord& record, std::string_view caller,
                           const Finding& finding) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("authority", finding.authority.text());
    write_question(json, record, caller);
    if (const auto pack = record.packs.find(finding.authority); pack != record.packs.end())
        json.field("pack", pack->second->version);
    json.field("status", domain::name(finding.status)).field("as_of", unix_ms(finding.as_of));
    if (finding.beyond_policy) json.field("beyond_policy", true);
    if (finding.other_linkage) json.field("other_linkage", true);
    json.key("checkups").begin_array();
    for (const checkup::Checkup& one : finding.checkups)
        checkup::write_checkup(json, one);
    json.end_array().end_object();
    return out;
}

std::string auditors_part(const CheckupRecord& record, const crypto::KeyRing& keys) {
    const Query& query = record.facts.query;
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("certificate", to_base64(record.caller.certificate))
        .field("subject", to_base64(keys.blind(crypto::BlindPurpose::audit, record.token.link_key)))
        .field("answered_ms", unix_ms(record.answered))
        .field("proof", identity::name(record.token.proof))
        .field("proof_s", record.token.proof_time_s)
        .field("consent_s", record.token.consent_time_s)
        .field("priority", domain::name(record.priority))
        .field("texts", checkup::wording());
    json.key("question").begin_object();
    json.field("institution", query.institution.text())
        .field("service_date", query.service_date.iso())
        .field("consent", query.consent);
    if (query.residence) json.field("residence", query.residence->text());
    json.end_object().end_object();
    return out;
}

std::unexpected<Error> bad(std::string_view what) {
    return fail(ErrorCode::corrupt, "log detail of checkups: " + std::string(what));
}

Result<Json> read_object(std::string_view text) {
    auto json = parse_json(text);
    if (!json || !json->is_object()) return bad("not JSON");
    return json;
}

// Throws nlohmann's exceptions, as the next ones do.
Result<Query> read_query(const Json& json) {
    const auto institution =
        domain::InstitutionCode::parse(json.at("institution").get<std::string>());
    const auto date = domain::Date::parse_iso(json.at("service_date").get<std::string>());
    if (!institution || !date) return bad("a question that cannot be read");
    Query query{.institution = *institution,
                .service_date = *date,
                .consent = json.at("consent").get<bool>()};
    if (!json.contains("residence")) return query;
    query.residence = domain::AuthorityCode::parse(json.at("residence").get<std::string>());
    if (!query.residence) return bad("a residence that is none");
    return query;
}

Result<Finding> read_finding(const Json& part) {
    const auto authority = domain::AuthorityCode::parse(part.at("authority").get<std::string>());
    const auto status = domain::parse_source_status(part.at("status").get<std::string>());
    if (!authority || !status) return bad("a finding that cannot be read");
    Finding finding{
        .authority = *authority,
        .status = *status,
        .as_of = Instant(std::chrono::milliseconds(part.at("as_of").get<std::int64_t>())),
        .beyond_policy = part.value("beyond_policy", false),
        .other_linkage = part.value("other_linkage", false)};
    for (const Json& one : part.at("checkups")) {
        SHIKAKU_TRY_LET(auto checkup, checkup::read_checkup(one));
        finding.checkups.push_back(std::move(checkup));
    }
    return finding;
}

// The question that each part repeats is the one that was asked.
bool is_about(const Json& part, const Query& query) {
    return part.at("caller") == "institution:" + std::string(query.institution.text()) &&
           part.at("service_date") == query.service_date.iso();
}

Result<ReplayedCheckups> replay_parts(const audit::Detail& detail,
                                      const CheckupPackSource& source) {
    SHIKAKU_TRY_LET(const auto asker, read_object(detail.asker));
    SHIKAKU_TRY_LET(const auto rest, read_object(detail.rest));
    SHIKAKU_TRY_LET(const auto query, read_query(rest.at("question")));
    Facts facts{.query = query};
    checkup::Packs packs;
    bool same_question = is_about(asker, query);
    for (const std::string& text : detail.authorities) {
        SHIKAKU_TRY_LET(const auto part, read_object(text));
        same_question = same_question && is_about(part, query);
        SHIKAKU_TRY_LET(auto finding, read_finding(part));
        if (part.contains("pack")) {
            SHIKAKU_TRY_LET(auto pack,
                            source(finding.authority, part.at("pack").get<std::string>()));
            packs.emplace(finding.authority, std::move(pack));
        }
        facts.findings.push_back(std::move(finding));
    }
    if (!same_question) return bad("the parts are about different questions");
    // The parts of a detail have no order of their own.
    std::ranges::sort(facts.findings, {}, &Finding::authority);
    const Instant answered(std::chrono::milliseconds(rest.at("answered_ms").get<std::int64_t>()));
    return ReplayedCheckups{
        .answer = checkup::derive_answer(facts, packs, asker.at("answer_id"), answered),
        .caller = asker.at("caller"),
        .outcome = asker.at("outcome"),
        .reason = asker.at("reason"),
        .texts = rest.at("texts"),
        .answer_hash = asker.at("answer")};
}

}  // namespace

audit::Detail checkup_detail(const CheckupRecord& record, const crypto::KeyRing& keys) {
    const std::string caller = record.caller.label();
    audit::Detail detail{.rest = auditors_part(record, keys), .asker = asker_part(record, caller)};
    detail.authorities.reserve(record.facts.findings.size());
    for (const Finding& finding : record.facts.findings)
        detail.authorities.push_back(authority_part(record, caller, finding));
    return detail;
}

bool ReplayedCheckups::same_bytes() const {
    return inquiry::answer_hash(answer.answer_id, answer.content_hash) == answer_hash;
}

bool ReplayedCheckups::same() const {
    const checkup::ReasonInfo& told = checkup::info(answer.reason);
    const bool decision = told.name == reason && checkup::name(told.outcome) == outcome;
    return decision && (same_bytes() || texts != checkup::wording());
}

Result<ReplayedCheckups> replay_checkups(const audit::OpenedEntry& entry,
                                         const CheckupPackSource& packs) {
    if (entry.leaf.kind != audit::Kind::checkups)
        return fail(ErrorCode::unprocessable, "this log entry is no answer about checkups");
    if (entry.opened != audit::Opened::all)
        return fail(ErrorCode::not_found, "the detail of this entry was erased, or is not open");
    try {
        return replay_parts(entry.detail, packs);
    } catch (const nlohmann::json::exception&) {
        return bad("a member is missing or has another type");
    }
}

}  // namespace shikaku::inquiry
