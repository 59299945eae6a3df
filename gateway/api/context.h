// One request on its way through the API: who asks, for what, since when.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "gateway/http/message.h"
#include "gateway/identity/caller.h"
#include "gateway/support/clock.h"

namespace shikaku::api {

namespace asio = boost::asio;

struct Context {
    http::Request& request;
    identity::Caller caller;
    std::string parameter;   // what stands for {…} in the route's pattern
    std::string request_id;  // the client's X-Request-ID when it is harmless, else one of ours
    Instant received{};
};

using HandlerResult = asio::awaitable<Result<http::Response>>;

}  // namespace shikaku::api
