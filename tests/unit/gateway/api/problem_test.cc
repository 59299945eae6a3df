#include "gateway/api/problem.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "gateway/support/json.h"

using namespace shikaku;

TEST_CASE("a 429 or 503 says when to come again exactly when coming again can help") {
    for (const ErrorInfo& error : all_errors()) {
        CAPTURE(error.name);
        const auto response = api::problem({error.code, {}, {}}, "request");
        const auto after = std::ranges::find(response.headers, "Retry-After", &http::Header::name);
        const bool later = error.http_status == 429 || error.http_status == 503;
        CHECK((after != response.headers.end()) == (later && error.retryable));
        const auto json = parse_json(response.body);
        REQUIRE(json);
        CHECK(json->at("retryable") == error.retryable);
    }
    const auto later = api::problem(
        {.code = ErrorCode::rate_limited, .detail = "", .pointer = "", .retry_after_s = 17}, "r");
    CHECK(later.status == 429);
    REQUIRE(later.headers.size() == 1);
    CHECK(later.headers[0].value == "17");
    CHECK_FALSE(info(ErrorCode::audit_stopped).retryable);
    CHECK(info(ErrorCode::audit_unavailable).retryable);
}
