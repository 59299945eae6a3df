// /openapi.json: the server's description of itself (OpenAPI 3.1), compiled in from openapi.json. A
// test keeps it equal to the route table, the reasons and the error codes.
#pragma once

#include <string_view>

#include "gateway/api/context.h"

namespace shikaku::api {

[[nodiscard]] std::string_view openapi_json();
HandlerResult describe_api();

}  // namespace shikaku::api
