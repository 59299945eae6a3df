#include "gateway/http/response_writer.h"

#include <array>
#include <charconv>
#include <ctime>

#include "gateway/support/text.h"

namespace shikaku::http {
namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return {};
    }
}

void append_number(std::string& out, std::uint64_t value, int base = 10) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
    out.append(digits.data(), end.ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

// IMF-fixdate (RFC 9110 section 5.6.7).
std::string_view http_date() {
    thread_local std::time_t made_at = 0;
    thread_local std::array<char, 32> text{};
    thread_local std::size_t size = 0;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        std::tm utc{};
        gmtime_r(&now, &utc);
        size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        made_at = now;
    }
    return {text.data(), size};
}

bool is_safe(const Header& header) {
    if (header.name.empty()) return false;
    for (const char c : header.name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    for (const char c : header.value) {
        const auto u = static_cast<unsigned char>(c);
        if ((u < 0x20 && c != '\t') || u == 0x7f) return false;
    }
    return !iequals(header.name, "Content-Length") && !iequals(header.name, "Connection") &&
           !iequals(header.name, "Transfer-Encoding");
}

bool status_has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

bool carries_body(const Response& response, const ResponseShape& shape) {
    return !shape.head_request && status_has_body(response.status);
}

bool write_head(const Response& response, const ResponseShape& shape, std::string& out) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    append_field(out, "Date", http_date());

    bool all_safe = true;
    bool caching_said = false;
    for (const Header& header : response.headers) {
        if (!is_safe(header)) {
            all_safe = false;
            continue;
        }
        caching_said = caching_said || iequals(header.name, "Cache-Control");
        append_field(out, header.name, header.value);
    }
    if (!caching_said) out.append("Cache-Control: no-store\r\n");
    out.append("X-Content-Type-Options: nosniff\r\n");
    if (status_has_body(response.status)) {
        if (!response.content_type.empty())
            append_field(out, "Content-Type", response.content_type);
        if (!response.stream) {
            out.append("Content-Length: ");
            append_number(out, response.content().size());
            out.append("\r\n");
        } else if (!shape.http_1_0) {
            out.append("Transfer-Encoding: chunked\r\n");
        }
    }
    if (shape.close) {
        out.append("Connection: close\r\n");
    } else if (shape.http_1_0) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
    return all_safe;
}

void write_chunk(std::string_view piece, std::string& out) {
    append_number(out, piece.size(), 16);
    out.append("\r\n").append(piece).append("\r\n");
}

void write_last_chunk(std::string& out) {
    out.append("0\r\n\r\n");
}

}  // namespace shikaku::http
