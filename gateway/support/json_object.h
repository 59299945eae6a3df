// A JSON object taken apart member by member. The first problem is kept, with its place; after it
// nothing more is read, so that a function that reads looks like a list of the members:
//
//   JsonObject object(json, ErrorCode::corrupt);
//   object.needed("origin", lost.origin).maybe("size", lost.size).needed("state", state, parse);
//   return object.done();
//
// Errors carry the code that was given and a JSON pointer below `pointer`; they quote no value.
#pragma once

#include <string>
#include <string_view>

#include "gateway/support/json_value.h"

namespace shikaku {

class JsonObject {
  public:
    // `json` outlives this.
    explicit JsonObject(const Json& json, ErrorCode code = ErrorCode::invalid_field,
                        std::string pointer = {});

    // Absent: a problem.
    JsonObject& needed(std::string_view name);
    // Absent or another type: a problem.
    template <class Value>
    JsonObject& needed(std::string_view name, Value& out) {
        return needed(name).maybe(name, out);
    }
    // Absent: `out` stays as it is.
    template <class Value>
    JsonObject& maybe(std::string_view name, Value& out) {
        const Json* const value = member(name);
        if (value != nullptr && !take(*value, out)) problem(name, "is not of the expected form");
        return *this;
    }
    // A text that `parse` turns into a value.
    template <class Out, class Value>
    JsonObject& needed(std::string_view name, Out& out,
                       std::optional<Value> (*parse)(std::string_view)) {
        return needed(name).maybe(name, out, parse);
    }
    template <class Out, class Value>
    JsonObject& maybe(std::string_view name, Out& out,
                      std::optional<Value> (*parse)(std::string_view)) {
        const Json* const value = member(name);
        if (value == nullptr) return *this;
        const auto* const text = value->get_ptr<const std::string*>();
        auto parsed = text == nullptr ? std::nullopt : parse(*text);
        if (parsed)
            // NOLINTNEXTLINE(bugprone-optional-value-conversion): it may hold an optional
            out = std::move(*parsed);
        else
            problem(name, "is not of the expected form");
        return *this;
    }
    // Each calls `read`, which gives a Status, with a value and its pointer: of this member; of
    // every item of a list; of every member of an object, the name first.
    template <class Read>
    JsonObject& nested(std::string_view name, Read read) {
        if (const Json* const value = member(name)) keep(read(*value, pointer_to(name)));
        return *this;
    }
    template <class Read>
    JsonObject& each(std::string_view name, Read read) {
        const Json* const list = member(name);
        if (list == nullptr) return *this;
        if (!list->is_array()) return problem(name, "is not a list");
        for (std::size_t at = 0; good() && at < list->size(); ++at)
            keep(read((*list)[at], pointer_to(name) + "/" + std::to_string(at)));
        return *this;
    }
    template <class Read>
    JsonObject& each_member(std::string_view name, Read read) {
        const Json* const object = member(name);
        if (object == nullptr) return *this;
        if (!object->is_object()) return problem(name, "is not an object");
        for (const auto& [key, value] : object->get_ref<const Json::object_t&>())
            if (good()) keep(read(key, value, pointer_to(name) + pointer_part(key)));
        return *this;
    }

    // The member, which is then a known one; nullptr: absent, or there was a problem before.
    [[nodiscard]] const Json* member(std::string_view name);
    JsonObject& problem(std::string_view name, std::string_view what);

    [[nodiscard]] bool good() const { return !error_; }
    // The first problem; a member that nobody asked for is one.
    [[nodiscard]] Status done();
    // The same where members that are not known here may be there.
    [[nodiscard]] Status done_with_others() const;

  private:
    [[nodiscard]] static std::string pointer_part(std::string_view name);
    [[nodiscard]] std::string pointer_to(std::string_view name) const {
        return pointer_ + pointer_part(name);
    }
    void keep(Status status);

    const Json::object_t* object_;
    ErrorCode code_;
    std::string pointer_;
    std::vector<std::string_view> known_;
    std::optional<Error> error_;
};

}  // namespace shikaku
