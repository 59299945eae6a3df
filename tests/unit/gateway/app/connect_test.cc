#include "gateway/app/connect.h"

#include "adapters/rest/rest_settings.h"
#include "tests/unit/gateway/app/installation.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace {

using namespace app_test;

TEST_CASE("a reload keeps the adapters about which nothing has changed") {
    Installation installation;
    http::testing::TestPki pki;
    Config& config = installation.config;
    REQUIRE(init_data(config, installation.clock));
    const auto keys = DataKeys::load(config);
    REQUIRE(keys);
    const auto log = installation.open(*keys);
    REQUIRE(log);
    const auto registry =
        registry::Registry::open(registry_of(config), *keys->ring, **log, installation.clock);
    REQUIRE(registry);

    const auto other = *domain::AuthorityCode::parse("131016");
    const auto live = [&pki](domain::AuthorityCode code, const std::string& name) {
        auto settings = std::make_shared<adapters::rest::RestSettings>();
        settings->config.url = "https://localhost:1";
        settings->files = pki.client(name);
        return AuthorityConfig{.code = code, .adapter = "rest", .settings = settings};
    };
    config.authorities = {live(kAuthority, "one"), live(other, "two")};
    const auto before = connect(config, **registry);
    if (!before) FAIL(before.error().detail);

    const auto kept = [&](domain::AuthorityCode authority) {
        const auto after = connect(config, **registry, before->adapters);
        if (!after) FAIL(after.error().detail);
        CHECK(after->expiries.size() == before->expiries.size());
        CHECK(after->adapters.at(authority).adapter == after->connections->at(authority).adapter);
        return after->connections->at(authority).adapter ==
               before->connections->at(authority).adapter;
    };
    CHECK(kept(kAuthority));
    CHECK(kept(other));

    auto changed = std::make_shared<adapters::rest::RestSettings>(
        dynamic_cast<const adapters::rest::RestSettings&>(*config.authorities.front().settings));
    auto& one = *changed;
    config.authorities.front().settings = changed;
    SECTION("another certificate in the same files") {
        const auto renewed = pki.client("renewed");
        for (const auto& [from, to] : {std::pair(renewed.certificate, one.files.certificate),
                                       std::pair(renewed.key, one.files.key)})
            std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    }
    SECTION("files too long to be held against what they were") {
        const auto ca = read_file(one.files.ca, bounds::kCertificateFileBytes);
        REQUIRE(ca);
        one.files.ca += ".long";
        REQUIRE(write_file(one.files.ca, *ca + std::string(bounds::kCertificateFileBytes, '\n')));
        const auto first = connect(config, **registry);
        REQUIRE(first);
        const auto second = connect(config, **registry, first->adapters);
        REQUIRE(second);
        CHECK(second->connections->at(kAuthority).adapter !=
              first->connections->at(kAuthority).adapter);
    }
    SECTION("another system") {
        one.config.url = "https://localhost:3";
    }
    SECTION("another path") {
        one.config.path = "/other";
    }
    CHECK_FALSE(kept(kAuthority));
    CHECK(kept(other));
}

}  // namespace
