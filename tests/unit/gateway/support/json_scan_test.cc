#include "gateway/support/json_scan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/json.h"

namespace shikaku {
namespace {

// Writes down what it is told: {"a":[1,true]} becomes `{K"a"[u1 T]}`.
class Transcript {
  public:
    bool key(std::string_view name) {
        text += 'K';
        return quote(name);
    }
    bool open(bool object) {
        closing_.push_back(object ? '}' : ']');
        text += object ? '{' : '[';
        return true;
    }
    bool close() {
        text += closing_.back();
        closing_.pop_back();
        return true;
    }
    bool value(const JsonScalar& value) {
        if (const auto* string = std::get_if<std::string_view>(&value)) return quote(*string);
        if (const auto* boolean = std::get_if<bool>(&value)) {
            text += *boolean ? 'T' : 'F';
        } else if (const auto* whole = std::get_if<std::uint64_t>(&value)) {
            text += "u" + std::to_string(*whole) + " ";
        } else if (const auto* negative = std::get_if<std::int64_t>(&value)) {
            text += "i" + std::to_string(*negative) + " ";
        } else if (const auto* number = std::get_if<double>(&value)) {
            text += "d" + Json(*number + 0.0).dump() + " ";  // -0 is 0
        } else {
            text += 'N';
        }
        return true;
    }

    std::string text;

  private:
    bool quote(std::string_view string) {
        text += std::to_string(string.size()) + '"';
        text += string;
        return true;
    }
    std::string closing_;
};

// The same from the library's tree.
void transcribe(const Json& json, Transcript& out) {
    if (json.is_structured()) {
        out.open(json.is_object());
        for (const auto& [name, member] : json.items()) {
            if (json.is_object()) out.key(name);
            transcribe(member, out);
        }
        out.close();
    } else if (json.is_string()) {
        out.value(json.get_ref<const std::string&>());
    } else if (json.is_boolean()) {
        out.value(json.get<bool>());
    } else if (json.is_number_unsigned()) {
        out.value(json.get<std::uint64_t>());
    } else if (json.is_number_integer()) {
        out.value(json.get<std::int64_t>());
    } else if (json.is_number()) {
        out.value(json.get<double>());
    } else {
        out.value(JsonNull{});
    }
}

std::optional<std::string> scanned(std::string_view text) {
    Transcript transcript;
    if (!JsonScan(text, transcript).run()) return std::nullopt;
    return transcript.text;
}

// The library's own reading, without what it lets through and we do not.
std::optional<std::string> read_by_library(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf") || text.contains('\0')) return std::nullopt;
    std::vector<std::set<std::string>> names;
    bool twice = false;
    const auto json = Json::parse(
        text,
        [&](int /*depth*/, Json::parse_event_t event, const Json& name) {
            if (event == Json::parse_event_t::object_start) names.emplace_back();
            if (event == Json::parse_event_t::object_end) names.pop_back();
            if (event == Json::parse_event_t::key)
                twice = !names.back().insert(name).second || twice;
            return true;
        },
        false);
    if (json.is_discarded() || twice) return std::nullopt;
    Transcript transcript;
    transcribe(json, transcript);
    return transcript.text;
}

std::optional<std::string> parsed(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) return std::nullopt;
    Transcript transcript;
    transcribe(*json, transcript);
    return transcript.text;
}

TEST_CASE("the scan tells what stands there") {
    CHECK(scanned(R"( {"a" : [1, -2.5, true, false, null, "x"], "b":{}} )") ==
          R"({K1"a[u1 d-2.5 TFN1"x]K1"b{}})");
    CHECK(scanned(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u516b\ud842\udfb7")") ==
          "18\"\"\\/\b\f\n\r\tAé八𠮷");
    CHECK(scanned("18446744073709551615") == "u18446744073709551615 ");
    CHECK(scanned("18446744073709551616") == "d1.8446744073709552e+19 ");
    CHECK(scanned("0") == "u0 ");
    CHECK(scanned("-0") == "i0 ");
    CHECK(scanned("-9223372036854775808") == "i-9223372036854775808 ");
    CHECK(scanned("-9223372036854775809") == "d-9.223372036854776e+18 ");
    CHECK(scanned("1e3") == "d1000.0 ");
}

TEST_CASE("what is not strict JSON is refused") {
    std::vector<std::string> table = {
        "",           " ",      "{",        "}",       "[",         "]",       "{]",        "[}",
        "{,}",        "[,]",    "[1,]",     "[,1]",    "[1 2]",     "{\"a\"}", "{\"a\":}",  "{:1}",
        "{\"a\":1,}", "{a:1}",  "{'a':1}",  "{1:1}",   "{\"a\" 1}", "nul",     "nulll",     "True",
        "tru",        "NaN",    "Infinity", "+1",      "01",        "-01",     "00",        "-",
        "1.",         ".5",     "-.5",      "1e",      "1e+",       "1.e1",    "0x10",      "1_000",
        "1e999",      "1 1",    "\"",       "\"a",     "\"\\\"",    "\"\\x\"", "\"\\u12\"", "\"\\",
        "\"\t\"",     "\"\n\"", "// x\n1",  "/* */ 1", "1 //",      "{}{}",    "{} x",      "[1]]",
    };
    table.push_back("{\"a\":1,\"a\":2}");
    table.push_back("{\"a\":1,\"\\u0061\":2}");
    table.push_back("{\"x\":{\"a\":1,\"b\":{},\"a\":2}}");
    table.push_back("\"\\u+123\"");
    table.push_back("\"\\u-123\"");
    table.push_back("\"\\u 123\"");
    table.push_back("\"\\ud842\"");
    table.push_back("\"\\ud842x\"");
    table.push_back("\"\\ud842\\n\"");
    table.push_back("\"\\ud842\\u0041\"");
    table.push_back("\"\\udfb7\"");
    table.push_back("\"\\udfb7\\ud842\"");
    table.push_back("\"\xff\"");
    table.push_back("\"\xc0\x80\"");
    table.push_back("\"\xed\xa0\x80\"");
    table.push_back("\"\xe5\x85\"");
    table.push_back("\"\\n\xff\"");
    table.push_back("{\"\xff\":1}");
    table.push_back("\xef\xbb\xbf{}");
    table.push_back(std::string("{}\0", 3));
    table.push_back(std::string("\"a\0\"", 4));
    table.push_back(std::string("\"\\n\0\"", 5));
    for (const std::string& text : table) {
        INFO(text);
        CHECK_FALSE(scanned(text));
        CHECK_FALSE(parsed(text));
    }
}

TEST_CASE("depth is bounded") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(scanned(nested(bounds::kJsonDepth)));
    CHECK_FALSE(scanned(nested(bounds::kJsonDepth + 1)));
    CHECK_FALSE(scanned(std::string(100'000, '[')));
}

std::string object_of(std::size_t members) {
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i)
        text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return text + "}";
}

TEST_CASE("a text has at most so many values, and the scan ends at the first too many") {
    const auto list_of = [](std::size_t values) {
        std::string text = "[";
        for (std::size_t i = 1; i < values; ++i)
            text += i == 1 ? "[]" : ",[]";
        return text + "]";
    };
    struct Anything {
        static bool key(std::string_view /*name*/) { return true; }
        static bool open(bool /*object*/) { return true; }
        static bool close() { return true; }
        static bool value(const JsonScalar& /*value*/) { return true; }
    } handler;
    const std::string full = list_of(bounds::kJsonValues);
    CHECK(JsonScan(full, handler).run());
    const std::string one_more = list_of(bounds::kJsonValues + 1);
    JsonScan scan(one_more, handler);
    CHECK_FALSE(scan.run());
    CHECK(scan.problem() == JsonProblem::too_many_values);
    const auto refused = parse_json(one_more);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().detail == "more than 500000 values in one text");
}

TEST_CASE("an object has at most a thousand members; the scan ends at the first too many") {
    struct Counter {
        std::size_t keys = 0;
        bool key(std::string_view /*name*/) { return ++keys > 0; }
        static bool open(bool /*object*/) { return true; }
        static bool close() { return true; }
        static bool value(const JsonScalar& /*value*/) { return true; }
    };
    CHECK(scanned(object_of(bounds::kJsonMembers)));
    // Each object has members of its own.
    CHECK(scanned("[" + object_of(bounds::kJsonMembers) + "," + object_of(2) + "]"));
    const std::string many = object_of(100'000);
    Counter counter;
    JsonScan scan(many, counter);
    CHECK_FALSE(scan.run());
    CHECK(scan.problem() == JsonScan<Counter>::Problem::too_many_members);
    CHECK(counter.keys == bounds::kJsonMembers);
    const auto refused = parse_json(many);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::malformed_request);
    CHECK(refused.error().detail == "an object has more than 1000 members");
}

// Names that fall together under any hash of their ends, middles or lengths: order is all that
// counts.
TEST_CASE("100,000 names cost n log n comparisons, however they are chosen") {
    static std::size_t compared = 0;
    struct CountingLess {
        bool operator()(std::string_view a, std::string_view b) const {
            ++compared;
            return a < b;
        }
    };
    constexpr std::size_t kNames = 100'000;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kNames; ++i)
        names.push_back("prefix " + std::to_string(kNames + i * 7'919 % kNames) + " suffix");
    std::vector<std::string_view> few;
    compared = 0;
    {
        MemberNames<CountingLess> members(few);
        CHECK(std::ranges::all_of(names, [&](const auto& name) { return members.add(name); }));
        CHECK_FALSE(members.add(names[kNames / 2]));
    }
    CHECK(few.empty());
    CHECK(compared > kNames);
    CHECK(compared < kNames * 2 * 17);  // 17: log2 of 100,000
}

TEST_CASE("a key twice is refused in small and in huge objects") {
    const std::size_t members = GENERATE(1, 2, 15, 16, 17, 18, 999);
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i)
        text += "\"" + std::to_string(i) + "\":[{\"0\":0}],";
    const std::size_t again = GENERATE_COPY(std::size_t{0}, members / 2, members - 1);
    CHECK(scanned(text + "\"x\":0}"));
    CHECK_FALSE(scanned(text + "\"" + std::to_string(again) + "\":0}"));
}

TEST_CASE("a handler can stop the scan") {
    struct Stopper {
        int left = 0;
        bool key(std::string_view /*name*/) { return --left >= 0; }
        bool open(bool /*object*/) { return --left >= 0; }
        bool close() { return --left >= 0; }
        bool value(const JsonScalar& /*value*/) { return --left >= 0; }
    };
    const std::string_view text = R"({"a":[1,"x",true,null],"b":{}})";
    int events = 0;
    for (; events < 100; ++events) {
        Stopper stopper{.left = events};
        if (JsonScan(text, stopper).run()) break;
    }
    CHECK(events == 12);
}

// Texts near valid ones, so that both sides have much to say.
TEST_CASE("the scan and parse_json accept what the library accepts, and read the same") {
    const unsigned seed = GENERATE(1U, 2U, 3U);
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t n) { return random() % n; };
    const std::vector<std::string> seeds = {
        R"({"iss":"https://a.example","aud":["x"],"iat":1795132800,"cnf":{"x5t#S256":"CD_q-"}})",
        R"({"proof":{"method":"face","time":1795132800.5},"consent":{"ok":true},"n":null})",
        R"([1,-2,-9007199254740993,3.25,1e3,-0.5E-2,0,"\u516b\ud842\udfb7\n",{},[],[[{"a":false}]]])",
        "{\"八王子\":\"記号\xf0\xa0\xae\xb7\", \"\\\"\" : \"\\\\\" }",
    };
    const std::string alphabet = "{}[]\",:\\/0123456789eE+-.tfnrulasbd \n\t\x01\x7f\xc3\xa9\xff";
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text = seeds[below(seeds.size())];
        for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
            const std::size_t at = below(text.size());
            const char c = alphabet[below(alphabet.size())];
            switch (below(4)) {
                case 0:
                    text[at] = c;
                    break;
                case 1:
                    text.insert(at, 1, c);
                    break;
                case 2:
                    text.erase(at, 1);
                    break;
                default:
                    text.insert(at, text.substr(below(text.size()), below(12)));
                    break;
            }
            if (text.empty()) text = "0";
        }
        INFO(text);
        const auto ours = scanned(text);
        REQUIRE(ours == read_by_library(text));
        REQUIRE(ours == parsed(text));
        if (ours) ++accepted;
    }
    CHECK(accepted > 1000);
    CHECK(accepted < 15'000);
}

}  // namespace
}  // namespace shikaku
