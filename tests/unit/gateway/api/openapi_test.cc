// /openapi.json says what the server does: same routes, roles, reasons and error codes.
#include "gateway/api/openapi.h"

#include <catch2/catch.hpp>
#include <set>

#include "gateway/api/api.h"
#include "gateway/domain/decision.h"
#include "gateway/support/json.h"

namespace {

using namespace shikaku;

Json document() {
    const auto json = parse_json(api::openapi_json());
    REQUIRE(json.has_value());
    return *json;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(c));
    return out;
}

std::set<std::string> roles_of(unsigned roles) {
    if (roles == api::kAnyone) return {"any"};
    std::set<std::string> out;
    if (roles & api::kInstitution) out.insert("institution");
    if (roles & api::kAuthority) out.insert("authority");
    if (roles & api::kAuditor) out.insert("auditor");
    if (roles & api::kOperator) out.insert("operator");
    return out;
}

TEST_CASE("the document describes the route table and nothing else") {
    const Json paths = document()["paths"];
    std::size_t described = 0;
    for (const auto& [path, operations] : paths.items())
        described += operations.size();
    const auto table = api::Api::routes(nullptr);
    CHECK(described == table.size());
    for (const api::Route& route : table) {
        CAPTURE(route.pattern);
        REQUIRE(paths.contains(std::string(route.pattern)));
        const std::string method = lower(http::name(route.method));
        REQUIRE(paths[std::string(route.pattern)].contains(method));
        const auto listed =
            paths[std::string(route.pattern)][method]["x-roles"].get<std::set<std::string>>();
        CHECK(listed == roles_of(route.roles));
    }
}

TEST_CASE("the document says what each call costs and that every answer tells what is left") {
    const Json paths = document()["paths"];
    for (const api::Route& route : api::Api::routes(nullptr)) {
        CAPTURE(route.pattern);
        const Json operation = paths[std::string(route.pattern)][lower(http::name(route.method))];
        CHECK(operation["x-cost"] == route.cost);
        REQUIRE(operation["responses"].contains("429"));
        CHECK(operation["responses"]["429"]["headers"].contains("Retry-After"));
        for (const auto& [status, response] : operation["responses"].items()) {
            CAPTURE(status);
            CHECK(response["headers"].contains("RateLimit-Policy"));
            CHECK(response["headers"].contains("RateLimit"));
        }
    }
}

TEST_CASE("the document lists every reason and every error a client can get") {
    const Json schemas = document()["components"]["schemas"];
    std::set<std::string> reasons;
    for (const auto& reason : domain::kReasons)
        reasons.emplace(reason.name);
    CHECK(schemas["Reason"]["enum"].get<std::set<std::string>>() == reasons);

    std::set<std::string> codes;
    for (const ErrorInfo& error : all_errors()) {
        if (error.code < ErrorCode::source_unavailable) codes.emplace(error.name);
    }
    CHECK(schemas["Problem"]["properties"]["code"]["enum"].get<std::set<std::string>>() == codes);
}

}  // namespace
