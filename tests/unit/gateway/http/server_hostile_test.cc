// Bytes no honest client sends. Every row of the table is sent to a real server, followed by a
// request for /smuggled where the row leaves room for doubt: it must never be served.
#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/http/http_fixture.h"

namespace shikaku::http::testing {

namespace {

constexpr int kSilent = 0;  // closed without an answer

struct Row {
    const char* what;
    std::string bytes;
    int status;
};

std::string post(const std::string& fields, const std::string& rest = {}) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + rest;
}

std::string chunked(const std::string& wire) {
    return post("Transfer-Encoding: chunked\r\n", wire);
}

std::string get_with(const std::string& fields) {
    return "GET / HTTP/1.1\r\n" + fields + "\r\n";
}

const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

std::vector<Row> length_and_coding_rows() {
    const std::string te = "Transfer-Encoding: chunked\r\n";
    return {
        {"CL.TE", post("Content-Length: 6\r\n" + te, "0\r\n\r\n" + kSmuggled), 400},
        {"TE.CL", post(te + "Content-Length: 4\r\n", "0\r\n\r\n" + kSmuggled), 400},
        {"two equal lengths", post("Content-Length: 0\r\nContent-Length: 0\r\n", kSmuggled), 400},
        {"two lengths", post("Content-Length: 0\r\nContent-Length: 44\r\n", kSmuggled), 400},
        {"list of lengths", post("Content-Length: 0, 0\r\n", kSmuggled), 400},
        {"length with sign", post("Content-Length: +0\r\n", kSmuggled), 400},
        {"negative length", post("Content-Length: -1\r\n", kSmuggled), 400},
        {"hexadecimal length", post("Content-Length: 0x0\r\n", kSmuggled), 400},
        {"length with blank inside", post("Content-Length: 0 0\r\n", kSmuggled), 400},
        {"empty length", post("Content-Length:\r\n", kSmuggled), 400},
        {"length overflow", post("Content-Length: 18446744073709551616\r\n", kSmuggled), 400},
        {"length beyond 63 bits", post("Content-Length: 9999999999999999999\r\n", kSmuggled), 400},
        {"length over the limit", post("Content-Length: 65537\r\n", kSmuggled), 413},
        {"blank before colon", post("Content-Length : 44\r\n", kSmuggled), 400},
        {"TE gzip", post("Transfer-Encoding: gzip\r\n", kSmuggled), 400},
        {"TE identity", post("Transfer-Encoding: identity\r\n", kSmuggled), 400},
        {"TE gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
        {"TE chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", kSmuggled), 400},
        {"TE twice", post(te + te, "0\r\n\r\n" + kSmuggled), 400},
        {"TE chunked and gzip", post(te + "Transfer-Encoding: gzip\r\n", kSmuggled), 400},
        {"TE quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + kSmuggled), 400},
        {"TE with parameter", post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), 400},
        {"TE empty", post("Transfer-Encoding:\r\n", kSmuggled), 400},
        {"TE with vertical tab",
         post("Transfer-Encoding: \x0b"
              "chunked\r\n",
              kSmuggled),
         400},
        {"TE folded", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + kSmuggled), 400},
        {"TE in HTTP/1.0",
         "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kSmuggled, 400},
        {"TE hidden by a bare LF", post("X: a\nTransfer-Encoding: chunked\r\n", kSmuggled), 400},
        {"TE hidden by a bare CR", post("X: a\rTransfer-Encoding: chunked\r\n", kSmuggled), 400},
    };
}

std::vector<Row> chunk_rows() {
    return {
        {"chunk size is no number", chunked("z\r\n" + kSmuggled), 400},
        {"chunk size with blank", chunked("0 \r\n\r\n" + kSmuggled), 400},
        {"chunk size with sign", chunked("+1\r\nx\r\n0\r\n\r\n" + kSmuggled), 400},
        {"chunk size with prefix", chunked("0x1\r\nx\r\n0\r\n\r\n" + kSmuggled), 400},
        {"chunk size overflow", chunked("10000000000000000\r\n" + kSmuggled), 400},
        {"chunk size of all ones", chunked("ffffffffffffffff\r\n" + kSmuggled), 413},
        {"chunk over the limit", chunked("10001\r\n" + kSmuggled), 413},
        {"chunk ended by LF", chunked("1\nx\r\n0\r\n\r\n" + kSmuggled), 400},
        {"chunk data too long", chunked("1\r\nxx\r\n0\r\n\r\n" + kSmuggled), 400},
        {"LF in an extension", chunked("1;a\nb\r\nx\r\n0\r\n\r\n" + kSmuggled), 400},
        {"CR in an extension", chunked("1;a\rb\r\nx\r\n0\r\n\r\n" + kSmuggled), 400},
        {"endless extension", chunked("1;" + std::string(8000, 'e') + "\r\nx\r\n"), 400},
        {"trailer without colon", chunked("0\r\nTrailer\r\n\r\n" + kSmuggled), 400},
        {"trailer ended by LF", chunked("0\r\nA: b\n\r\n" + kSmuggled), 400},
        {"endless trailers", chunked("0\r\nA: " + std::string(8000, 't') + "\r\n\r\n"), 400},
        {"body cut short", chunked("5\r\nhel"), kSilent},
        {"counted body cut short", post("Content-Length: 5\r\n", "hel"), kSilent},
    };
}

std::vector<Row> line_rows() {
    const std::string host = "Host: a\r\n";
    return {
        {"empty line first", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"blank first", " GET / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"LF line ends", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"CR line ends", "GET / HTTP/1.1\rHost: a\r\r", 400},
        {"two blanks", "GET  / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"blank after version", "GET / HTTP/1.1 \r\n" + host + "\r\n", 400},
        {"tab as blank", "GET\t/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"blank in target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", 400},
        {"no version", "GET /\r\n" + host + "\r\n", 400},
        {"no target", "GET HTTP/1.1\r\n" + host + "\r\n", 400},
        {"only a method", "GET\r\n\r\n", 400},
        {"method no token", "G(T / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"lower-case protocol", "GET / http/1.1\r\n" + host + "\r\n", 400},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"HTTP/0.9", "GET / HTTP/0.9\r\n" + host + "\r\n", 505},
        {"HTTP/1.2", "GET / HTTP/1.2\r\n" + host + "\r\n", 505},
        {"HTTP/11", "GET / HTTP/11\r\n" + host + "\r\n", 400},
        {"CONNECT", "CONNECT a:443 HTTP/1.1\r\n" + host + "\r\n", 405},
        {"relative target", "GET a HTTP/1.1\r\n" + host + "\r\n", 400},
        {"fragment", "GET /#a HTTP/1.1\r\n" + host + "\r\n", 400},
        {"other authority", "GET http://b/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"star without OPTIONS", "GET * HTTP/1.1\r\n" + host + "\r\n", 400},
        {"raw UTF-8 target", "GET /\xe5\xad\x90 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"half an escape", "GET /%4 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"long target", "GET /" + std::string(2048, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 431},
        {"TLS on a plain port", std::string("\x16\x03\x01\x02\0\x01", 6), 400},
        {"binary", std::string("\0\1\2\3", 4), 400},
    };
}

std::vector<Row> field_rows() {
    std::string many = "Host: a\r\n";
    for (std::size_t i = 0; i < bounds::kHeaderFields; ++i)
        many += "X: 1\r\n";
    return {
        {"no Host", get_with(""), 400},
        {"two Hosts", get_with("Host: a\r\nHost: a\r\n"), 400},
        {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"empty Host", get_with("Host:\r\n"), 400},
        {"list of Hosts", get_with("Host: a, b\r\n"), 400},
        {"Host with user", get_with("Host: u@a\r\n"), 400},
        {"Host with path", get_with("Host: a/b\r\n"), 400},
        {"Host with bad port", get_with("Host: a:99999\r\n"), 400},
        {"folded field", get_with("Host: a\r\nX: a\r\n b\r\n"), 400},
        {"fold on the first field", get_with(" Host: a\r\n"), 400},
        {"field without colon", get_with("Host: a\r\nX\r\n"), 400},
        {"field without name", get_with("Host: a\r\n: x\r\n"), 400},
        {"blank in a name", get_with("Host: a\r\nX Y: x\r\n"), 400},
        {"NUL in a value", get_with(std::string("Host: a\r\nX: \0\r\n", 14)), 400},
        {"NUL in a name", get_with(std::string("Host: a\r\nX\0Y: 1\r\n", 16)), 400},
        {"DEL in a value", get_with("Host: a\r\nX: \x7f\r\n"), 400},
        {"escape in a value", get_with("Host: a\r\nX: \x1b[0m\r\n"), 400},
        {"too many fields", get_with(many), 431},
        {"field too long", get_with("Host: a\r\nX: " + std::string(9000, 'x') + "\r\n"), 431},
        {"endless head", "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), 431},
        {"unknown expectation", post("Expect: 200\r\nContent-Length: 1\r\n", "x"), 417},
        {"two expectations", post("Expect: 100-continue\r\nExpect: 100-continue\r\n"), 417},
        {"broken Connection", get_with("Host: a\r\nConnection: a b\r\n"), 400},
        {"nothing", "", kSilent},
        {"half a head", "GET / HTTP/1.1\r\nHost: a\r\n", kSilent},
    };
}

}  // namespace

TEST_CASE("hostile bytes get one clear refusal and smuggle nothing") {
    PlainServer plain;
    std::size_t rows = 0;
    for (const auto& table : {length_and_coding_rows(), chunk_rows(), line_rows(), field_rows()}) {
        for (const Row& row : table) {
            INFO(row.what);
            const std::string answer = ask(plain.server.port(), row.bytes);
            INFO(answer);
            if (row.status == kSilent) {
                CHECK(answer.empty());
            } else {
                CHECK(statuses(answer) == std::vector{row.status});
                CHECK(answer.find("Connection: close\r\n") != std::string::npos);
            }
            ++rows;
        }
    }
    CHECK(rows >= 90);
    CHECK(plain.service.served().empty());
}

TEST_CASE("what is smuggled inside a body stays inside") {
    PlainServer plain;
    const std::string counted =
        post("Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n", kSmuggled);
    CHECK_THAT(ask(plain.server.port(), counted), Catch::EndsWith(kSmuggled));
    const std::string in_chunk = chunked("23\r\n" + kSmuggled + "\r\n0\r\n\r\n");
    CHECK_THAT(ask(plain.server.port(), in_chunk), Catch::EndsWith(kSmuggled));
    CHECK_FALSE(plain.service.was_asked("/smuggled"));
}

TEST_CASE("a request cut at any byte is never served") {
    PlainServer plain;
    const std::string whole = chunked("5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        INFO("cut after " << n);
        CHECK(ask(plain.server.port(), std::string_view(whole).substr(0, n)).empty());
    }
    CHECK(plain.service.served().empty());
    CHECK(statuses(ask(plain.server.port(), whole)) == std::vector{200});
}

TEST_CASE("a request in single bytes is served like any other") {
    PlainServer plain;
    RawClient client(plain.server.port());
    const std::string whole = chunked("5\r\nhello\r\n0\r\nT: x\r\n\r\n");
    for (const char c : whole)
        REQUIRE(client.send(std::string_view(&c, 1)));
    CHECK_THAT(client.read_response(), Catch::EndsWith("hello"));
}

}  // namespace shikaku::http::testing
