#include "gateway/api/openapi.h"

namespace shikaku::api {
namespace {

constexpr char kDocument[] = {
#embed "openapi.json"
};

}  // namespace

std::string_view openapi_json() {
    return {kDocument, sizeof kDocument};
}

HandlerResult describe_api() {
    http::Response response;
    response.fixed_body = openapi_json();
    co_return response;
}

}  // namespace shikaku::api
