// One request on its way through the API: who asks, for what, since when.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "gateway/api/path_parameters.h"
#include "gateway/api/rate_limits.h"
#include "gateway/http/message.h"
#include "gateway/identity/caller.h"
#include "gateway/support/clock.h"

namespace shikaku::api {

namespace asio = boost::asio;

struct Context {
    http::Request& request;
    identity::Caller caller;
    PathParameters path;     // what stands for {…} in the route's pattern
    std::string request_id;  // the client's X-Request-ID when it is harmless, else one of ours
    Instant received{};
    Allowance rate{};                   // what is left of what the caller may ask
    bool emergency_is_walk_in = false;  // beyond the caller's share of emergencies
};

using HandlerResult = asio::awaitable<Result<http::Response>>;

}  // namespace shikaku::api
