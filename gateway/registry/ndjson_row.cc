#include "gateway/registry/ndjson_row.h"

#include <algorithm>

#include "gateway/domain/field_text.h"

namespace shikaku::registry {

void NdjsonRow::fault(std::optional<Column> column, RowCode code) {
    faults_.push_back({.line = row_.line, .column = column, .code = code});
}

Status NdjsonRow::read(std::string_view line, std::uint64_t number) {
    row_ = {.line = number};
    faults_.clear();
    named_.reset();
    if (line.contains(kUndecodable)) {
        fault(std::nullopt, RowCode::undecodable);
        return {};
    }
    auto parsed = parse_json(line);
    if (!parsed) {
        fault(std::nullopt, RowCode::bad_json);
        return {};
    }
    json_ = std::move(*parsed);
    const auto* members = json_.get_ptr<const Json::object_t*>();
    if (!members) {
        fault(std::nullopt, RowCode::not_an_object);
        return {};
    }
    for (const auto& [member, value] : *members) {
        if (is_personal_number_column(member))
            return fail(ErrorCode::personal_number_refused,
                        "the upload has a member for personal numbers");
        const auto column = columns_.find(member);
        if (!column)
            fault(std::nullopt, RowCode::unknown_member);
        else if (take_name(*column))
            take_member(*column, value);
    }
    return {};
}

// A column goes by several names: two of them in one object leave open which one counts.
bool NdjsonRow::take_name(Column column) {
    const auto at = static_cast<std::size_t>(column);
    if (!named_.test(at)) {
        named_.set(at);
        return true;
    }
    row_[column] = {};
    fault(column, RowCode::duplicate_member);
    return false;
}

void NdjsonRow::take_member(Column column, const Json& value) {
    if (value.is_null()) return;
    const auto text =
        domain::text_of(columns_[column].form, value, converted_[static_cast<std::size_t>(column)]);
    // Between items stands a semicolon.
    const bool ambiguous =
        value.is_array() && std::ranges::any_of(value, [](const Json& item) {
            return item.is_string() && item.get_ref<const std::string&>().contains(';');
        });
    if (!text || ambiguous) return fault(column, RowCode::wrong_type);
    row_[column] = *text;
}

}  // namespace shikaku::registry
