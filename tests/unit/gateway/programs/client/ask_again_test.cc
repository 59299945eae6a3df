#include "gateway/programs/client/ask_again.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;
using Strings = std::vector<std::string>;

const std::string kLater = R"({"code":"overloaded","retryable":true})";
const std::string kNever = R"({"code":"token_invalid","retryable":false})";

TEST_CASE("what counts as refused for the moment") {
    CHECK(programs::is_refused_for_the_moment(kLater));
    for (const char* other : {R"({"outcome":"eligible","retryable":true})", "", "[]", "null",
                              R"({"code":"x"})", R"({"code":"x","retryable":"true"})"})
        CHECK_FALSE(programs::is_refused_for_the_moment(other));
    CHECK_FALSE(programs::is_refused_for_the_moment(kNever));
}

TEST_CASE("lines that were shed are asked again, alone and in their places, until none is left") {
    std::vector<Strings> asked;
    std::vector<int> pauses;
    const Strings questions = {"a", "b", "c", "d"};
    Strings answers = {"a!", kLater, kNever, kLater};
    programs::ask_again(
        questions, answers,
        [&](std::span<const std::string> left) {
            asked.emplace_back(left.begin(), left.end());
            Strings out;
            for (const std::string& question : left)
                out.push_back(question == "b" && asked.size() < 2 ? kLater : question + "!");
            return out;
        },
        [&pauses](std::chrono::seconds pause) {
            pauses.push_back(static_cast<int>(pause.count()));
        });
    CHECK(answers == Strings{"a!", "b!", kNever, "d!"});
    CHECK(asked == std::vector<Strings>{{"b", "d"}, {"b"}});
    CHECK(pauses == std::vector<int>{1, 1});
}

TEST_CASE("asking again ends: at some time, and when the gateway is gone") {
    const bool gone = GENERATE(false, true);
    int asked = 0;
    const Strings questions = {"a", "b"};
    Strings answers = {"a!", kLater};
    programs::ask_again(
        questions, answers,
        [&](std::span<const std::string>) {
            ++asked;
            return gone ? Strings{} : Strings{kLater};
        },
        [](std::chrono::seconds) {});
    CHECK(answers == Strings{"a!", kLater});
    CHECK(asked == (gone ? 1 : 4));
}

}  // namespace
