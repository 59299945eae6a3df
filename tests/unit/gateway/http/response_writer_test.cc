#include "gateway/http/response_writer.h"

#include <catch2/catch.hpp>
#include <ctime>

namespace shikaku::http::testing {

using Catch::Matchers::Contains;

namespace {

std::string head_of(const Response& response, const ResponseShape& shape = {}) {
    std::string out;
    write_head(response, shape, out);
    return out;
}

}  // namespace

TEST_CASE("a response carries its length, type and the fields every answer has") {
    const std::string head = head_of({.body = "{}"});
    CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 200 OK\r\n") && Catch::EndsWith("\r\n\r\n"));
    CHECK_THAT(head, Contains("Content-Length: 2\r\n"));
    CHECK_THAT(head, Contains("Content-Type: application/json\r\n"));
    CHECK_THAT(head, Contains("Cache-Control: no-store\r\n"));
    CHECK_THAT(head, Contains("X-Content-Type-Options: nosniff\r\n"));
    CHECK_THAT(head, !Contains("Connection:"));
}

TEST_CASE("a text that is always the same is pointed at, not copied, and has its length") {
    static constexpr std::string_view kText = "always the same";
    const Response response{.fixed_body = kText};
    CHECK(response.content().data() == kText.data());
    CHECK_THAT(head_of(response), Contains("Content-Length: 15\r\n"));
}

TEST_CASE("the Date is now, in the form of RFC 9110") {
    const std::string head = head_of({});
    const std::size_t at = head.find("Date: ");
    REQUIRE(at != std::string::npos);
    std::tm then{};
    REQUIRE(strptime(head.substr(at + 6, 29).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &then));
    CHECK(std::abs(static_cast<double>(timegm(&then) - std::time(nullptr))) < 3600.0);
}

TEST_CASE("a response that says how it may be cached is not contradicted") {
    const std::string head = head_of({.headers = {{"cache-control", "max-age=60"}}});
    CHECK_THAT(head, Contains("max-age=60") && !Contains("no-store"));
}

TEST_CASE("204 and 304 have neither body nor length") {
    for (const int status : {204, 304}) {
        const Response response{.status = status, .body = "ignored"};
        CHECK_FALSE(carries_body(response, {}));
        CHECK_THAT(head_of(response),
                   !Contains("Content-Length") && !Contains("\r\nContent-Type: "));
    }
}

TEST_CASE("HEAD is told the length of what it does not get") {
    const Response response{.body = "12345"};
    const ResponseShape shape{.head_request = true};
    CHECK_FALSE(carries_body(response, shape));
    CHECK_THAT(head_of(response, shape), Contains("Content-Length: 5\r\n"));
}

TEST_CASE("closing and HTTP/1.0 are said") {
    CHECK_THAT(head_of({}, {.close = true}), Contains("Connection: close\r\n"));
    CHECK_THAT(head_of({}, {.http_1_0 = true}), Contains("Connection: keep-alive\r\n"));
    CHECK_THAT(head_of({}, {.close = true, .http_1_0 = true}), Contains("Connection: close\r\n"));
}

TEST_CASE("fields that would break the framing are left out and reported") {
    const Header rows[] = {
        {"X-Split", "a\r\nX-Evil: 1"},
        {"X-Nul", std::string("a\0b", 3)},
        {"X-Lf", "a\nb"},
        {"Bad Name", "a"},
        {"Bad:Name", "a"},
        {"", "a"},
        {"Content-Length", "7"},
        {"transfer-encoding", "chunked"},
        {"Connection", "close"},
        {"X\r\nEvil", "1"},
    };
    for (const Header& row : rows) {
        INFO(row.name);
        std::string out;
        CHECK_FALSE(write_head({.headers = {{"X-Good", "1"}, row}}, {}, out));
        CHECK_THAT(out, Contains("X-Good: 1\r\n") && !Contains("Evil"));
        CHECK(out == head_of({.headers = {{"X-Good", "1"}}}));
    }
}

TEST_CASE("chunks are sized in hexadecimal") {
    std::string out;
    write_chunk(std::string(26, 'x'), out);
    write_last_chunk(out);
    CHECK(out == "1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

}  // namespace shikaku::http::testing
