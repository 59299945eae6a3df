#include "adapters/published/published_adapter.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "tests/unit/gateway/registry/registry_fixture.h"

namespace {

using namespace registry_test;
using namespace shikaku::adapters;

Result<Records> look_up(Registry& registry, domain::AuthorityCode authority, std::uint64_t number) {
    published::PublishedAdapter adapter(registry);
    CHECK(adapter.freshness() == domain::Freshness::published);
    const LookUp lookup{.authority = authority,
                        .link_key = person(number),
                        .service_date = *domain::Date::parse_iso("2026-11-20"),
                        .request_id = {},
                        .deadline = {}};
    std::optional<Result<Records>> said;
    asio::io_context context;
    asio::co_spawn(context, adapter.look_up(lookup),
                   [&said](std::exception_ptr thrown, Result<Records> records) {
                       REQUIRE_FALSE(thrown);
                       said = std::move(records);
                   });
    context.run();
    REQUIRE(said);
    return *said;
}

}  // namespace

TEST_CASE_METHOD(RegistryFixture, "what an authority published is seen through the port") {
    full(people(2));
    const auto said = look_up(*registry, kHachioji, 1);
    REQUIRE(said);
    REQUIRE(said->entitlements.size() == 1);
    CHECK(said->entitlements[0].history_key == "H1");
    CHECK(said->as_of == clock.now());
    const auto nobody = look_up(*registry, kHachioji, 9);
    REQUIRE(nobody);
    CHECK(nobody->entitlements.empty());
}

TEST_CASE_METHOD(RegistryFixture, "an authority that has published nothing has not answered") {
    const auto said = look_up(*registry, kMusashino, 1);
    REQUIRE_FALSE(said);
    CHECK(said.error().code == ErrorCode::source_unavailable);
}
