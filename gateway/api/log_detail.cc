#include "gateway/api/log_detail.h"

#include "gateway/domain/case_json.h"
#include "gateway/domain/wording.h"
#include "gateway/support/json.h"

namespace shikaku::api {
namespace {

// The packs and payer orders that the answer may have depended on: those of the authorities asked.
void write_rules(JsonWriter& json, const domain::Case& facts, const domain::RuleBook& rules) {
    json.key("packs").begin_object();
    for (const domain::Finding& finding : facts.findings) {
        if (const auto pack = rules.packs.find(finding.authority); pack != rules.packs.end())
            json.field(finding.authority.text(), pack->second->version);
    }
    json.end_object();
    json.key("accepted_ms").begin_object();
    for (const domain::Finding& finding : facts.findings) {
        if (const auto at = rules.accepted.find(finding.authority); at != rules.accepted.end())
            json.field(finding.authority.text(), at->second.time_since_epoch().count());
    }
    json.end_object();
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

}  // namespace

std::string eligibility_detail(const EligibilityRecord& record, const crypto::KeyRing& keys) {
    const Hash256 subject = keys.blind(crypto::BlindPurpose::audit, record.token.link_key);
    std::string out;
    out.reserve(1024);
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", "eligibility")
        .field("caller", record.caller.label())
        .field("certificate", to_hex(record.caller.certificate))
        .field("request_id", record.request_id)
        .field("subject", to_hex(subject))
        .field("answer_id", record.answer.answer_id)
        .field("answered_ms", record.answered.time_since_epoch().count())
        .field("proof", identity::name(record.token.proof))
        .field("proof_s", record.token.proof_time_s)
        .field("consent_s", record.token.consent_time_s)
        .field("priority", domain::name(record.priority))
        .field("outcome", domain::name(record.answer.outcome))
        .field("reason", domain::info(record.answer.reason).name)
        .field("content_hash", record.answer.content_hash)
        .field("texts", domain::wording());
    json.key("authorities").begin_array();
    for (const domain::Finding& finding : record.facts.findings)
        json.string(finding.authority.text());
    json.end_array();
    write_rules(json, record.facts, record.rules);
    json.key("case");
    domain::write_case(json, record.facts);
    json.end_object();
    return out;
}

Result<LoggedAnswer> read_eligibility_detail(std::string_view detail) {
    const auto json = parse_json(detail);
    if (!json) return fail(ErrorCode::corrupt, "log detail: not JSON");
    try {
        if (json->at("kind") != "eligibility")
            return fail(ErrorCode::unprocessable, "this log entry is not an answer");
        auto facts = domain::read_case(json->at("case"));
        if (!facts) return fail(facts.error());
        LoggedAnswer logged{
            .answer_id = json->at("answer_id"),
            .answered =
                Instant(std::chrono::milliseconds(json->at("answered_ms").get<std::int64_t>())),
            .facts = std::move(*facts),
            .packs = {},
            .accepted = {},
            .local_order = {},
            .outcome = json->at("outcome"),
            .reason = json->at("reason"),
            .authorities = json->at("authorities").get<std::vector<std::string>>(),
            .content_hash = json->at("content_hash"),
            .texts = json->value("texts", ""),
            .caller = json->at("caller")};
        for (const auto& [code, version] : json->at("packs").items()) {
            const auto authority = domain::AuthorityCode::parse(code);
            if (!authority) return fail(ErrorCode::corrupt, "log detail: bad authority code");
            logged.packs.emplace_back(*authority, version.get<std::string>());
        }
        // Entries of before do not have it.
        for (const auto& [code, at] : json->value("accepted_ms", Json::object()).items()) {
            const auto authority = domain::AuthorityCode::parse(code);
            if (!authority) return fail(ErrorCode::corrupt, "log detail: bad authority code");
            logged.accepted[*authority] =
                Instant(std::chrono::milliseconds(at.get<std::int64_t>()));
        }
        for (const auto& [prefecture, order] : json->at("local_order").items())
            logged.local_order[prefecture] = order.get<std::vector<std::string>>();
        return logged;
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::corrupt, "log detail: a member is missing or has another type");
    }
}

std::string denial_detail(std::string_view caller, std::string_view request_id,
                          std::string_view route, const Error& error) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", "denial")
        .field("caller", caller)
        .field("request_id", request_id)
        .field("route", route)
        .field("code", name(error.code));
    if (!error.pointer.empty()) json.field("pointer", error.pointer);
    json.end_object();
    return out;
}

std::string opened_detail(std::string_view caller, std::string_view request_id,
                          std::uint64_t index) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("v", 1)
        .field("kind", "audit_search")
        .field("caller", caller)
        .field("request_id", request_id)
        .field("opened", index)
        .end_object();
    return out;
}

std::string lifecycle_detail(std::string_view event, std::string_view version) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("v", 1)
        .field("kind", event)
        .field("version", version)
        .end_object();
    return out;
}

}  // namespace shikaku::api
