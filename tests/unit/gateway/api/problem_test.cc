#include "gateway/api/problem.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "gateway/support/json.h"

using namespace shikaku;

TEST_CASE("a 503 says when to come again exactly when coming again can help") {
    for (const ErrorInfo& error : all_errors()) {
        CAPTURE(error.name);
        const auto response = api::problem({error.code, {}, {}}, "request");
        const auto after = std::ranges::find(response.headers, "Retry-After", &http::Header::name);
        CHECK((after != response.headers.end()) == (error.http_status == 503 && error.retryable));
        const auto json = parse_json(response.body);
        REQUIRE(json);
        CHECK(json->at("retryable") == error.retryable);
    }
    CHECK_FALSE(info(ErrorCode::audit_stopped).retryable);
    CHECK(info(ErrorCode::audit_unavailable).retryable);
}
