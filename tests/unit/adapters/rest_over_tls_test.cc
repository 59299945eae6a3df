// The REST adapter against municipal-mock's REST system, over mutual TLS, on a free port.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "adapters/rest/rest_adapter.h"
#include "gateway/http/server.h"
#include "municipal-mocks/rest_system.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace shikaku;
using namespace shikaku::adapters;
using namespace std::chrono_literals;

Hash256 person(std::uint8_t number) {
    Hash256 link_key{};
    link_key.fill(number);
    return link_key;
}

std::string key_text(std::uint8_t number) {
    return to_base64url(person(number));
}

const std::string kPopulation = R"({"people": [
    {"linkKey": ")" + key_text(1) +
                                R"(", "records": [{"historyKey": "N-1", "schemeId": "nanbyo-54",
        "medicalSubsidyRecipientNumber": "1234566", "maxCopaymentAmount": {"monthly": 5000},
        "validFrom": "2026-10-01", "validTo": "2027-09-30", "isDeleted": false}]},
    {"linkKey": ")" + key_text(2) +
                                R"(", "ambiguous": true}
]})";

// Made once for all tests of this file.
const std::filesystem::path& certs() {
    static const testing::TemporaryFolder folder;
    static const bool made = [] {
        const auto done =
            test::run({"/bin/bash", SHIKAKU_SOURCE_DIR "/certs/make.sh", folder.path().string()});
        return done.exit_code == 0;
    }();
    REQUIRE(made);
    return folder.path();
}

http::TlsFiles files_of(const std::string& name) {
    return {.certificate = certs() / (name + ".crt"),
            .key = certs() / (name + ".key"),
            .ca = certs() / "ca.crt",
            .crl = {}};
}

struct Municipality {
    explicit Municipality(const std::string& faults = R"({"faults": []})")
        : system(*mocks::People::from_json(kPopulation), *mocks::FaultPlan::parse(faults)),
          server({}, *http::TlsContext::server(files_of("source-130001")), system) {
        REQUIRE(server.start());
    }
    ~Municipality() { system.stop(); }

    mocks::RestSystem system;
    http::Server server;
};

std::unique_ptr<rest::RestAdapter> adapter_for(std::uint16_t port,
                                               const std::string& certificate = "gateway") {
    auto tls = http::TlsContext::client(files_of(certificate));
    REQUIRE(tls);
    auto adapter = rest::RestAdapter::make({.url = "https://127.0.0.1:" + std::to_string(port)},
                                           std::move(*tls));
    REQUIRE(adapter);
    return std::move(*adapter);
}

asio::awaitable<Result<Records>> ask(rest::RestAdapter& adapter, LookUp lookup) {
    co_return co_await adapter.look_up(lookup);
}

std::vector<Result<Records>> look_up(rest::RestAdapter& adapter, std::vector<std::uint8_t> people,
                                     std::chrono::milliseconds time = 10s) {
    asio::io_context context;
    std::vector<Result<Records>> said;
    for (const std::uint8_t number : people) {
        const LookUp lookup{.authority = *domain::AuthorityCode::parse("130001"),
                            .link_key = person(number),
                            .service_date = *domain::Date::parse_iso("2026-11-20"),
                            .request_id = "request-1",
                            .deadline = std::chrono::steady_clock::now() + time};
        asio::co_spawn(context, ask(adapter, lookup),
                       [&said](std::exception_ptr thrown, Result<Records> records) {
                           REQUIRE_FALSE(thrown);
                           said.push_back(std::move(records));
                       });
    }
    context.run();
    REQUIRE(said.size() == people.size());
    return said;
}

Result<Records> look_up_one(rest::RestAdapter& adapter, std::uint8_t number,
                            std::chrono::milliseconds time = 10s) {
    return look_up(adapter, {number}, time).at(0);
}

}  // namespace

TEST_CASE("a municipal system's records arrive") {
    Municipality municipality;
    const auto adapter = adapter_for(municipality.server.port());
    const auto said = look_up_one(*adapter, 1);
    REQUIRE(said);
    REQUIRE(said->entitlements.size() == 1);
    CHECK(said->entitlements[0].history_key == "N-1");
    CHECK(said->entitlements[0].cap_monthly_yen == 5000);
    CHECK_FALSE(said->ambiguous);
}

TEST_CASE("someone it does not know has no records; several people are ambiguous") {
    Municipality municipality;
    const auto adapter = adapter_for(municipality.server.port());
    const auto nobody = look_up_one(*adapter, 9);
    REQUIRE(nobody);
    CHECK(nobody->entitlements.empty());
    CHECK_FALSE(nobody->ambiguous);
    const auto several = look_up_one(*adapter, 2);
    REQUIRE(several);
    CHECK(several->ambiguous);
}

TEST_CASE("many look-ups at once, one after the other on kept connections, all have their answer") {
    Municipality municipality;
    const auto adapter = adapter_for(municipality.server.port());
    for (int round = 0; round < 3; ++round)
        for (const auto& said : look_up(*adapter, std::vector<std::uint8_t>(20, 1))) {
            REQUIRE(said);
            CHECK(said->entitlements.size() == 1);
        }
}

TEST_CASE("every fault of a municipal system is an error that names no person") {
    struct Expected {
        const char* fault;
        std::vector<ErrorCode> codes;
    };
    using enum ErrorCode;
    const auto expected = GENERATE(values<Expected>(
        {{R"({"kind": "status", "status": 500})", {source_unavailable}},
         {R"({"kind": "status", "status": 503})", {source_unavailable}},
         {R"({"kind": "status", "status": 401})", {source_refused}},
         {R"({"kind": "status", "status": 403})", {source_refused}},
         {R"({"kind": "status", "status": 404})", {source_malformed}},
         {R"({"kind": "status", "status": 418})", {source_malformed}},
         {R"({"kind": "garbage"})", {source_malformed}},
         {R"({"kind": "cut", "bytes": 1})", {source_malformed, source_unavailable}},
         {R"({"kind": "cut", "bytes": 60})", {source_malformed, source_unavailable}},
         {R"({"kind": "wrong_person"})", {source_malformed}}}));
    INFO(expected.fault);
    Municipality municipality(std::string(R"({"faults": [)") + expected.fault + "]}");
    const auto adapter = adapter_for(municipality.server.port());
    const auto said = look_up_one(*adapter, 1);
    REQUIRE_FALSE(said);
    CHECK(std::ranges::count(expected.codes, said.error().code) == 1);
    const std::string text = said.error().detail + said.error().pointer;
    CHECK(text.find(key_text(1)) == std::string::npos);
    CHECK(text.find("1234566") == std::string::npos);
}

TEST_CASE("a system that does not answer is left at the deadline") {
    Municipality municipality(R"({"faults": [{"kind": "hang"}]})");
    const auto adapter = adapter_for(municipality.server.port());
    const auto said = look_up_one(*adapter, 1, 300ms);
    REQUIRE_FALSE(said);
    CHECK(said.error().code == ErrorCode::source_timeout);
}

TEST_CASE("a system that is slow but in time is heard") {
    Municipality municipality(R"({"faults": [{"kind": "delay", "ms": 100}]})");
    const auto adapter = adapter_for(municipality.server.port());
    CHECK(look_up_one(*adapter, 1));
}

TEST_CASE("nobody listens, or somebody whom the CA did not sign for this name: unavailable") {
    std::uint16_t closed = 0;
    {
        Municipality municipality;
        closed = municipality.server.port();
    }
    const auto nobody = look_up_one(*adapter_for(closed), 1);
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().code == ErrorCode::source_unavailable);

    mocks::RestSystem system(*mocks::People::from_json(kPopulation), {});
    http::Server impostor({}, *http::TlsContext::server(files_of("clinic-a")), system);
    REQUIRE(impostor.start());
    const auto said = look_up_one(*adapter_for(impostor.port()), 1);
    REQUIRE_FALSE(said);
    CHECK(said.error().code == ErrorCode::source_unavailable);
}

TEST_CASE("an adapter is not made from a bad configuration") {
    const auto tls = http::TlsContext::client(files_of("gateway"));
    REQUIRE(tls);
    const auto config = GENERATE(values<rest::RestConfig>(
        {{.url = "127.0.0.1:8443"},
         {.url = "ftp://127.0.0.1:21"},
         {.url = ""},
         {.url = "https://127.0.0.1:8443", .path = ""},
         {.url = "https://127.0.0.1:8443", .path = "lookup"},
         {.url = "https://127.0.0.1:8443", .fields = {{"valid_form", "x"}}}}));
    const auto adapter = rest::RestAdapter::make(config, *tls);
    REQUIRE_FALSE(adapter);
    CHECK(adapter.error().code == ErrorCode::bad_configuration);
}
