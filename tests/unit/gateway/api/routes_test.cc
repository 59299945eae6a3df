#include "gateway/api/routes.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "gateway/api/media.h"

namespace {

using namespace shikaku;
using api::match_pattern;

// "-" for no match, else the values by name.
std::string matched(std::string_view pattern, std::string_view path,
                    api::Tail tail = api::Tail::one_part) {
    const auto parameters = match_pattern(pattern, path, tail);
    if (!parameters) return "-";
    std::string out;
    for (const char* name : {"id", "authority", "version", "level", "n"}) {
        const std::string_view value = (*parameters)[name];
        if (!value.empty()) out += std::string(name) + "=" + std::string(value) + " ";
    }
    return out;
}

TEST_CASE("patterns match whole paths and give their parameters") {
    using api::Tail;
    CHECK(matched("/v1/eligibility", "/v1/eligibility").empty());
    CHECK(matched("/v1/publications/{id}", "/v1/publications/01J") == "id=01J ");
    CHECK(matched("/v1/publications/{id}/release", "/v1/publications/01J/release") == "id=01J ");
    CHECK(matched("/v1/schemes/{authority}/{version}", "/v1/schemes/132012/ab") ==
          "authority=132012 version=ab ");
    CHECK(matched("/log/tile/{level}/{n}", "/log/tile/0/x001/067.p/8", Tail::all_parts) ==
          "level=0 n=x001/067.p/8 ");

    for (const auto& [pattern, path] : std::to_array<std::pair<const char*, const char*>>(
             {{"/v1/eligibility", "/v1/eligibility/"},
              {"/v1/eligibility", "/v1/eligibilit"},
              {"/v1/eligibility", ""},
              {"/v1/publications/{id}", "/v1/publications/"},
              {"/v1/publications/{id}", "/v1/publications"},
              {"/v1/publications/{id}", "/v1/publications/a/b"},
              {"/v1/publications/{id}", "/v1/publications/a/"},
              {"/v1/publications/{id}/release", "/v1/publications//release"},
              {"/v1/publications/{id}/release", "/v1/publications/release"},
              {"/v1/publications/{id}/release", "/v1/publications/a/released"},
              {"/v1/schemes/{authority}/{version}", "/v1/schemes/132012"},
              {"/v1/schemes/{authority}/{version}", "/v1/schemes/132012/"},
              {"/v1/schemes/{authority}/{version}", "/v1/schemes//ab"},
              {"/v1/schemes/{authority}/{version}", "/v1/schemes/132012/ab/c"},
              {"/{a}/{b}/{c}", "/1/2/3"}})) {
        CAPTURE(pattern, path);
        CHECK(matched(pattern, path) == "-");
    }
    for (const char* path : {"/log/tile/0", "/log/tile/0/"})
        CHECK(matched("/log/tile/{level}/{n}", path, Tail::all_parts) == "level=0 ");
    for (const char* path : {"/log/tile//0", "/log/tile/", "/log/tile"})
        CHECK(matched("/log/tile/{level}/{n}", path, Tail::all_parts) == "-");
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
