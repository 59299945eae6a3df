#include "gateway/api/trace_context.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace shikaku;

namespace {

const std::string kGood = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string with(std::string text, std::size_t at, char c) {
    text[at] = c;
    return text;
}

}  // namespace

TEST_CASE("a traceparent that follows the grammar is taken") {
    CHECK(api::parse_traceparent(kGood) == kGood);
    CHECK(api::parse_traceparent(with(kGood, 54, '0')));
    const std::string later = "cc" + kGood.substr(2);
    CHECK(api::parse_traceparent(later) == kGood);
    CHECK(api::parse_traceparent(later + "-what-the-future-brings") == kGood);
}

TEST_CASE("what is no traceparent is refused") {
    std::vector<std::string> rows = {
        "",
        "-",
        "00",
        "00-",
        "abc",
        "a.b_c-d",
        kGood + "-",
        kGood + "-00",
        kGood + "0",
        kGood.substr(0, 54),
        "ff" + kGood.substr(2),
        " " + kGood,
        kGood + " ",
        kGood + "\t",
        "0-" + kGood.substr(3),
        "cc" + kGood.substr(2) + "x",
        "cc" + kGood.substr(2) + ".-",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        kGood + "," + kGood,
        "00_" + kGood.substr(3),
    };
    for (std::size_t i = 0; i < kGood.size(); ++i) {
        for (const char c : {'g', 'A', ' ', '\0', '_', '\x7f', '\xe3'})
            rows.push_back(with(kGood, i, c));
    }
    for (const std::string& row : rows) {
        INFO(row);
        CHECK_FALSE(api::parse_traceparent(row));
    }
}

TEST_CASE("a bad traceparent is replaced by one of ours, never echoed") {
    const auto answered = [](std::vector<http::Header> headers) {
        http::Request request;
        request.headers = std::move(headers);
        return api::traceparent_of(request);
    };
    CHECK_FALSE(answered({}));
    CHECK_FALSE(answered({{"X-Request-ID", kGood}}));
    CHECK(answered({{"TraceParent", kGood}}) == kGood);
    for (const auto& headers : std::vector<std::vector<http::Header>>{
             {{"traceparent", ""}},
             {{"traceparent", "not-a-trace"}},
             {{"traceparent", kGood + "-123456789018"}},
             {{"traceparent", kGood}, {"Traceparent", kGood}},
         }) {
        const auto ours = answered(headers);
        REQUIRE(ours);
        CHECK(api::parse_traceparent(*ours) == ours);
        CHECK(*ours != kGood);
        CHECK(ours->ends_with("-00"));
        CHECK(answered(headers) != ours);
    }
}
