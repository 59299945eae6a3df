// Where a client connects to: "https://host:port" or "http://host:port", IPv6 literals in brackets;
// the port may be left out. Anything more (user, path, query) is bad_configuration.
#pragma once

#include <string>

#include "gateway/support/result.h"

namespace shikaku::http {

struct ClientUrl {
    bool tls = false;
    std::string host;  // without brackets
    std::string port;
    std::string authority;  // for the Host field

    [[nodiscard]] static Result<ClientUrl> parse(const std::string& text);
};

}  // namespace shikaku::http
