#include "gateway/support/json_object.h"

namespace shikaku {

JsonObject::JsonObject(const Json& json, ErrorCode code, std::string pointer)
    : object_(json.get_ptr<const Json::object_t*>()), code_(code), pointer_(std::move(pointer)) {
    if (object_ == nullptr) error_ = Error{code_, "is not an object", pointer_};
}

const Json* JsonObject::member(std::string_view name) {
    if (error_) return nullptr;
    for (const auto& [key, value] : *object_) {
        if (key != name) continue;
        if (std::ranges::find(known_, name) == known_.end()) known_.push_back(name);
        return &value;
    }
    return nullptr;
}

JsonObject& JsonObject::needed(std::string_view name) {
    if (!error_ && member(name) == nullptr) problem(name, "is missing");
    return *this;
}

JsonObject& JsonObject::problem(std::string_view name, std::string_view what) {
    if (!error_) error_ = Error{code_, std::string(what), pointer_to(name)};
    return *this;
}

void JsonObject::keep(Status status) {
    if (!status && !error_) error_ = std::move(status.error());
}

Status JsonObject::done() {
    if (error_ || known_.size() == object_->size()) return done_with_others();
    for (const auto& [key, value] : *object_)
        if (std::ranges::find(known_, key) == known_.end())
            problem(key, "is not a member known here");
    return done_with_others();
}

Status JsonObject::done_with_others() const {
    if (error_) return fail(*error_);
    return {};
}

// RFC 6901 section 3.
std::string JsonObject::pointer_part(std::string_view name) {
    std::string text = "/";
    for (const char c : name) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

}  // namespace shikaku
