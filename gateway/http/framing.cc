#include "gateway/http/framing.h"

#include <algorithm>
#include <array>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::http {
namespace {

using CharSet = std::array<bool, 256>;

consteval CharSet chars(std::string_view others) {
    CharSet set{};
    for (char c = '0'; c <= '9'; ++c)
        set[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c)
        set[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c)
        set[static_cast<unsigned char>(c)] = true;
    for (const char c : others)
        set[static_cast<unsigned char>(c)] = true;
    return set;
}

// RFC 3986: pchar, '/' and, in the query, '?'.
constexpr CharSet kTargetChars = chars("-._~!$&'()*+,;=:@/?");
constexpr CharSet kHostChars = chars("-._~");
constexpr CharSet kHexChars = [] {
    CharSet set{};
    for (const char c : std::string_view("0123456789abcdefABCDEF"))
        set[static_cast<unsigned char>(c)] = true;
    return set;
}();

bool has(const CharSet& set, char c) {
    return set[static_cast<unsigned char>(c)];
}

std::unexpected<Error> malformed(std::string_view what) {
    return fail(ErrorCode::malformed_request, std::string(what));
}

bool is_good_port(std::string_view port) {
    if (!is_digits(port) || port.size() > 5) return false;
    int value = 0;
    for (const char c : port)
        value = value * 10 + (c - '0');
    return value <= 65535;
}

bool is_good_authority(std::string_view authority) {
    std::string_view host = authority;
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        for (const char c : host.substr(1, end - 1)) {
            if (!has(kHexChars, c) && c != ':' && c != '.') return false;
        }
        host.remove_prefix(end + 1);
        return host.empty() || (host.front() == ':' && is_good_port(host.substr(1)));
    }
    if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
        if (!is_good_port(host.substr(colon + 1))) return false;
        host = host.substr(0, colon);
    }
    for (const char c : host) {
        if (!has(kHostChars, c)) return false;
    }
    return !host.empty();
}

// Cuts "https://authority" off an absolute-form target; its authority must be the Host field's.
Result<std::string_view> origin_of(std::string_view target, std::string_view host) {
    if (target.starts_with('/')) return target;
    std::size_t scheme = 0;
    if (target.size() > 8 && iequals(target.substr(0, 8), "https://")) scheme = 8;
    if (target.size() > 7 && iequals(target.substr(0, 7), "http://")) scheme = 7;
    if (scheme == 0) return malformed("target is neither a path nor an absolute URL");
    target.remove_prefix(scheme);
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (!is_good_authority(target.substr(0, end)) || !iequals(target.substr(0, end), host))
        return malformed("the target's authority is not the Host field's");
    target.remove_prefix(end);
    if (target.empty()) return std::string_view("/");
    if (target.front() == '?') return malformed("absolute URL without a path");
    return target;
}

Status check_target(const HeadFacts& head, Framing& framing) {
    if (head.target.size() > bounds::kTargetBytes)
        return fail(ErrorCode::headers_too_large, "target too long");
    if (head.target == "*") {
        if (head.method != "OPTIONS") return malformed("target * without OPTIONS");
        framing.path = head.target;
        return {};
    }
    SHIKAKU_TRY_LET(const auto origin, origin_of(head.target, head.host));
    for (std::size_t i = 0; i < origin.size(); ++i) {
        const char c = origin[i];
        if (has(kTargetChars, c)) continue;
        if (c != '%' || i + 2 >= origin.size() || !has(kHexChars, origin[i + 1]) ||
            !has(kHexChars, origin[i + 2]))
            return malformed("character not allowed in a target");
    }
    const std::size_t question = std::min(origin.find('?'), origin.size());
    framing.path = origin.substr(0, question);
    framing.query = origin.substr(std::min(question + 1, origin.size()));
    return {};
}

Status check_host(const HeadFacts& head) {
    if (head.hosts > 1) return malformed("more than one Host");
    if (head.hosts == 0 && head.version >= 11) return malformed("no Host");
    if (head.hosts == 1 && !is_good_authority(head.host)) return malformed("Host is malformed");
    return {};
}

Status check_body(const HeadFacts& head, Framing& framing) {
    if (head.transfer_encodings > 0) {
        if (head.content_lengths > 0) return malformed("Transfer-Encoding and Content-Length");
        if (head.version < 11) return malformed("Transfer-Encoding in HTTP/1.0");
        if (head.transfer_encodings > 1 || !iequals(head.transfer_encoding, "chunked"))
            return malformed("Transfer-Encoding is not exactly chunked");
        framing.chunked = true;
        return {};
    }
    if (head.content_lengths == 0) return {};
    if (head.content_lengths > 1) return malformed("more than one Content-Length");
    const auto length = parse_content_length(head.content_length);
    if (!length) return malformed("Content-Length is not a number");
    framing.content_length = *length;
    return {};
}

}  // namespace

Result<std::optional<std::size_t>> HeadScanner::scan(std::string_view input) {
    for (; next_ < input.size(); ++next_) {
        const auto c = static_cast<unsigned char>(input[next_]);
        if (c >= 0x20 && c != 0x7f) [[likely]] {
            if (c == ' ' && next_ == line_start_) return malformed("line begins with a blank");
            continue;
        }
        if (next_ >= bounds::kHeaderBytes) break;
        if (c == '\t' && next_ != line_start_) continue;
        if (c != '\r') return malformed("control character or bare line feed in the head");
        if (next_ + 1 == input.size()) break;
        if (input[next_ + 1] != '\n') return malformed("bare carriage return");
        ++next_;
        const bool empty_line = next_ - line_start_ == 1;
        if (empty_line && line_start_ == 0) return malformed("no request line");
        if (empty_line) {
            if (next_ + 1 > bounds::kHeaderBytes) break;
            return next_ + 1;
        }
        line_start_ = next_ + 1;
    }
    if (input.size() >= bounds::kHeaderBytes)
        return fail(ErrorCode::headers_too_large, "head too long");
    return std::nullopt;
}

Result<Framing> check_framing(const HeadFacts& head) {
    Framing framing;
    if (head.method == "CONNECT") return fail(ErrorCode::method_not_allowed, "CONNECT");
    if (head.disguised) return malformed("a field's name is a framing field's in disguise");
    SHIKAKU_TRY(check_host(head));
    SHIKAKU_TRY(check_target(head, framing));
    SHIKAKU_TRY(check_body(head, framing));
    if (head.expects > 0 && head.version >= 11) {
        if (head.expects > 1 || !iequals(head.expect, "100-continue"))
            return fail(ErrorCode::expectation_failed, "Expect is not 100-continue");
        framing.expects_continue = framing.has_body();
    }
    return framing;
}

bool disguises_framing(std::string_view name) {
    constexpr std::array<std::string_view, 4> kFraming = {"content-length", "transfer-encoding",
                                                          "content-encoding", "proxy-connection"};
    if (name.find('_') == std::string_view::npos && name.find("--") == std::string_view::npos)
        return false;
    std::string plain;
    for (const char c : name) {
        const char made = c == '_' ? '-' : c;
        if (made != '-' || !plain.ends_with('-')) plain += made;
    }
    return std::ranges::any_of(kFraming,
                               [&plain](std::string_view one) { return iequals(plain, one); });
}

bool names_a_version(std::string_view line) {
    const std::size_t space = line.rfind(' ');
    if (std::count(line.begin(), line.end(), ' ') != 2) return false;
    const std::string_view version = line.substr(space + 1);
    return version.size() == 8 && version.starts_with("HTTP/") && is_digits(version.substr(5, 1)) &&
           version[6] == '.' && is_digits(version.substr(7, 1));
}

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
    if (!is_digits(value) || value.size() > 18) return std::nullopt;
    std::uint64_t length = 0;
    for (const char c : value)
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    return length;
}

}  // namespace shikaku::http
