#include "gateway/programs/client/no_answer.h"

#include <catch2/catch.hpp>

#include "gateway/domain/texts.h"

namespace {

using namespace shikaku;
using http::TlsTrouble;

TEST_CASE("a call that failed is told by its cause, and each has its text") {
    struct Row {
        ErrorCode code;
        TlsTrouble trouble;
        std::string_view text;
    };
    for (const Row& row : {
             Row{ErrorCode::source_unavailable, TlsTrouble::none, "gateway_unreachable"},
             Row{ErrorCode::io_failed, TlsTrouble::none, "gateway_unreachable"},
             Row{ErrorCode::source_timeout, TlsTrouble::none, "gateway_silent"},
             Row{ErrorCode::source_malformed, TlsTrouble::none, "answer_unreadable"},
             Row{ErrorCode::source_unavailable, TlsTrouble::server_certificate,
                 "gateway_not_trusted"},
             Row{ErrorCode::io_failed, TlsTrouble::own_certificate, "certificate_refused"},
         }) {
        const auto why = programs::no_answer({row.code, "detail", {}}, row.trouble);
        CHECK(why.text == row.text);
        CHECK(why.detail == "detail");
        CHECK(domain::advice(why.text).section == "gateway");
    }
}

TEST_CASE("only what the gateway says of itself counts as its answer") {
    const auto response = [](int status, std::string type, std::string body) {
        return http::ClientResponse{
            .status = status, .headers = {{"Content-Type", std::move(type)}}, .body = body};
    };
    const std::string ok = R"({"answer_id":"01","outcome":"eligible"})";
    const std::string problem = R"({"code":"overloaded"})";
    CHECK(programs::gateways_answer(response(200, "application/json", ok)));
    CHECK(programs::gateways_answer(response(200, "Application/JSON; charset=utf-8", ok)));
    CHECK(programs::gateways_answer(response(503, "application/problem+json", problem)));
    for (const auto& other :
         {response(200, "text/html", ok), response(200, "application/json", "[]"),
          response(200, "application/json", "{}"), response(200, "application/json", "<html>"),
          response(200, "application/json", R"({"answer_id":1})"),
          response(200, "application/problem+json", problem),
          response(503, "application/json", problem),
          response(503, "application/problem+json", R"({"code":7})"), response(503, "", ""),
          response(302, "text/html", "")}) {
        INFO(other.status << other.body);
        CHECK_FALSE(programs::gateways_answer(other));
        CHECK(programs::not_the_gateways(other).text == "answer_unreadable");
    }
    CHECK(programs::not_the_gateways(response(502, "text/html; charset=x", "")).detail ==
          "HTTP 502, text/html");
    CHECK(programs::not_the_gateways(response(502, "eyJ0eXAiOiJjYXJkK2p3dCJ9", "")).detail ==
          "HTTP 502");
}

}  // namespace
