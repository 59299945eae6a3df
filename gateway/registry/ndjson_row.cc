#include "gateway/registry/ndjson_row.h"

namespace shikaku::registry {
namespace {

bool is_flag(Column column) {
    return column == Column::always_reimbursement || column == Column::not_disclosed ||
           column == Column::deleted;
}

bool is_list(Column column) {
    return column == Column::additional_conditions || column == Column::designated_institutions;
}

}  // namespace

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
        const auto column = find_column(member);
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
    if (const auto* text = value.get_ptr<const std::string*>()) {
        row_[column] = *text;
    } else if (value.is_boolean() && is_flag(column)) {
        row_[column] = value.get<bool>() ? "1" : "0";
    } else if (value.is_number_integer() && column == Column::cap_monthly_yen) {
        std::string& digits = converted_[static_cast<std::size_t>(column)];
        digits = value.dump();
        row_[column] = digits;
    } else if (value.is_array() && is_list(column)) {
        take_list(column, value);
    } else {
        fault(column, RowCode::wrong_type);
    }
}

void NdjsonRow::take_list(Column column, const Json& value) {
    std::string& joined = converted_[static_cast<std::size_t>(column)];
    joined.clear();
    for (const Json& item : value) {
        const auto* text = item.get_ptr<const std::string*>();
        if (!text || text->contains(';')) return fault(column, RowCode::wrong_type);
        if (!joined.empty()) joined += ';';
        joined += *text;
    }
    row_[column] = joined;
}

}  // namespace shikaku::registry
