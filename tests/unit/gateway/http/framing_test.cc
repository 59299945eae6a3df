#include "gateway/http/framing.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"

namespace shikaku::http::testing {

namespace {

HeadFacts get(std::string_view target) {
    return {.method = "GET", .target = target, .hosts = 1, .host = "gateway.example"};
}

std::optional<ErrorCode> error_of(const HeadFacts& facts) {
    const auto framing = check_framing(facts);
    if (framing) return std::nullopt;
    return framing.error().code;
}

}  // namespace

TEST_CASE("a target is split into path and query") {
    struct Row {
        const char* target;
        const char* path;
        const char* query;
    };
    const Row rows[] = {
        {"/", "/", ""},
        {"/v1/eligibility", "/v1/eligibility", ""},
        {"/v1/audit/entries?from=1&to=2", "/v1/audit/entries", "from=1&to=2"},
        {"/a?", "/a", ""},
        {"/a?b?c", "/a", "b?c"},
        {"/%41", "/%41", ""},
        {"//a", "//a", ""},
        {"https://gateway.example/a?b", "/a", "b"},
        {"HTTP://GATEWAY.example/a", "/a", ""},
        {"https://gateway.example", "/", ""},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        const auto framing = check_framing(get(row.target));
        REQUIRE(framing);
        CHECK(framing->path == row.path);
        CHECK(framing->query == row.query);
    }
    HeadFacts options = get("*");
    options.method = "OPTIONS";
    CHECK(check_framing(options)->path == "*");
}

TEST_CASE("a framing field in disguise is refused, other names may be written as they like") {
    for (const char* name :
         {"Content_Length", "content_length", "CONTENT_LENGTH", "Content--Length",
          "Content-_Length", "Content__Length", "Content_-_Length", "Transfer_Encoding",
          "transfer--encoding", "Transfer---Encoding", "Content_Encoding", "Proxy_Connection"}) {
        INFO(name);
        CHECK(disguises_framing(name));
    }
    for (const char* name :
         {"", "-", "_", "Content-Length", "content-length", "Transfer-Encoding", "Content_Type",
          "Content-Lengths", "X_Content_Length", "_Content_Length", "Content_Length_",
          "ContentLength", "Content.Length", "X--Request--ID", "Transfer_Encodings"}) {
        INFO(name);
        CHECK_FALSE(disguises_framing(name));
    }
    HeadFacts facts = get("/");
    facts.disguised = true;
    CHECK(error_of(facts) == ErrorCode::malformed_request);
}

TEST_CASE("targets that are not a path or our own URL are refused") {
    const char* const rows[] = {
        "",
        "a",
        "*",
        "?a",
        "/a#b",
        "/a b",
        "/a\x01",
        "/\x7f",
        "/\xe3\x81",
        "/a\"",
        "/<a>",
        "/a\\b",
        "/a^",
        "/a`",
        "/{a}",
        "/a|b",
        "/[a]",
        "/%",
        "/%4",
        "/%zz",
        "/a?%",
        "/a?[b]",
        "ftp://gateway.example/",
        "https://other.example/a",
        "https://gateway.example:1/a",
        "https://user@gateway.example/",
        "https:///a",
        "https://",
        "http:/a",
        "https://gateway.example?a",
        "gateway.example:443",
    };
    for (const char* row : rows) {
        INFO(row);
        CHECK(error_of(get(row)) == ErrorCode::malformed_request);
    }
    CHECK(error_of(get("/" + std::string(bounds::kTargetBytes, 'a'))) ==
          ErrorCode::headers_too_large);
    HeadFacts connect = get("gateway.example:443");
    connect.method = "CONNECT";
    CHECK(error_of(connect) == ErrorCode::method_not_allowed);
}

TEST_CASE("exactly one well-formed Host is needed in HTTP/1.1") {
    const char* const good[] = {"a",           "a.b-c_d",         "a:1", "127.0.0.1:8443", "[::1]",
                                "[::1]:65535", "[::ffff:1.2.3.4]"};
    for (const char* host : good) {
        INFO(host);
        HeadFacts facts = get("/");
        facts.host = host;
        CHECK_FALSE(error_of(facts));
    }
    const char* const bad[] = {"",    ":1",  "a:",   "a:b",  "a:65536", "a:1:2",  "a b",
                               "a,b", "u@a", "a/b",  "[::1", "[]",      "[::1]a", "[g]",
                               "a?",  "a#",  "\xe3", "a\\b", "[::1]:",  "%61",    "a:+1"};
    for (const char* host : bad) {
        INFO(host);
        HeadFacts facts = get("/");
        facts.host = host;
        CHECK(error_of(facts) == ErrorCode::malformed_request);
    }
    HeadFacts none{.method = "GET", .target = "/"};
    CHECK(error_of(none) == ErrorCode::malformed_request);
    none.version = 10;
    CHECK_FALSE(error_of(none));
    HeadFacts two = get("/");
    two.hosts = 2;
    CHECK(error_of(two) == ErrorCode::malformed_request);
    two.version = 10;
    CHECK(error_of(two) == ErrorCode::malformed_request);
}

TEST_CASE("a body is counted or chunked, never both and never in doubt") {
    HeadFacts facts = get("/");
    facts.transfer_encodings = 1;
    facts.transfer_encoding = "Chunked";
    REQUIRE(check_framing(facts));
    CHECK(check_framing(facts)->chunked);

    for (const char* coding : {"", "gzip", "gzip, chunked", "chunked, chunked", "chunked;q=1",
                               "identity", "xchunked", "chunked,", "\"chunked\""}) {
        INFO(coding);
        HeadFacts other = facts;
        other.transfer_encoding = coding;
        CHECK(error_of(other) == ErrorCode::malformed_request);
    }
    HeadFacts twice = facts;
    twice.transfer_encodings = 2;
    CHECK(error_of(twice) == ErrorCode::malformed_request);
    HeadFacts both = facts;
    both.content_lengths = 1;
    both.content_length = "0";
    CHECK(error_of(both) == ErrorCode::malformed_request);
    HeadFacts old = facts;
    old.version = 10;
    CHECK(error_of(old) == ErrorCode::malformed_request);
}

TEST_CASE("a Content-Length is one number") {
    HeadFacts facts = get("/");
    facts.content_lengths = 1;
    for (const char* length : {"", "+5", "-5", "5,5", "5, 5", "0x5", "5 5", "5.0", "five",
                               "18446744073709551616", "1000000000000000000", "\xef\xbc\x95"}) {
        INFO(length);
        facts.content_length = length;
        CHECK(error_of(facts) == ErrorCode::malformed_request);
    }
    facts.content_length = "005";
    CHECK(check_framing(facts)->content_length == 5);
    facts.content_length = "999999999999999999";
    CHECK(check_framing(facts)->content_length == 999'999'999'999'999'999);
    facts.content_lengths = 2;
    CHECK(error_of(facts) == ErrorCode::malformed_request);
}

TEST_CASE("only 100-continue can be expected") {
    HeadFacts facts = get("/");
    facts.content_lengths = 1;
    facts.content_length = "5";
    facts.expects = 1;
    facts.expect = "100-Continue";
    CHECK(check_framing(facts)->expects_continue);
    facts.content_length = "0";
    CHECK_FALSE(check_framing(facts)->expects_continue);
    facts.expect = "200-ok";
    CHECK(error_of(facts) == ErrorCode::expectation_failed);
    facts.expect = "";
    CHECK(error_of(facts) == ErrorCode::expectation_failed);
    facts.version = 10;
    CHECK_FALSE(error_of(facts));
}

TEST_CASE("a head that arrives byte by byte is found at its last byte") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\tb\r\n\r\n";
    HeadScanner scanner;
    for (std::size_t n = 0; n < head.size(); ++n) {
        const std::string part = head.substr(0, n);
        const auto found = scanner.scan(part);
        REQUIRE(found);
        CHECK_FALSE(*found);
    }
    CHECK(*scanner.scan(head + "body") == head.size());
}

TEST_CASE("raw bytes no head may have are refused at once") {
    const std::string_view rows[] = {
        "\r\n",
        "\n",
        " GET / HTTP/1.1\r\n",
        "\tGET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\rHost",
        "GET / HTTP/1.1\r\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n",
        "GET /\x01 HTTP/1.1\r\n",
        std::string_view("GET /\0 HTTP/1.1\r\n", 17),
        "GET / HTTP/1.1\r\nX: \x7f\r\n",
        "GET / HTTP/1.1\r\nX: \x0b\r\n",
    };
    for (const std::string_view row : rows) {
        INFO(row);
        HeadScanner scanner;
        const auto found = scanner.scan(row);
        REQUIRE_FALSE(found);
        CHECK(found.error().code == ErrorCode::malformed_request);
    }
}

TEST_CASE("a head is bounded to the byte") {
    const std::string start = "GET / HTTP/1.1\r\nX: ";
    const std::string fits =
        start + std::string(bounds::kHeaderBytes - start.size() - 4, 'x') + "\r\n\r\n";
    HeadScanner scanner;
    CHECK(*scanner.scan(fits) == bounds::kHeaderBytes);

    const std::string too_long =
        start + std::string(bounds::kHeaderBytes - start.size() - 3, 'x') + "\r\n\r\n";
    HeadScanner other;
    CHECK(other.scan(too_long).error().code == ErrorCode::headers_too_large);

    HeadScanner endless;
    const auto without_end = endless.scan(std::string(bounds::kHeaderBytes, 'x'));
    CHECK(without_end.error().code == ErrorCode::headers_too_large);
}

TEST_CASE("a version is recognised, whichever it is") {
    CHECK(names_a_version("GET / HTTP/2.0"));
    CHECK(names_a_version("PRI * HTTP/2.0"));
    for (const char* line : {"GET /", "GET / HTTP/1", "GET / http/1.1", "GET / HTTP/1.1x",
                             "GET / HTTP/11", "HTTP/1.1", "", " HTTP/1.1", "GET /a b HTTP/1.1"}) {
        INFO(line);
        CHECK_FALSE(names_a_version(line));
    }
}

}  // namespace shikaku::http::testing
