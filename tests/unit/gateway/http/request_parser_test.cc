#include "gateway/http/request_parser.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"

namespace shikaku::http::testing {

namespace {

std::optional<ErrorCode> error_of(std::string_view head) {
    RequestParser parser;
    Request request;
    const auto length = parser.parse(head, request);
    if (length) return std::nullopt;
    return length.error().code;
}

}  // namespace

TEST_CASE("a head becomes a request; nothing of the last one is left") {
    RequestParser parser;
    Request request;
    const std::string first =
        "POST /v1/eligibility?a=1 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two:  2 \r\n"
        "Content-Length: 3\r\n\r\n";
    REQUIRE(*parser.parse(first + "abc", request) == first.size());
    CHECK(request.method == Method::post);
    CHECK(request.path == "/v1/eligibility");
    CHECK(request.query == "a=1");
    CHECK(request.headers.size() == 4);
    CHECK(request.header("x-two") == "2");
    CHECK(parser.framing().content_length == 3);
    CHECK(parser.keep_alive());

    parser.start();
    const std::string second = "GET / HTTP/1.0\r\n\r\n";
    REQUIRE(*parser.parse(second, request) == second.size());
    CHECK(request.method == Method::get);
    CHECK(request.path == "/");
    CHECK(request.query.empty());
    CHECK(request.headers.empty());
    CHECK_FALSE(parser.framing().has_body());
    CHECK_FALSE(parser.keep_alive());
    CHECK(parser.is_http_1_0());
}

TEST_CASE("methods the contract knows have names, others are other") {
    const std::pair<const char*, Method> rows[] = {
        {"GET", Method::get},     {"HEAD", Method::head},      {"POST", Method::post},
        {"PUT", Method::put},     {"DELETE", Method::delete_}, {"OPTIONS", Method::options},
        {"PATCH", Method::other}, {"TRACE", Method::other},    {"get", Method::other},
        {"BREW", Method::other},
    };
    for (const auto& [text, method] : rows) {
        INFO(text);
        RequestParser parser;
        Request request;
        REQUIRE(parser.parse(std::string(text) + " / HTTP/1.1\r\nHost: a\r\n\r\n", request));
        CHECK(request.method == method);
    }
}

TEST_CASE("heads that the library beneath would take are refused") {
    const char* const rows[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
        "GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent--Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\ntransfer-_encoding: chunked\r\nX: 1\r\n\r\n",
    };
    for (const char* row : rows) {
        INFO(row);
        CHECK(error_of(row) == ErrorCode::malformed_request);
    }
}

TEST_CASE("a version we do not speak is told from a malformed line") {
    CHECK(error_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == ErrorCode::version_not_supported);
    CHECK(error_of("GET / HTTP/0.9\r\nHost: a\r\n\r\n") == ErrorCode::version_not_supported);
    CHECK(error_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n") == ErrorCode::version_not_supported);
    CHECK(error_of("GET / HTTP/1.1x\r\nHost: a\r\n\r\n") == ErrorCode::malformed_request);
    CHECK(error_of("GET / http/1.1\r\nHost: a\r\n\r\n") == ErrorCode::malformed_request);
    CHECK(error_of("GET /\r\nHost: a\r\n\r\n") == ErrorCode::malformed_request);
}

TEST_CASE("the number of fields is bounded") {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 1; i < bounds::kHeaderFields; ++i)
        head += "X: 1\r\n";
    CHECK_FALSE(error_of(head + "\r\n"));
    CHECK(error_of(head + "X: 1\r\n\r\n") == ErrorCode::headers_too_large);
}

}  // namespace shikaku::http::testing
