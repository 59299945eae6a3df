#include "gateway/inquiry/answer_entry.h"

#include <algorithm>

#include "gateway/domain/case_json.h"
#include "gateway/domain/wording.h"
#include "gateway/support/json_object.h"

namespace shikaku::inquiry {
namespace {

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
        json.field("accepted_ms", unix_ms(at->second));
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
        .field("answered_ms", unix_ms(record.answered))
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

std::unexpected<Error> unlike(const Json& value, std::string_view what, std::string pointer) {
    return fail(ErrorCode::corrupt,
                std::string("log detail: ") + value.type_name() + " is no " + std::string(what),
                std::move(pointer));
}

void read_local_order(JsonObject& object, LoggedAnswer& logged) {
    object.needed("local_order")
        .each_member(
            "local_order",
            [&](const std::string& prefecture, const Json& order, std::string pointer) -> Status {
                if (!take(order, logged.local_order[prefecture]))
                    return unlike(order, "list of texts", std::move(pointer));
                return {};
            });
}

// Of a value that is read as a whole.
template <class Value>
Status keep(Result<Value> read, std::optional<Value>& out) {
    SHIKAKU_TRY_LET(out, std::move(read));
    return {};
}

Result<LoggedAnswer> read_version_1(const Json& json) {
    JsonObject object(json, ErrorCode::corrupt);
    std::string kind;
    SHIKAKU_TRY(object.needed("kind", kind).done_with_others());
    if (kind != "eligibility")
        return fail(ErrorCode::unprocessable, "this log entry is not an answer");
    std::optional<domain::Case> facts;
    object.needed("case").nested("case", [&](const Json& both, const std::string&) {
        return keep(domain::read_case(both), facts);
    });
    SHIKAKU_TRY(object.done_with_others());
    LoggedAnswer logged{.facts = *std::move(facts)};
    object.needed("answer_id", logged.answer_id)
        .needed("answered_ms", logged.answered)
        .needed("outcome", logged.outcome)
        .needed("reason", logged.reason)
        .needed("authorities", logged.authorities)
        .maybe("texts", logged.texts)
        .needed("caller", logged.caller)
        .needed("content_hash", logged.content_hash);
    object.needed("packs").each_member(
        "packs", [&](const std::string& code, const Json& version, std::string pointer) -> Status {
            SHIKAKU_TRY_LET(const auto authority, read_authority(code));
            if (!take(version, logged.packs.emplace_back(authority, "").second))
                return unlike(version, "version", std::move(pointer));
            return {};
        });
    // Entries of before do not have it.
    object.each_member("accepted_ms",
                       [&](const std::string& code, const Json& at, std::string pointer) -> Status {
                           SHIKAKU_TRY_LET(const auto authority, read_authority(code));
                           if (!take(at, logged.accepted[authority]))
                               return unlike(at, "time", std::move(pointer));
                           return {};
                       });
    read_local_order(object, logged);
    SHIKAKU_TRY(object.done_with_others());
    return logged;
}
Status read_decided(const Json& json, std::string pointer, std::vector<Decided>& decided) {
    JsonObject object(json, ErrorCode::corrupt, std::move(pointer));
    std::optional<domain::AuthorityCode> authority;
    SHIKAKU_TRY(object.needed("authority", authority).done_with_others());
    Decided& one = decided.emplace_back(Decided{.authority = *authority, .scheme = {}});
    return object.needed("scheme", one.scheme)
        .needed("outcome", one.outcome, domain::parse_outcome)
        .needed("reason", one.reason, domain::parse_reason)
        .done_with_others();
}

// The first entries in parts have it in each authority's part, without the authority.
Result<Json> decided_in_parts(const std::vector<Json>& parts) {
    Json all = Json::array();
    for (const Json& part : parts) {
        JsonObject object(part, ErrorCode::corrupt);
        object.needed("authority").needed("decided");
        object.each("decided", [&](Json one, std::string pointer) -> Status {
            if (!one.is_object()) return unlike(one, "decision", std::move(pointer));
            one["authority"] = part.at("authority");
            all.push_back(std::move(one));
            return {};
        });
        SHIKAKU_TRY(object.done_with_others());
    }
    return all;
}

// What one authority's part adds to the answer.
Status take_authority(const Json& json, LoggedAnswer& logged) {
    JsonObject part(json, ErrorCode::corrupt);
    std::optional<domain::AuthorityCode> authority;
    std::optional<std::string> pack;
    std::optional<Instant> accepted;
    part.needed("authority", authority).maybe("pack", pack).maybe("accepted_ms", accepted);
    SHIKAKU_TRY(part.done_with_others());
    logged.authorities.emplace_back(authority->text());
    if (pack) logged.packs.emplace_back(*authority, *std::move(pack));
    if (accepted) logged.accepted[*authority] = *accepted;
    return {};
}

// The question, as each part repeats it.
struct Repeated {
    std::string caller, service_date, setting;
    bool operator==(const Repeated&) const = default;
};

Result<Repeated> repeated_in(const Json& json) {
    Repeated question;
    JsonObject part(json, ErrorCode::corrupt);
    part.needed("caller", question.caller)
        .needed("service_date", question.service_date)
        .needed("setting", question.setting);
    SHIKAKU_TRY(part.done_with_others());
    return question;
}

Status check_same_question(const domain::Query& query, const Json& asker,
                           const std::vector<Json>& parts) {
    const Repeated asked{.caller = "institution:" + std::string(query.institution.text()),
                         .service_date = query.service_date.iso(),
                         .setting = std::string(domain::name(query.setting))};
    SHIKAKU_TRY_LET(const auto of_asker, repeated_in(asker));
    bool same = of_asker == asked;
    for (const Json& part : parts) {
        SHIKAKU_TRY_LET(const auto question, repeated_in(part));
        same = same && question == asked;
    }
    if (same) return {};
    return fail(ErrorCode::corrupt, "log detail: the parts are about different questions");
}

Result<LoggedAnswer> read_parts(const audit::Detail& detail) {
    SHIKAKU_TRY_LET(const auto asker, read_object(detail.asker));
    SHIKAKU_TRY_LET(const auto rest, read_object(detail.rest));
    std::vector<Json> parts;
    Json findings = Json::array();
    for (const std::string& text : detail.authorities) {
        SHIKAKU_TRY_LET(auto part, read_object(text));
        findings.push_back(part.value("finding", Json()));
        parts.push_back(std::move(part));
    }
    SHIKAKU_TRY_LET(auto facts, domain::read_case({{"q", rest.value("question", Json())},
                                                   {"f", std::move(findings)}}));
    SHIKAKU_TRY(check_same_question(facts.query, asker, parts));
    LoggedAnswer logged{.facts = std::move(facts)};
    JsonObject asked(asker, ErrorCode::corrupt);
    asked.needed("answer_id", logged.answer_id)
        .needed("outcome", logged.outcome)
        .needed("reason", logged.reason)
        .needed("caller", logged.caller)
        .needed("answer", logged.answer);
    SHIKAKU_TRY(asked.done_with_others());
    JsonObject auditors(rest, ErrorCode::corrupt);
    auditors.needed("answered_ms", logged.answered).needed("texts", logged.texts);
    read_local_order(auditors, logged);
    logged.decided.emplace();
    const auto decided = [&](const Json& one, std::string at) {
        return read_decided(one, std::move(at), *logged.decided);
    };
    auditors.each("decided", decided);
    for (const Json& part : parts)
        SHIKAKU_TRY(take_authority(part, logged));
    if (!rest.contains("decided")) {
        SHIKAKU_TRY_LET(const auto before, decided_in_parts(parts));
        for (const Json& one : before)
            SHIKAKU_TRY(decided(one, "/decided"));
    }
    SHIKAKU_TRY(auditors.done_with_others());
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
    if (entry.leaf.version == audit::kLeafInParts) return read_parts(entry.detail);
    SHIKAKU_TRY_LET(const auto json, read_object(entry.detail.rest));
    return read_version_1(json);
}

}  // namespace shikaku::inquiry
