#include "gateway/http/client_url.h"

#include <boost/asio/ip/address_v6.hpp>

#include "gateway/support/text.h"

namespace shikaku::http {
namespace {

bool is_host(std::string_view host) {
    if (host.empty()) return false;
    for (const char c : host) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') &&
            std::string_view(":-._").find(c) == std::string_view::npos)
            return false;
    }
    return true;
}

bool is_port(std::string_view port) {
    return is_digits(port) && port.size() <= 5 && std::stoi(std::string(port)) <= 65535 &&
           std::stoi(std::string(port)) > 0;
}

}  // namespace

Result<ClientUrl> ClientUrl::parse(const std::string& text) {
    const auto bad = [&](std::string_view why) {
        return fail(ErrorCode::bad_configuration, "URL " + text + ": " + std::string(why));
    };
    ClientUrl url;
    std::string_view rest = text;
    if (rest.starts_with("https://")) {
        url.tls = true;
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
    } else {
        return bad("must begin with https:// or http://");
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    url.authority = rest;

    std::string_view host = rest;
    std::string_view port = url.tls ? "443" : "80";
    const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
    if (bracket == std::string_view::npos) return bad("bracket is not closed");
    if (const std::size_t colon = rest.find(':', bracket); colon != std::string_view::npos) {
        host = rest.substr(0, colon);
        port = rest.substr(colon + 1);
    }
    if (bracket > 0) {
        if (!host.ends_with(']')) return bad("unexpected text after the address");
        host = host.substr(1, host.size() - 2);
    }
    boost::system::error_code not_an_address;
    if (bracket > 0) boost::asio::ip::make_address_v6(host, not_an_address);
    if (not_an_address || !is_host(host)) return bad("host is malformed");
    if (!is_port(port)) return bad("port is malformed");
    url.host = host;
    url.port = port;
    return url;
}

}  // namespace shikaku::http
