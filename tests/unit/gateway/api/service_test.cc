#include "gateway/api/service.h"

#include <array>

#include "tests/unit/gateway/audit/log_fixture.h"
#include "tests/unit/gateway/sources/support.h"

namespace shikaku::api {
namespace {

using sources::test::run;

constexpr const char* kClinic = "institution:1312012342";

std::shared_ptr<const crypto::Certificate> certificate_of(const char* role, std::uint8_t number) {
    return std::make_shared<const crypto::Certificate>(crypto::Certificate{
        .sha256 = {number}, .uris = {"urn:shikaku:" + std::string(role)}, .serial_hex = "01"});
}

HandlerResult say_ok(Context& /*context*/) {
    co_return http::Response{};
}

struct Port : log_test::LogFixture {
    http::Request request(const char* role, std::uint8_t number = 1) {
        http::Request made;
        made.method = http::Method::post;
        made.path = "/v1/eligibility";
        made.peer = certificate_of(role, number);
        return made;
    }
    http::Response serve(http::Request made) {
        REQUIRE(service.plan(made));
        return run(context, service.serve(made));
    }
    Json entry(std::uint64_t index) {
        wait_covered(index);
        return parse_json(log->open_entry(index)->detail.only()).value();
    }

    asio::io_context context{1};
    std::shared_ptr<inquiry::Trust> trust = std::make_shared<inquiry::Trust>();
    RateLimits limits{Rates{.institution = {.per_minute = 1, .burst = 2}}};
    std::unique_ptr<Denials> denials;
    std::unique_ptr<Service> made_service;
    Service& service = make();

  private:
    Service& make() {
        open();
        denials = std::make_unique<Denials>(*log, clock);
        made_service = std::make_unique<Service>(Service::Parts{.denials = *denials,
                                                                .clock = clock,
                                                                .trust = [this] { return trust; },
                                                                .limits = limits},
                                                 Routes({{.method = http::Method::post,
                                                          .pattern = "/v1/eligibility",
                                                          .roles = kInstitution,
                                                          .body = {.bytes_max = 1000},
                                                          .handler = say_ok}}));
        return *made_service;
    }
};

TEST_CASE("of who may not do this a small body is read, of who may do nothing none") {
    Port port;
    struct Row {
        const char* role;
        std::uint64_t bytes_max;
        bool refused;
    };
    port.trust->withdrawn.insert("institution:1410122226");
    const Row rows[] = {
        {kClinic, 1000, false},
        {"auditor:a", bounds::kApiBodyBytes, true},
        {"institution:1410122226", 0, true},
        {"nobody", 0, true},
    };
    for (const Row& row : rows) {
        INFO(row.role);
        auto request = port.request(row.role);
        const auto plan = port.service.plan(request);
        REQUIRE(plan);
        CHECK(plan->bytes_max == row.bytes_max);
        CHECK(plan->refused == row.refused);
    }
}

TEST_CASE("a withdrawn holder is one client still, whatever certificates it has") {
    Port port;
    port.trust->withdrawn.insert(kClinic);
    for (const std::uint8_t number : std::to_array<std::uint8_t>({1, 2}))
        CHECK(port.serve(port.request(kClinic, number)).status == 403);
    CHECK(port.serve(port.request(kClinic, 3)).status == 429);
    // A certificate that is nobody's counts by itself.
    CHECK(port.serve(port.request("nobody", 4)).status == 401);
}

TEST_CASE("the end of a connection is an entry before it may be said") {
    Port port;
    const auto peer = certificate_of(kClinic, 7);
    const http::Ending untrusted{
        .cause = http::Ending::Cause::not_trusted, .why = "revoked", .peer = peer.get()};
    const http::Ending no_place{.peer = peer.get()};
    for (int i = 0; i < 100; ++i) {
        CHECK(run(port.context, port.service.ends(untrusted)));
        CHECK(run(port.context, port.service.ends(no_place)));
    }
    CHECK(run(port.context, port.service.ends({})));
    REQUIRE(port.append("{}") == 3);  // the others are counted
    CHECK(port.entry(0)["caller"] == "certificate:" + to_hex(peer->sha256));
    CHECK(port.entry(0)["route"] == "tls");
    CHECK(port.entry(0)["code"] == "revoked");
    CHECK(port.entry(1)["caller"] == kClinic);
    CHECK(port.entry(1)["route"] == "connection");
    CHECK(port.entry(1)["code"] == "overloaded");
    CHECK(port.entry(2)["caller"] == "nobody");
    port.denials->finish();
    CHECK(port.append("{}") == 6);
    CHECK(port.entry(4)["count"].get<int>() + port.entry(5)["count"].get<int>() == 198);
}

}  // namespace
}  // namespace shikaku::api
