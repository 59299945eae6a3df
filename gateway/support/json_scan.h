// Reads one JSON text (RFC 8259) strictly and tells a handler what comes, without building
// anything. parse_json() builds its tree from it; card tokens, whose cost every question pays, are
// read without a tree. On 0.9 kB of a question it takes a fifth of the library's lexer; a test
// compares with the library what this accepts and reads.
//
// Refused besides what is not JSON: a key twice in one object, nesting beyond bounds::kJsonDepth,
// invalid UTF-8, a byte order mark, a NUL, numbers outside the range of a double, anything after
// the value.
//
// A handler has: bool value(JsonScalar), key(std::string_view), open(bool object), close(). False
// stops the scan. Views live as long as the scan and the text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "gateway/support/bounds.h"

namespace shikaku {

struct JsonNull {};
// A number written without fraction and exponent: std::uint64_t, or std::int64_t below zero, when
// it fits.
using JsonScalar =
    std::variant<JsonNull, bool, std::uint64_t, std::int64_t, double, std::string_view>;

// The text between the quotes at `at`, which stands behind the opening one and is moved behind the
// closing one. `storage` keeps what had to be unescaped.
[[nodiscard]] std::optional<std::string_view> scan_json_string(const char*& at, const char* end,
                                                               std::deque<std::string>& storage);
[[nodiscard]] std::optional<JsonScalar> scan_json_number(const char*& at, const char* end);

template <class Handler>
class JsonScan {
  public:
    enum class Problem : std::uint8_t { not_json, same_key_twice, too_deep };

    JsonScan(std::string_view text, Handler& handler)
        : handler_(handler),
          begin_(text.data()),
          at_(text.data()),
          end_(text.data() + text.size()) {
        names_.reserve(kUsualMembers);
    }

    [[nodiscard]] bool run() {
        if (!value(0)) return false;
        skip_space();
        return at_ == end_;
    }

    // Why and at which byte run() gave up, unless the handler stopped it.
    [[nodiscard]] Problem problem() const { return problem_; }
    [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

  private:
    static constexpr std::size_t kUsualMembers = 24;
    // Comparing with each is fastest for the usual few members; a set keeps huge objects linear.
    static constexpr std::size_t kFewMembers = 16;
    using Names = std::unordered_set<std::string_view>;

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

    bool refuse(Problem problem) {
        problem_ = problem;
        return false;
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
            case '[':
                if (depth == bounds::kJsonDepth) return refuse(Problem::too_deep);
                return *at_++ == '{' ? object(depth + 1) : array(depth + 1);
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
        if (!handler_.open(false)) return false;
        if (take(']')) return handler_.close();
        do {
            if (!value(depth)) return false;
        } while (take(','));
        return take(']') && handler_.close();
    }

    bool object(std::size_t depth) {
        if (!handler_.open(true)) return false;
        if (take('}')) return handler_.close();
        const std::size_t first_name = names_.size();
        std::unique_ptr<Names> many;
        do {
            if (!name(first_name, many) || !take(':') || !value(depth)) return false;
        } while (take(','));
        names_.resize(first_name);
        return take('}') && handler_.close();
    }

    bool name(std::size_t first_name, std::unique_ptr<Names>& many) {
        if (!take('"')) return false;
        const auto text = scan_json_string(at_, end_, storage_);
        if (!text) return false;
        if (!is_new(*text, first_name, many)) return refuse(Problem::same_key_twice);
        return handler_.key(*text);
    }

    bool is_new(std::string_view text, std::size_t first_name, std::unique_ptr<Names>& many) {
        if (many) return many->insert(text).second;
        const auto siblings = names_.begin() + static_cast<std::ptrdiff_t>(first_name);
        if (std::find(siblings, names_.end(), text) != names_.end()) return false;
        names_.push_back(text);
        if (names_.size() - first_name == kFewMembers)
            many = std::make_unique<Names>(names_.end() - kFewMembers, names_.end());
        return true;
    }

    Handler& handler_;
    const char* begin_;
    const char* at_;
    const char* end_;
    Problem problem_ = Problem::not_json;
    std::vector<std::string_view> names_;  // of all open objects, the innermost last
    std::deque<std::string> storage_;
};

}  // namespace shikaku
