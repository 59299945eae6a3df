// Refusals are entries of the log, durable before they are said.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "gateway/audit/log.h"
#include "gateway/support/result.h"

namespace shikaku::api {

struct Refused {
    std::string caller;  // label, or "certificate:<sha256>"
    std::string request_id;
    std::string route;  // the pattern, never the path
    Error error;
};

// Gives the error to answer with: the refused one, or audit_unavailable when it could not be
// logged. Our own failures (5xx) say nothing about access: they go to the process log, and those
// that every request has until log or clock are well again only to a metric.
[[nodiscard]] boost::asio::awaitable<Error> log_denial(audit::Log& log, Refused refused);

}  // namespace shikaku::api
