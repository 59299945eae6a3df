#include "gateway/support/json.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <utility>

#include "gateway/support/bounds.h"
#include "gateway/support/json_scan.h"
#include "gateway/support/text.h"

namespace shikaku {
namespace {

// Builds the library's tree from what the scan tells.
class Builder {
  public:
    explicit Builder(Json& root) : root_(root) {}

    bool value(const JsonScalar& scalar) {
        std::visit([this](const auto& one) { put(of(one)); }, scalar);
        return true;
    }

    bool key(std::string_view name) {
        Level& level = levels_[depth_ - 1];
        auto& members = level.container->get_ref<Json::object_t&>();
        // Growing copies the keys, which a map holds as const: begin with room for a few.
        constexpr std::size_t kUsual = 4;
        if (members.empty()) members.reserve(kUsual);
        // The vector's own emplace_back: the map's emplace would search for the key, which the scan
        // has done.
        members.Json::object_t::Container::emplace_back(std::string(name), nullptr);
        level.member = &members.back().second;
        return true;
    }

    bool open(bool object) {
        Json* const container = put(Json(object ? Json::value_t::object : Json::value_t::array));
        levels_[depth_++] = {.container = container, .member = nullptr};
        return true;
    }

    bool close() {
        --depth_;
        return true;
    }

  private:
    struct Level {
        Json* container = nullptr;
        Json* member = nullptr;  // where the value after a key goes
    };

    static Json of(JsonNull /*null*/) { return nullptr; }
    static Json of(std::string_view text) { return std::string(text); }
    template <class Number>
    static Json of(Number number) {
        return number;
    }

    Json* put(Json value) {
        if (depth_ == 0) {
            root_ = std::move(value);
            return &root_;
        }
        Level& level = levels_[depth_ - 1];
        if (level.container->is_array())
            return &level.container->get_ref<Json::array_t&>().emplace_back(std::move(value));
        *level.member = std::move(value);
        return level.member;
    }

    Json& root_;
    // Pointers stay valid: a container grows only while it is the innermost open one.
    std::array<Level, bounds::kJsonDepth> levels_{};
    std::size_t depth_ = 0;
};

// Makes room once for up to `most` bytes; `write` returns where it ended.
template <class Write>
void append_at_most(std::string& out, std::size_t most, Write write) {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + most, [&](char* data, std::size_t /*size*/) {
        return static_cast<std::size_t>(write(data + before) - data);
    });
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
    Json value;
    Builder builder(value);
    JsonScan scan(text, builder);
    if (!scan.run()) return fail(json_error(scan.problem(), scan.position()));
    return value;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    assert(in_object() && !after_key_ && "a key belongs into an object, before its value");
    append_at_most(out_, name.size() + 4, [&](char* at) {
        if (!first_) *at++ = ',';
        *at++ = '"';
        at = std::ranges::copy(name, at).out;
        *at++ = '"';
        *at++ = ':';
        return at;
    });
    first_ = true;
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
    separate();
    const char* const begin = value.data();
    const char* const end = begin + value.size();
    if (json_special(begin, end) == end) {
        append_at_most(out_, value.size() + 2, [&](char* at) {
            *at++ = '"';
            at = std::ranges::copy(value, at).out;
            *at++ = '"';
            return at;
        });
        return *this;
    }
    out_ += '"';
    for (const char* at = begin; at != end;) {
        const char* const special = json_special(at, end);
        out_.append(at, special);
        if (special == end) break;
        append_escaped(out_, *special);
        at = special + 1;
    }
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
