#include "gateway/registry/log_details.h"

#include "gateway/support/json.h"

namespace shikaku::registry {
namespace {

// Entries of before there were several kinds of record do not name theirs.
void begin(JsonWriter& json, std::string_view kind, std::string_view caller, RecordSet set) {
    json.begin_object().field("v", 1).field("kind", kind).field("caller", caller);
    json.key("authorities").begin_array().string(set.authority.text()).end_array();
    if (set.records != RecordType::subsidies) json.field("records", name(set.records));
}

audit::Detail for_authority(std::string text) {
    return {.authorities = {std::move(text)}};
}

}  // namespace

audit::Detail scheme_change_detail(RecordSet set, std::string_view caller, std::string_view version,
                                   const PackRead& pack) {
    std::string out;
    JsonWriter json(out);
    begin(json, "scheme_change", caller, set);
    json.field("version", version).field(pack.entries_are, pack.entries).end_object();
    return for_authority(std::move(out));
}

audit::Detail publication_detail(RecordSet set, std::string_view caller,
                                 const PublicationReport& report) {
    std::string out;
    JsonWriter json(out);
    begin(json, "publication", caller, set);
    json.field("publication", report.id)
        .field("mode", name(report.mode))
        .field("dry_run", report.dry_run)
        .field("state", name(report.state))
        .field("read", report.read)
        .field("new", report.added)
        .field("changed", report.changed)
        .field("ended", report.ended)
        .field("unchanged", report.unchanged)
        .field("refused", report.refused)
        .end_object();
    return for_authority(std::move(out));
}

audit::Detail switch_detail(RecordSet set, std::string_view caller, std::string_view publication,
                            const SwitchStep& step) {
    std::string out;
    JsonWriter json(out);
    begin(json, "registry_switch", caller, set);
    json.field("publication", publication)
        .field("step", step.step)
        .field("from", step.from)
        .field("to", step.to);
    if (!step.reason.empty()) json.field("reason", step.reason);
    json.end_object();
    return for_authority(std::move(out));
}

audit::Detail scheme_undo_detail(RecordSet set, std::string_view caller, std::string_view version,
                                 std::string_view reason) {
    std::string out;
    JsonWriter json(out);
    begin(json, "scheme_change", caller, set);
    json.field("version", version).field("step", kUndo).field("reason", reason).end_object();
    return for_authority(std::move(out));
}

std::string registry_lost_detail(std::span<const domain::AuthorityCode> authorities,
                                 std::string_view reason) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", audit::name(audit::Kind::operator_action))
        .field("caller", "operator:local")
        .field("action", "continue_registry")
        .field("reason", reason)
        .key("authorities")
        .begin_array();
    for (const domain::AuthorityCode authority : authorities)
        json.string(authority.text());
    json.end_array().end_object();
    return out;
}

Result<LoggedChange> read_change(audit::Kind kind, std::string_view detail) try {
    const auto json = parse_json(detail);
    if (!json) return fail(ErrorCode::corrupt, "the detail of a registry entry is not JSON");
    const auto authority =
        domain::AuthorityCode::parse(json->at("authorities").at(0).get<std::string>());
    if (!authority) return fail(ErrorCode::corrupt, "a registry entry names no authority");
    const auto records =
        parse_record_type(json->value("records", std::string(name(RecordType::subsidies))));
    if (!records)
        return fail(ErrorCode::corrupt, "a registry entry is about records of no known kind");
    LoggedChange change{.set = {.records = *records, .authority = *authority}, .subject = {}};
    change.step = json->value("step", "");
    if (kind == audit::Kind::scheme_change) {
        change.subject = json->at("version").get<std::string>();
        return change;
    }
    change.subject = json->at("publication").get<std::string>();
    change.from = json->at("from").get<std::int64_t>();
    change.to = json->at("to").get<std::int64_t>();
    return change;
} catch (const Json::exception&) {
    return fail(ErrorCode::corrupt, "a registry entry lacks a field");
}

}  // namespace shikaku::registry
