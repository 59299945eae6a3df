#include "gateway/inquiry/answer_entry.h"

#include <algorithm>

#include "gateway/domain/case_json.h"
#include "gateway/domain/wording.h"
#include "gateway/support/json.h"

namespace shikaku::inquiry {
namespace {

std::int64_t milliseconds(Instant instant) {
    return instant.time_since_epoch().count();
}

Instant at_milliseconds(const Json& json) {
    return Instant(std::chrono::milliseconds(json.get<std::int64_t>()));
}

// Who asked, and for what: what the asker's and every authority's part begin with.
void write_question(JsonWriter& json, const EligibilityRecord& record, std::string_view caller) {
    json.field("caller", caller)
        .field("service_date", record.facts.query.service_date.iso())
        .field("setting", domain::name(record.facts.query.setting));
}

std::string asker_part(const EligibilityRecord& record, std::string_view caller) {
    std::string out;
    out.reserve(384);
    JsonWriter json(out);
    json.begin_object();
    write_question(json, record, caller);
    json.field("request_id", record.request_id)
        .field("answer_id", record.answer.answer_id)
        .field("outcome", domain::name(record.answer.outcome))
        .field("reason", domain::info(record.answer.reason).name)
        .field("answer", answer_hash(record.answer.answer_id, record.answer.content_hash))
        .end_object();
    return out;
}

std::string authority_part(const EligibilityRecord& record, std::string_view caller,
                           const domain::Finding& finding) {
    std::string out;
    out.reserve(512 + 512 * finding.entitlements.size());
    JsonWriter json(out);
    json.begin_object().field("authority", finding.authority.text());
    write_question(json, record, caller);
    const domain::RuleBook& rules = record.rules;
    if (const auto pack = rules.packs.find(finding.authority); pack != rules.packs.end())
        json.field("pack", pack->second->version);
    if (const auto at = rules.accepted.find(finding.authority); at != rules.accepted.end())
        json.field("accepted_ms", milliseconds(at->second));
    json.key("finding");
    domain::write_finding(json, finding);
    json.end_object();
    return out;
}

// Not in an authority's part: a decision on its certificate may have come from another's finding.
void write_decided(JsonWriter& json, const std::vector<Decided>& decided) {
    json.key("decided").begin_array();
    for (const Decided& one : decided) {
        json.begin_object()
            .field("authority", one.authority.text())
            .field("scheme", one.scheme)
            .field("outcome", domain::name(one.outcome))
            .field("reason", domain::info(one.reason).name)
            .end_object();
    }
    json.end_array();
}

// The payer orders that the answer may have depended on: of the prefectures asked.
void write_local_order(JsonWriter& json, const domain::Case& facts, const domain::RuleBook& rules) {
    json.key("local_order").begin_object();
    std::string_view last;
    for (const domain::Finding& finding : facts.findings) {
        const std::string_view prefecture = finding.authority.prefecture();
        const auto order = rules.local_order.find(prefecture);
        if (prefecture == last || order == rules.local_order.end()) continue;
        last = prefecture;
        json.key(prefecture).begin_array();
        for (const std::string& law_code : order->second)
            json.string(law_code);
        json.end_array();
    }
    json.end_object();
}

std::string auditors_part(const EligibilityRecord& record, const crypto::KeyRing& keys) {
    std::string out;
    out.reserve(640 + 128 * record.answer.decided.size());
    JsonWriter json(out);
    json.begin_object()
        .field("certificate", to_base64(record.caller.certificate))
        .field("subject", to_base64(keys.blind(crypto::BlindPurpose::audit, record.token.link_key)))
        .field("answered_ms", milliseconds(record.answered))
        .field("proof", identity::name(record.token.proof))
        .field("proof_s", record.token.proof_time_s)
        .field("consent_s", record.token.consent_time_s)
        .field("priority", domain::name(record.priority))
        .field("texts", domain::wording());
    write_local_order(json, record.facts, record.rules);
    write_decided(json, record.answer.decided);
    json.key("question");
    domain::write_query(json, record.facts.query);
    json.end_object();
    return out;
}

Result<Json> read_object(std::string_view text) {
    auto json = parse_json(text);
    if (!json || !json->is_object()) return fail(ErrorCode::corrupt, "log detail: not JSON");
    return json;
}

Result<domain::AuthorityCode> read_authority(std::string_view code) {
    const auto authority = domain::AuthorityCode::parse(code);
    if (!authority) return fail(ErrorCode::corrupt, "log detail: bad authority code");
    return *authority;
}

void read_local_order(const Json& json, LoggedAnswer& logged) {
    for (const auto& [prefecture, order] : json.at("local_order").items())
        logged.local_order[prefecture] = order.get<std::vector<std::string>>();
}

// Throws nlohmann's exceptions, as the next ones do.
Result<LoggedAnswer> read_version_1(const Json& json) {
    if (json.at("kind") != "eligibility")
        return fail(ErrorCode::unprocessable, "this log entry is not an answer");
    SHIKAKU_TRY_LET(auto facts, domain::read_case(json.at("case")));
    LoggedAnswer logged{.answer_id = json.at("answer_id"),
                        .answered = at_milliseconds(json.at("answered_ms")),
                        .facts = std::move(facts),
                        .packs = {},
                        .accepted = {},
                        .local_order = {},
                        .outcome = json.at("outcome"),
                        .reason = json.at("reason"),
                        .authorities = json.at("authorities").get<std::vector<std::string>>(),
                        .texts = json.value("texts", ""),
                        .caller = json.at("caller"),
                        .content_hash = json.at("content_hash"),
                        .answer = {},
                        .decided = {}};
    for (const auto& [code, version] : json.at("packs").items()) {
        SHIKAKU_TRY_LET(const auto authority, read_authority(code));
        logged.packs.emplace_back(authority, version.get<std::string>());
    }
    // Entries of before do not have it.
    for (const auto& [code, at] : json.value("accepted_ms", Json::object()).items()) {
        SHIKAKU_TRY_LET(const auto authority, read_authority(code));
        logged.accepted[authority] = at_milliseconds(at);
    }
    read_local_order(json, logged);
    return logged;
}

Status take_decided(const Json& list, std::vector<Decided>& decided) {
    for (const Json& one : list) {
        SHIKAKU_TRY_LET(const auto authority,
                        read_authority(one.at("authority").get<std::string>()));
        const auto outcome = domain::parse_outcome(one.at("outcome").get<std::string>());
        const auto reason = domain::parse_reason(one.at("reason").get<std::string>());
        if (!outcome || !reason) return fail(ErrorCode::corrupt, "log detail: bad decision");
        decided.push_back({.authority = authority,
                           .scheme = one.at("scheme"),
                           .outcome = *outcome,
                           .reason = *reason});
    }
    return {};
}

// The first entries in parts have it in each authority's part, without the authority.
Json decided_in(const Json& rest, const std::vector<Json>& parts) {
    if (rest.contains("decided")) return rest.at("decided");
    Json all = Json::array();
    for (const Json& part : parts) {
        for (Json one : part.at("decided")) {
            one["authority"] = part.at("authority");
            all.push_back(std::move(one));
        }
    }
    return all;
}

// What one authority's part adds to the answer.
Status take_authority(const Json& part, LoggedAnswer& logged) {
    logged.authorities.push_back(part.at("authority"));
    SHIKAKU_TRY_LET(const auto authority, read_authority(logged.authorities.back()));
    if (part.contains("pack")) logged.packs.emplace_back(authority, part.at("pack"));
    if (part.contains("accepted_ms"))
        logged.accepted[authority] = at_milliseconds(part.at("accepted_ms"));
    return {};
}

// The question that each part repeats is the one that was asked.
bool is_about(const Json& part, const Json& asker) {
    return std::ranges::all_of(
        std::array{"caller", "service_date", "setting"},
        [&](const char* member) { return part.at(member) == asker.at(member); });
}

Result<LoggedAnswer> read_parts(const audit::Detail& detail) {
    const auto asker = read_object(detail.asker);
    const auto rest = read_object(detail.rest);
    if (!asker || !rest) return fail(ErrorCode::corrupt, "log detail: not JSON");
    std::vector<Json> parts;
    Json findings = Json::array();
    for (const std::string& text : detail.authorities) {
        SHIKAKU_TRY_LET(auto part, read_object(text));
        findings.push_back(part.at("finding"));
        parts.push_back(std::move(part));
    }
    SHIKAKU_TRY_LET(auto facts,
                    domain::read_case({{"q", rest->at("question")}, {"f", std::move(findings)}}));
    const domain::Query& query = facts.query;
    const Json asked{{"caller", "institution:" + std::string(query.institution.text())},
                     {"service_date", query.service_date.iso()},
                     {"setting", domain::name(query.setting)}};
    if (!is_about(*asker, asked) ||
        !std::ranges::all_of(parts, [&](const Json& part) { return is_about(part, asked); }))
        return fail(ErrorCode::corrupt, "log detail: the parts are about different questions");

    LoggedAnswer logged{.answer_id = asker->at("answer_id"),
                        .answered = at_milliseconds(rest->at("answered_ms")),
                        .facts = std::move(facts),
                        .packs = {},
                        .accepted = {},
                        .local_order = {},
                        .outcome = asker->at("outcome"),
                        .reason = asker->at("reason"),
                        .authorities = {},
                        .texts = rest->at("texts"),
                        .caller = asker->at("caller"),
                        .content_hash = {},
                        .answer = asker->at("answer"),
                        .decided = std::vector<Decided>()};
    for (const Json& part : parts)
        SHIKAKU_TRY(take_authority(part, logged));
    SHIKAKU_TRY(take_decided(decided_in(*rest, parts), *logged.decided));
    read_local_order(*rest, logged);
    return logged;
}

}  // namespace

audit::Detail eligibility_detail(const EligibilityRecord& record, const crypto::KeyRing& keys) {
    const std::string caller = record.caller.label();
    audit::Detail detail{.rest = auditors_part(record, keys), .asker = asker_part(record, caller)};
    detail.authorities.reserve(record.facts.findings.size());
    for (const domain::Finding& finding : record.facts.findings)
        detail.authorities.push_back(authority_part(record, caller, finding));
    return detail;
}

Result<LoggedAnswer> read_eligibility(const audit::OpenedEntry& entry) {
    if (entry.leaf.kind != audit::Kind::eligibility)
        return fail(ErrorCode::unprocessable, "this log entry is not an answer");
    if (entry.opened != audit::Opened::all)
        return fail(ErrorCode::not_found, "the detail of this entry was erased, or is not open");
    try {
        if (entry.leaf.version == audit::kLeafInParts) return read_parts(entry.detail);
        SHIKAKU_TRY_LET(const auto json, read_object(entry.detail.rest));
        return read_version_1(json);
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::corrupt, "log detail: a member is missing or has another type");
    }
}

}  // namespace shikaku::inquiry
