#include "gateway/support/json.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <memory>
#include <unordered_set>
#include <utility>

#include "gateway/support/bounds.h"

namespace shikaku {
namespace {

// Receives nlohmann's events and builds the value, without exceptions on either way out.
class Builder {
  public:
    using Object = Json::object_t;

    explicit Builder(Json& root) : root_(root) {}

    [[nodiscard]] const std::string& problem() const { return problem_; }

    bool null() { return place(nullptr); }
    bool boolean(bool value) { return place(value); }
    bool number_integer(Json::number_integer_t value) { return place(value); }
    bool number_unsigned(Json::number_unsigned_t value) { return place(value); }
    bool number_float(Json::number_float_t value, const std::string& /*text*/) {
        return place(value);
    }
    bool string(std::string& value) { return place(std::move(value)); }
    bool binary(Json::binary_t& /*value*/) { return false; }

    bool start_object(std::size_t /*size*/) { return open(Json::value_t::object); }
    bool start_array(std::size_t /*size*/) { return open(Json::value_t::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        Level& level = levels_[depth_ - 1];
        auto& members = level.container->get_ref<Object&>();
        if (!is_new(level, members, name)) {
            problem_ = "an object has the same key twice";
            return false;
        }
        // Growing copies the keys, which a map holds as const: begin with room for a few.
        constexpr std::size_t kUsual = 4;
        if (members.empty()) members.reserve(kUsual);
        // The vector's own emplace_back: the map's emplace would search for the key once more.
        members.Object::Container::emplace_back(std::move(name), nullptr);
        level.member = &members.back().second;
        return true;
    }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string& /*last_token*/,
                     const Exception& /*cause, quotes the input*/) {
        problem_ = "not valid JSON at byte " + std::to_string(position);
        return false;
    }

  private:
    struct Level {
        Json* container = nullptr;
        Json* member = nullptr;  // where the value after a key goes
        std::unique_ptr<std::unordered_set<std::string>> names;
    };

    // Comparing with each is fastest for the usual few members; a set keeps huge objects linear.
    static bool is_new(Level& level, const Object& members, const std::string& name) {
        constexpr std::size_t kFew = 16;
        if (members.size() < kFew) {
            return std::ranges::none_of(members,
                                        [&](const auto& member) { return member.first == name; });
        }
        if (!level.names) {
            level.names = std::make_unique<std::unordered_set<std::string>>();
            for (const auto& member : members)
                level.names->insert(member.first);
        }
        return level.names->insert(name).second;
    }

    template <class Value>
    Json* put(Value&& value) {
        if (depth_ == 0) {
            root_ = std::forward<Value>(value);
            return &root_;
        }
        Level& level = levels_[depth_ - 1];
        if (level.container->is_array()) {
            auto& items = level.container->get_ref<Json::array_t&>();
            return &items.emplace_back(std::forward<Value>(value));
        }
        *level.member = std::forward<Value>(value);
        return level.member;
    }

    template <class Value>
    bool place(Value&& value) {
        put(Json(std::forward<Value>(value)));
        return true;
    }

    bool open(Json::value_t kind) {
        if (depth_ == levels_.size()) {
            problem_ = "nested deeper than " + std::to_string(levels_.size()) + " levels";
            return false;
        }
        Json* const container = put(Json(kind));
        levels_[depth_++] = {.container = container, .member = nullptr, .names = nullptr};
        return true;
    }

    bool close() {
        --depth_;
        return true;
    }

    Json& root_;
    // Pointers stay valid: a container grows only while it is the innermost open one.
    std::array<Level, bounds::kJsonDepth> levels_{};
    std::size_t depth_ = 0;
    std::string problem_;
};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(c);
    out += "\\u00";
    out += kHex[value >> 4U];
    out += kHex[value & 0x0fU];
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    // The library skips a byte order mark and takes a NUL byte for the end of the input.
    if (text.starts_with(kByteOrderMark)) {
        return fail(ErrorCode::malformed_request, "starts with a byte order mark");
    }
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        return fail(ErrorCode::malformed_request, "NUL at byte " + std::to_string(nul + 1));
    }
    Json value;
    Builder builder(value);
    if (!Json::sax_parse(text.data(), text.data() + text.size(), &builder)) {
        return fail(ErrorCode::malformed_request, builder.problem());
    }
    return value;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    assert(in_object() && !after_key_ && "a key belongs into an object, before its value");
    if (!first_) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
    first_ = true;
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
    separate();
    out_ += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!needs_escape(value[i])) continue;
        out_.append(value, done, i - done);
        append_escaped(out_, value[i]);
        done = i + 1;
    }
    out_.append(value, done);
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
    separate();
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    assert(depth_ < 64 && "nested deeper than the writer keeps account of");
    objects_ = objects_ << 1U | (bracket == '{' ? 1U : 0U);
    ++depth_;
    out_ += bracket;
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    assert(depth_ > 0 && in_object() == (bracket == '}') && !after_key_ && "crossed brackets");
    objects_ >>= 1U;
    --depth_;
    out_ += bracket;
    first_ = false;
    return *this;
}

void JsonWriter::separate() {
    assert((!in_object() || after_key_) && "a value in an object needs a key");
    if (!first_) out_ += ',';
    first_ = false;
    after_key_ = false;
}

}  // namespace shikaku
