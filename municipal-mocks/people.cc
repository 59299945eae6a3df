#include "municipal-mocks/people.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::mocks {
namespace {

constexpr std::size_t kFileBytes = std::size_t{2} * 1024 * 1024 * 1024;
constexpr std::size_t kLinkKeyText = 43;  // base64url of 32 bytes

std::unexpected<Error> bad(std::string what) {
    return fail(ErrorCode::bad_configuration, "population: " + std::move(what));
}

struct CsvName {
    std::string_view column, wire;
};
constexpr auto kCsvNames = std::to_array<CsvName>({
    {"history_key", "historyKey"},
    {"certificate_type_id", "orgSpecificCertificateTypeId"},
    {"scheme_id", "schemeId"},
    {"payer_number", "medicalSubsidyInsurerNumber"},
    {"recipient_number", "medicalSubsidyRecipientNumber"},
    {"certificate_name", "certificationName"},
    {"segment", "segment"},
    {"income_segment", "incomeSegment"},
    {"additional_conditions", "additionalConditions"},
    {"designated_institutions", "designatedMedicalInstitutions"},
    {"always_reimbursement", "isAlwaysReimbursement"},
    {"valid_from", "validFrom"},
    {"valid_to", "validTo"},
    {"birth_date", "dateOfBirth"},
});

// One line of RFC 4180 without line ends inside fields; takes it off the text.
std::vector<std::string> take_csv_line(std::string_view& text) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            if (quoted && at + 1 < text.size() && text[at + 1] == '"')
                fields.back() += text[at++];
            else
                quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields.emplace_back();
        } else if (c == '\n' && !quoted) {
            break;
        } else if (c != '\r' || quoted) {
            fields.back() += c;
        }
    }
    text.remove_prefix(std::min(text.size(), at + 1));
    return fields;
}

// Adds the record of a line to those of the person.
void add_record(std::string& records, const std::vector<std::string>& header,
                const std::vector<std::string>& fields) {
    std::string record;
    JsonWriter json(record);
    json.begin_object();
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (fields[i].empty()) continue;
        const auto name = std::ranges::find(kCsvNames, header[i], &CsvName::column);
        if (name != kCsvNames.end()) json.field(name->wire, fields[i]);
        if (header[i] == "cap_monthly_yen")
            json.key("maxCopaymentAmount")
                .begin_object()
                .key("monthly")
                .raw(fields[i])
                .end_object();
        if (header[i] == "not_disclosed") json.field("isNotDisclosed", fields[i] == "1");
        if (header[i] == "deleted") json.field("isDeleted", fields[i] == "1");
    }
    json.end_object();
    records.pop_back();
    records += (records.size() > 1 ? "," : "") + record + "]";
}

}  // namespace

Result<People> People::load(const std::filesystem::path& file) {
    const auto text = read_file(file, kFileBytes);
    if (!text) return bad("cannot read " + file.string());
    return file.extension() == ".csv" ? from_csv(*text) : from_json(*text);
}

Result<People> People::from_json(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) return bad("not JSON");
    try {
        People people;
        if (!json->at("people").is_array()) return bad("'people' is not a list");
        for (const Json& item : json->at("people")) {
            const auto link_key = item.at("linkKey").get<std::string>();
            if (link_key.size() != kLinkKeyText) return bad("a linkKey that is none");
            Person person{.ambiguous = item.value("ambiguous", false)};
            if (item.contains("records")) person.records = item["records"].dump();
            if (!people.people_.emplace(link_key, std::move(person)).second)
                return bad("a person stands there twice");
        }
        return people;
    } catch (const nlohmann::json::exception&) {
        return bad("a member is missing or has another type");
    }
}

Result<People> People::from_csv(std::string_view text) {
    const std::vector<std::string> header = take_csv_line(text);
    const auto key_column = std::ranges::find(header, "link_key");
    if (key_column == header.end()) return bad("a CSV file without the column link_key");
    const auto at = static_cast<std::size_t>(key_column - header.begin());
    People people;
    for (std::size_t line = 2; !text.empty(); ++line) {
        const std::vector<std::string> fields = take_csv_line(text);
        if (fields.size() != header.size() || fields[at].size() != kLinkKeyText)
            return bad("line " + std::to_string(line) + " does not fit the header");
        add_record(people.people_[fields[at]].records, header, fields);
    }
    return people;
}

const Person* People::find(const std::string& link_key) const {
    const auto found = people_.find(link_key);
    return found == people_.end() ? nullptr : &found->second;
}

}  // namespace shikaku::mocks
