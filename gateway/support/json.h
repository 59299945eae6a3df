// Strict JSON both ways.
//
// parse_json: nlohmann's tree, read by json_scan.h: depth <= bounds::kJsonDepth, an object has at
// most bounds::kJsonMembers, a text at most bounds::kJsonValues, no duplicate keys, no comments,
// valid UTF-8, nothing after the value. Errors are malformed_request with a detail that names the
// place but quotes nothing of the input.
//
// JsonWriter: appends compact JSON to a string, fields in the order they are written; the fast way
// to build answers. Strings are escaped; the caller keeps the nesting right (checked in debug).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku {

using Json = nlohmann::ordered_json;

[[nodiscard]] Result<Json> parse_json(std::string_view text);

class JsonWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);  // plain ASCII, written as is
    JsonWriter& string(std::string_view value);
    JsonWriter& number(std::int64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    JsonWriter& raw(std::string_view json);  // already JSON

    JsonWriter& field(std::string_view name, std::string_view value) {
        return key(name).string(value);
    }
    JsonWriter& field(std::string_view name, const char* value) { return key(name).string(value); }
    JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).number(value); }
    JsonWriter& field(std::string_view name, int value) { return key(name).number(value); }
    JsonWriter& field(std::string_view name, std::uint64_t value) {
        return key(name).number(static_cast<std::int64_t>(value));
    }
    JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

  private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();
    [[nodiscard]] bool in_object() const { return (objects_ & 1U) != 0; }

    std::string& out_;
    bool first_ = true;
    bool after_key_ = false;
    unsigned depth_ = 0;
    std::uint64_t objects_ = 0;  // one bit for each open bracket, innermost lowest: 1 is an object
};

}  // namespace shikaku
