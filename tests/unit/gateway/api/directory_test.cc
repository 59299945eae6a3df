// The body of GET /v1/authorities.
#include "gateway/api/directory.h"

#include <catch2/catch.hpp>
#include <set>

#include "gateway/api/openapi.h"
#include "tests/unit/gateway/registry/registry_fixture.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace registry_test;

struct DirectoryFixture : RegistryFixture {
    std::unique_ptr<sources::Cache> cache =
        sources::Cache::open(folder.path() / "cache.db", *keys).value();
    sources::Sources asked{*registry, *cache, clock};
    std::shared_ptr<const api::ConnectedSince> since = std::make_shared<api::ConnectedSince>();

    Json body() {
        api::Directory directory(*registry, asked, [this] { return since; });
        boost::asio::io_context io;
        http::Request request;
        api::Context context{.request = request, .caller = {}, .path = {}, .request_id = {}};
        const auto response = sources::test::run(io, directory.list(context));
        return parse_json(response.value().body).value().at("authorities");
    }
};

TEST_CASE_METHOD(DirectoryFixture, "every authority says its state, its schemes and since when") {
    clock.advance(std::chrono::minutes(1));
    put_schemes(kMusashino);
    full(people(3));
    const auto tokyo = *domain::AuthorityCode::parse("130001");
    sources::Connections connections;
    connections.emplace(tokyo,
                        sources::connected(std::make_shared<sources::test::FakeSource>(), {}));
    asked.replace(std::make_shared<const sources::Connections>(connections));
    since = std::make_shared<api::ConnectedSince>(
        api::ConnectedSince{{kHachioji, *domain::Date::parse_iso("2026-04-01")}});

    const Json list = body();
    REQUIRE(list.size() == 3);
    CHECK(list[0] == Json{{"code", "130001"},
                          {"name", {{"ja", "東京都"}}},
                          {"adapter", "fake"},
                          {"state", "idle"},
                          {"schemes", Json::array()}});
    const Json& hachioji = list[1];
    CHECK(hachioji.at("code") == "132012");
    CHECK(hachioji.at("name").at("ja") == "八王子市");
    CHECK(hachioji.at("adapter") == "published");
    CHECK(hachioji.at("state") == "answering");
    CHECK(hachioji.at("connected_since") == "2026-04-01");
    CHECK(hachioji.at("last_publication").at("generation") == 1);
    CHECK(hachioji.at("last_publication").at("rows") == 3);
    CHECK(hachioji.at("pack_version") == registry->rules()->packs.at(kHachioji)->version);
    CHECK(hachioji.at("pack_accepted") == to_rfc3339_jst(kStart));
    CHECK(hachioji.at("schemes") ==
          Json::array({{{"id", "child"},
                        {"law_code", "88"},
                        {"name", {{"ja", "子ども医療"}, {"en", "Child subsidy"}}}}}));
    const Json& musashino = list[2];
    CHECK(musashino.at("state") == "not_connected");
    CHECK_FALSE(musashino.contains("last_publication"));
    CHECK(musashino.at("pack_accepted") == to_rfc3339_jst(kStart + std::chrono::minutes(1)));
}

TEST_CASE_METHOD(DirectoryFixture, "the body is what openapi.json describes") {
    full(people(1));
    since = std::make_shared<api::ConnectedSince>(
        api::ConnectedSince{{kHachioji, *domain::Date::parse_iso("2026-04-01")}});
    const Json document = parse_json(api::openapi_json()).value();
    const Json& described =
        document["components"]["schemas"]["Authorities"]["properties"]["authorities"]["items"];
    const auto keys = [](const Json& object) {
        std::set<std::string> names;
        for (const auto& [name, value] : object.items())
            names.insert(name);
        return names;
    };
    const Json hachioji = body().at(0);  // says everything that an authority can
    CHECK(keys(hachioji) == keys(described["properties"]));
    CHECK(keys(hachioji["last_publication"]) ==
          keys(described["properties"]["last_publication"]["properties"]));
    CHECK(keys(hachioji["schemes"][0]) ==
          keys(described["properties"]["schemes"]["items"]["properties"]));
    const auto states = described["properties"]["state"]["enum"].get<std::set<std::string>>();
    CHECK(states.contains(hachioji["state"]));
}

}  // namespace
