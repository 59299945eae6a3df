// Reads one JSON text (RFC 8259) strictly and tells a handler what comes, without building
// anything. parse_json() builds its tree from it; card tokens, whose cost every question pays, are
// read without a tree. On 0.9 kB of a question it takes a fifth of the library's lexer; a test
// compares with the library what this accepts and reads.
//
// Refused besides what is not JSON: a key twice in one object, nesting beyond bounds::kJsonDepth,
// more members of an object than bounds::kJsonMembers, more values in all than bounds::kJsonValues,
// invalid UTF-8, a byte order mark, a NUL,
// numbers outside the range of a double, anything after the value. Names are compared, never
// hashed: no choice of them makes the scan slower than n log n.
//
// A handler has: bool value(JsonScalar), key(std::string_view), open(bool object), close(). False
// stops the scan. Views live as long as the scan and the text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/result.h"

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

// The names of one object. Comparing with each is fastest for the usual few.
template <class Less = std::less<>>
class MemberNames {
  public:
    explicit MemberNames(std::vector<std::string_view>& few) : few_(few), first_(few.size()) {}
    ~MemberNames() { few_.resize(first_); }
    MemberNames(const MemberNames&) = delete;
    MemberNames& operator=(const MemberNames&) = delete;

    [[nodiscard]] bool full() const { return count_ == bounds::kJsonMembers; }
    // False when it is there already.
    [[nodiscard]] bool add(std::string_view name) {
        ++count_;
        if (!many_.empty()) return many_.insert(name).second;
        const auto siblings = few_.begin() + static_cast<std::ptrdiff_t>(first_);
        if (std::find(siblings, few_.end(), name) != few_.end()) return false;
        few_.push_back(name);
        if (count_ == kFew) many_.insert(few_.end() - kFew, few_.end());
        return true;
    }

  private:
    static constexpr std::size_t kFew = 16;

    std::vector<std::string_view>& few_;  // of all open objects, the innermost last
    std::size_t first_;
    std::size_t count_ = 0;
    std::set<std::string_view, Less> many_;
};

enum class JsonProblem : std::uint8_t {
    not_json,
    same_key_twice,
    too_deep,
    too_many_members,
    too_many_values
};
// malformed_request: names the place, quotes nothing.
[[nodiscard]] Error json_error(JsonProblem problem, std::size_t position);

template <class Handler>
class JsonScan {
  public:
    using Problem = JsonProblem;

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
        if (++values_ > bounds::kJsonValues) return refuse(Problem::too_many_values);
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
        MemberNames<> siblings(names_);
        do {
            if (!name(siblings) || !take(':') || !value(depth)) return false;
        } while (take(','));
        return take('}') && handler_.close();
    }

    bool name(MemberNames<>& siblings) {
        if (!take('"')) return false;
        const auto text = scan_json_string(at_, end_, storage_);
        if (!text) return false;
        if (siblings.full()) return refuse(Problem::too_many_members);
        if (!siblings.add(*text)) return refuse(Problem::same_key_twice);
        return handler_.key(*text);
    }

    Handler& handler_;
    const char* begin_;
    const char* at_;
    const char* end_;
    std::size_t values_ = 0;
    Problem problem_ = Problem::not_json;
    std::vector<std::string_view> names_;
    std::deque<std::string> storage_;
};

}  // namespace shikaku
