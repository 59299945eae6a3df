#include "gateway/api/routes.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "gateway/api/media.h"

namespace {

using namespace shikaku;
using api::match_pattern;

TEST_CASE("patterns match whole paths and give their parameter") {
    CHECK(match_pattern("/v1/eligibility", "/v1/eligibility") == "");
    CHECK(match_pattern("/v1/publications/{id}", "/v1/publications/01J") == "01J");
    CHECK(match_pattern("/v1/publications/{id}/release", "/v1/publications/01J/release") == "01J");
    CHECK(match_pattern("/log/tile/{path...}", "/log/tile/entries/x001/067") == "entries/x001/067");

    CHECK_FALSE(match_pattern("/v1/eligibility", "/v1/eligibility/"));
    CHECK_FALSE(match_pattern("/v1/publications/{id}", "/v1/publications/"));
    CHECK_FALSE(match_pattern("/v1/publications/{id}", "/v1/publications/a/b"));
    CHECK_FALSE(match_pattern("/v1/publications/{id}/release", "/v1/publications//release"));
    CHECK_FALSE(match_pattern("/v1/publications/{id}/release", "/v1/publications/release"));
}

TEST_CASE("a path with other methods says which are allowed") {
    const api::Routes routes({{http::Method::get, "/a", api::kAnyone, {}, {}},
                              {http::Method::post, "/a", api::kAnyone, {}, {}}});
    CHECK(routes.match(http::Method::head, "/a").route != nullptr);
    const auto match = routes.match(http::Method::put, "/a");
    CHECK(match.route == nullptr);
    CHECK(match.allowed == std::vector{http::Method::get, http::Method::post});
    CHECK(routes.match(http::Method::get, "/b").allowed.empty());
}

TEST_CASE("content types are compared without parameters, preferences among others") {
    http::Request request;
    request.headers = {{"content-type", "Text/CSV; charset=\"Windows-31J\""},
                       {"Prefer", "respond-async, Receipt"}};
    CHECK(api::has_content_type(request, "text/csv"));
    CHECK_FALSE(api::has_content_type(request, "text"));
    CHECK(api::content_type_parameter(request, "charset") == "Windows-31J");
    CHECK(api::content_type_parameter(request, "boundary").empty());
    CHECK(api::wants_receipt(request));
    request.headers.pop_back();
    CHECK_FALSE(api::wants_receipt(request));
}

}  // namespace
