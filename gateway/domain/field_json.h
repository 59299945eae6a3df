// Records as compact JSON, in log details and in the cache: an object of the fields that say
// something, under their compact names. On disk.
#pragma once

#include "gateway/domain/field.h"
#include "gateway/support/json_value.h"

namespace shikaku::domain {

template <class Value>
void put(JsonWriter& out, const Value& value) {
    if constexpr (std::is_same_v<Value, bool>)
        out.boolean(value);
    else if constexpr (std::is_same_v<Value, int>)
        out.number(value);
    else if constexpr (std::is_same_v<Value, std::string>)
        out.string(value);
    else if constexpr (std::is_same_v<Value, Date>)
        out.string(value.iso());
    else
        out.string(value.text());
}
template <class Value>
void put(JsonWriter& out, const std::optional<Value>& value) {
    put(out, *value);
}
template <class Item>
void put(JsonWriter& out, const std::vector<Item>& list) {
    out.begin_array();
    for (const Item& item : list)
        put(out, item);
    out.end_array();
}

// The members of an object that the caller begins and ends.
template <class Record>
void write_fields(JsonWriter& out, Fields<Record> fields, const Record& record) {
    for (const Field<Record>& field : fields) {
        with_member(field, [&](auto member) {
            if (!says_something(record.*member)) return;
            out.key(field.compact);
            put(out, record.*member);
        });
    }
}

// The bits of the fields that are in every such object.
template <class Record>
consteval std::uint32_t always_there(Fields<Record> fields) {
    std::uint32_t bits = 0;
    for (const Field<Record>& field : fields)
        if (std::holds_alternative<Date Record::*>(field.member)) bits |= 1U << field.number;
    return bits;
}

// One member of such an object. `next` is 0 at first and says where to look, for members mostly
// come in the table's order; `seen` gets the bit of the field.
template <class Record>
[[nodiscard]] bool read_field(Fields<Record> fields, std::string_view name, const Json& value,
                              Record& out, std::size_t& next, std::uint32_t& seen) {
    for (std::size_t tried = 0; tried < fields.size(); ++tried) {
        const Field<Record>& field = fields[next];
        next = next + 1 < fields.size() ? next + 1 : 0;
        if (field.compact != name) continue;
        bool good = false;
        with_member(field, [&](auto member) {
            good = take(value, out.*member) && says_something(out.*member);
        });
        seen |= 1U << field.number;
        return good;
    }
    return false;
}

}  // namespace shikaku::domain
