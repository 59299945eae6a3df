#include "gateway/registry/report_json.h"

#include <array>

#include "gateway/domain/rfc3339.h"

namespace shikaku::registry {
namespace {

void write_text(JsonWriter& json, const domain::Localized& text) {
    json.begin_object().field("ja", text.ja).field("en", text.en).end_object();
}

void write_texts(JsonWriter& json, std::string_view name,
                 const std::vector<domain::Localized>& texts) {
    json.key(name).begin_array();
    for (const domain::Localized& text : texts)
        write_text(json, text);
    json.end_array();
}

void write_rows(JsonWriter& json, const std::vector<RefusedRow>& rows) {
    json.key("refused_rows").begin_array();
    for (const RefusedRow& row : rows) {
        json.begin_object().field("line", row.line).field("column", row.column);
        json.field("code", row.code).field("warning", row.warning).key("message");
        write_text(json, row.message);
        json.end_object();
    }
    json.end_array();
}

struct Count {
    std::string_view name;
    std::uint64_t PublicationReport::* member;
};
constexpr std::array<Count, 7> kCounts{{{"read", &PublicationReport::read},
                                        {"new", &PublicationReport::added},
                                        {"changed", &PublicationReport::changed},
                                        {"ended", &PublicationReport::ended},
                                        {"unchanged", &PublicationReport::unchanged},
                                        {"refused", &PublicationReport::refused},
                                        {"warnings", &PublicationReport::warnings}}};

domain::Localized read_text(const Json& json) {
    return {json.at("ja"), json.at("en")};
}

std::vector<domain::Localized> read_texts(const Json& json) {
    std::vector<domain::Localized> texts;
    for (const Json& text : json)
        texts.push_back(read_text(text));
    return texts;
}

RefusedRow read_row(const Json& json) {
    return {.line = json.at("line"),
            .column = json.at("column"),
            .code = json.at("code"),
            .message = read_text(json.at("message")),
            .warning = json.at("warning")};
}

Instant read_time(const Json& json) {
    const auto time = domain::parse_rfc3339(json.get_ref<const std::string&>());
    return time.value_or(Instant{});
}

PublicationReport read_members(const Json& json) {
    PublicationReport report;
    report.id = json.at("id");
    report.state = parse_publication_state(json.at("state").get_ref<const std::string&>())
                       .value_or(PublicationState::rejected);
    report.mode = json.at("mode") == "delta" ? Mode::delta : Mode::full;
    report.dry_run = json.at("dry_run");
    for (const Count& count : kCounts)
        report.*count.member = json.at("counts").at(count.name);
    report.received = read_time(json.at("received"));
    if (const auto it = json.find("switched"); it != json.end()) report.switched = read_time(*it);
    if (const auto it = json.find("evidence"); it != json.end()) report.log_index = it->at("index");
    report.held_because = read_texts(json.at("held_because"));
    report.rejected_because = read_texts(json.at("rejected_because"));
    for (const Json& row : json.at("refused_rows"))
        report.rows.push_back(read_row(row));
    return report;
}

}  // namespace

void write_report(JsonWriter& json, const PublicationReport& report) {
    json.begin_object()
        .field("id", report.id)
        .field("state", name(report.state))
        .field("mode", name(report.mode))
        .field("dry_run", report.dry_run)
        .key("counts")
        .begin_object();
    for (const Count& count : kCounts)
        json.field(count.name, report.*count.member);
    json.end_object().field("received", to_rfc3339_jst(report.received));
    if (report.switched) json.field("switched", to_rfc3339_jst(*report.switched));
    if (report.log_index) {
        json.key("evidence").begin_object().field("index", *report.log_index).end_object();
    }
    write_texts(json, "held_because", report.held_because);
    write_texts(json, "rejected_because", report.rejected_because);
    write_rows(json, report.rows);
    json.end_object();
}

std::string report_json(const PublicationReport& report) {
    std::string out;
    JsonWriter json(out);
    write_report(json, report);
    return out;
}

Result<PublicationReport> read_report(const Json& json) {
    try {
        return read_members(json);
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::corrupt, "not a publication report");
    }
}

}  // namespace shikaku::registry
