#include "gateway/programs/client/exit_code.h"

#include <catch2/catch.hpp>

#include "gateway/programs/client/client_options.h"

namespace {

using namespace shikaku;

TEST_CASE("an answer's outcome decides the exit code, and not known is no no") {
    CHECK(programs::exit_code_of(200, {{"outcome", "eligible"}}) == 0);
    CHECK(programs::exit_code_of(200, {{"outcome", "not_eligible"}}) == 1);
    CHECK(programs::exit_code_of(200, {{"outcome", "unknown"}}) == 3);
    CHECK(programs::exit_code_of(200, Json::object()) == 3);
    CHECK(programs::exit_code_of(200, {{"outcome", 1}}) == 3);
}

TEST_CASE("an unchanged answer counts by the outcome it carries, else nothing is known here") {
    CHECK(programs::exit_code_of(200, {{"unchanged", true}, {"outcome", "eligible"}}) == 0);
    CHECK(programs::exit_code_of(200, {{"unchanged", true}, {"outcome", "not_eligible"}}) == 1);
    CHECK(programs::exit_code_of(200, {{"unchanged", true}}) == 3);
}

TEST_CASE("a refusal never reads as a no about the patient") {
    for (const int again : {401, 408, 429, 500, 502, 503})
        CHECK(programs::exit_code_of(again, Json::object()) == 3);
    for (const int wrong : {400, 403, 404, 413, 415})
        CHECK(programs::exit_code_of(wrong, Json::object()) == 2);
}

TEST_CASE("what could not be reached or read is 3, wrong use 2, a failed check 1") {
    const auto exit_code = [](ErrorCode code) {
        return programs::report_error("test", {code, {}, {}});
    };
    for (const ErrorCode code :
         {ErrorCode::io_failed, ErrorCode::source_unavailable, ErrorCode::source_timeout,
          ErrorCode::source_malformed, ErrorCode::source_refused, ErrorCode::internal})
        CHECK(exit_code(code) == 3);
    for (const ErrorCode code :
         {ErrorCode::bad_configuration, ErrorCode::bad_key, ErrorCode::invalid_field})
        CHECK(exit_code(code) == 2);
    CHECK(exit_code(ErrorCode::corrupt) == 1);
    CHECK(programs::report_wrong_use("test", {ErrorCode::io_failed, {}, {}}) == 2);
}

}  // namespace
