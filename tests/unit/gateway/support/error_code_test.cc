#include "gateway/support/error_code.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "gateway/support/result.h"

namespace shikaku {
namespace {

TEST_CASE("every error has its own name, a status and a title") {
    std::set<std::string_view> names;
    for (const ErrorInfo& error : all_errors()) {
        CAPTURE(error.name);
        CHECK(names.insert(error.name).second);
        CHECK(error.http_status >= 400);
        CHECK(error.http_status <= 599);
        CHECK_FALSE(error.title.empty());
        CHECK(&info(error.code) == &error);
        CHECK(name(error.code) == error.name);
    }
    CHECK(names.size() == static_cast<std::size_t>(ErrorCode::corrupt) + 1);
}

TEST_CASE("the names that clients act on have the statuses of the contract") {
    CHECK(info(ErrorCode::malformed_request).http_status == 400);
    CHECK(info(ErrorCode::personal_number_refused).http_status == 400);
    CHECK(info(ErrorCode::token_replayed).http_status == 401);
    CHECK(info(ErrorCode::institution_withdrawn).http_status == 403);
    CHECK(info(ErrorCode::idempotency_key_required).http_status == 428);
    CHECK(info(ErrorCode::audit_unavailable).http_status == 503);
    CHECK(info(ErrorCode::overloaded).retryable);
    CHECK_FALSE(info(ErrorCode::token_invalid).retryable);
}

Status pass_on(Status inner, bool& reached) {
    SHIKAKU_TRY(std::move(inner));
    reached = true;
    return {};
}

TEST_CASE("SHIKAKU_TRY returns the error of what failed and goes on otherwise") {
    bool reached = false;
    const Status failed = pass_on(fail(ErrorCode::conflict, "detail", "/place"), reached);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == ErrorCode::conflict);
    CHECK(failed.error().detail == "detail");
    CHECK(failed.error().pointer == "/place");
    CHECK_FALSE(reached);
    CHECK(pass_on({}, reached).has_value());
    CHECK(reached);
}

}  // namespace
}  // namespace shikaku
