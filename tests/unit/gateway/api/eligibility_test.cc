#include "gateway/api/eligibility.h"

#include "tests/unit/gateway/registry/registry_fixture.h"
#include "tests/unit/gateway/sources/support.h"

namespace shikaku::api {
namespace {

using sources::test::run;

TEST_CASE("whom to believe is looked up for each line of a batch") {
    registry_test::RegistryFixture house;
    asio::io_context context{1};
    const auto cache =
        std::move(sources::Cache::open(house.folder.path() / "cache.db", *house.keys).value());
    sources::Sources sources(*house.registry, *cache, house.clock);
    identity::ReplayGuard guard;
    RateLimits limits;
    inquiry::Inquiry inquiry({.keys = *house.keys,
                              .log = *house.log,
                              .registry = *house.registry,
                              .sources = sources,
                              .replay_guard = guard,
                              .clock = house.clock,
                              .forgeries = limits});
    Denials denials(*house.log, house.clock);
    auto trust = std::make_shared<inquiry::Trust>();
    Eligibility eligibility({.inquiry = inquiry,
                             .limits = limits,
                             .denials = denials,
                             .clock = house.clock,
                             .trust = [&trust] { return trust; },
                             .log_origin = "shikaku.example/log"});
    http::Request request;
    request.headers = {{"Content-Type", "application/x-ndjson"}};
    for (std::size_t i = 0; i < 2 * bounds::kBatchWindow; ++i)
        request.body += "{}\n";
    Context asked{.request = request, .caller = {}, .path = {}, .request_id = "request-1"};
    asked.caller.institution = domain::InstitutionCode::parse("1312012342");
    auto response = run(context, eligibility.ask_many(asked));
    REQUIRE(response);
    REQUIRE(response->stream);
    const auto lines_with = [&](std::string_view code) {
        const auto lines = run(context, response->stream());
        REQUIRE(lines);
        std::size_t found = 0;
        for (std::size_t at = 0; (at = lines->find(code, at)) != std::string::npos; ++at)
            ++found;
        return found;
    };
    CHECK(lines_with(R"("code":"institution_withdrawn")") == 0);
    trust = std::make_shared<inquiry::Trust>();
    trust->withdrawn.insert(asked.caller.label());
    CHECK(lines_with(R"("code":"institution_withdrawn")") == bounds::kBatchWindow);
}

}  // namespace
}  // namespace shikaku::api
