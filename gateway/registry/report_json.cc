#include "gateway/registry/report_json.h"

#include <array>

#include "gateway/domain/rfc3339.h"
#include "gateway/support/json_object.h"

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

Status read_text(const Json& json, std::string pointer, domain::Localized& text) {
    JsonObject object(json, ErrorCode::corrupt, std::move(pointer));
    return object.needed("ja", text.ja).needed("en", text.en).done_with_others();
}

// Adds what it reads to `out`.
auto texts(std::vector<domain::Localized>& out) {
    return [&out](const Json& json, std::string pointer) {
        return read_text(json, std::move(pointer), out.emplace_back());
    };
}

Status read_row(const Json& json, std::string pointer, RefusedRow& row) {
    JsonObject object(json, ErrorCode::corrupt, std::move(pointer));
    return object.needed("line", row.line)
        .needed("column", row.column)
        .needed("code", row.code)
        .needed("warning", row.warning)
        .nested("message",
                [&](const Json& text, std::string at) {
                    return read_text(text, std::move(at), row.message);
                })
        .done_with_others();
}

Status read_counts(const Json& json, std::string pointer, PublicationReport& report) {
    JsonObject object(json, ErrorCode::corrupt, std::move(pointer));
    for (const Count& count : kCounts)
        object.needed(count.name, report.*count.member);
    return object.done_with_others();
}

}  // namespace

void write_report(JsonWriter& json, const PublicationReport& report) {
    json.begin_object()
        .field("id", report.id)
        .field("state", name(report.state))
        .field("mode", name(report.mode))
        .field("dry_run", report.dry_run);
    // Reports of before there were several kinds do not name theirs.
    if (report.records != RecordType::subsidies) json.field("records", name(report.records));
    json.key("counts").begin_object();
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
    PublicationReport report;
    JsonObject object(json, ErrorCode::corrupt);
    for (const char* member : {"counts", "held_because", "rejected_because", "refused_rows"})
        object.needed(member);
    object.needed("id", report.id)
        .needed("state", report.state, parse_publication_state)
        .needed("mode", report.mode, parse_mode)
        .needed("dry_run", report.dry_run)
        .maybe("records", report.records, parse_record_type)
        .nested("counts",
                [&](const Json& counts, std::string at) {
                    return read_counts(counts, std::move(at), report);
                })
        .needed("received", report.received, domain::parse_rfc3339)
        .maybe("switched", report.switched, domain::parse_rfc3339)
        .nested("evidence",
                [&](const Json& evidence, std::string at) {
                    JsonObject index(evidence, ErrorCode::corrupt, std::move(at));
                    return index.needed("index", report.log_index).done_with_others();
                })
        .each("held_because", texts(report.held_because))
        .each("rejected_because", texts(report.rejected_because))
        .each("refused_rows", [&](const Json& row, std::string at) {
            return read_row(row, std::move(at), report.rows.emplace_back());
        });
    SHIKAKU_TRY(object.done_with_others());
    return report;
}

}  // namespace shikaku::registry
