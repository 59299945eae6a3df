// kill -9 under load, again and again: what a client received is in the log, the log verifies, and
// no token used before is accepted again.
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using test::GatewayFixture;

constexpr int kKills = 20;
constexpr int kDesks = 4;
constexpr int kAnswersBeforeKill = 60;

struct Received {
    std::string token;
    std::string answer_id;
    std::uint64_t index = 0;
};

// A desk that asks until the gateway is gone; its own connection, its own certificate.
void ask_until_gone(GatewayFixture& gateway, const identity::DemoCard& child, http::Client& client,
                    std::atomic<int>& answered, std::mutex& mutex,
                    std::vector<Received>& received) {
    while (true) {
        const std::string token = gateway.token("clinic-a", child);
        http::ClientRequest request;
        request.method = http::Method::post;
        request.target = "/v1/eligibility";
        request.content_type = "application/json";
        request.body = GatewayFixture::question(token);
        const auto response = client.send_and_wait(std::move(request));
        if (!response || response->status != 200) return;
        const auto answer = parse_json(response->body);
        const std::scoped_lock lock(mutex);
        received.push_back({.token = token,
                            .answer_id = answer->at("answer_id"),
                            .index = answer->at("evidence").at("index")});
        ++answered;
    }
}

std::unique_ptr<http::Client> new_client(const GatewayFixture& gateway) {
    auto tls = http::TlsContext::client({.certificate = test::certs() / "clinic-a.crt",
                                         .key = test::certs() / "clinic-a.key",
                                         .ca = test::certs() / "ca.crt",
                                         .crl = {}});
    REQUIRE(tls.has_value());
    auto client = http::Client::make(gateway.url(), *tls);
    REQUIRE(client.has_value());
    return std::move(*client);
}

std::vector<Received> load_and_kill(GatewayFixture& gateway, const identity::DemoCard& child) {
    std::vector<Received> received;
    std::mutex mutex;
    std::atomic<int> answered = 0;
    std::vector<std::unique_ptr<http::Client>> clients;
    for (int i = 0; i < kDesks; ++i)
        clients.push_back(new_client(gateway));
    {
        std::vector<std::jthread> desks;
        for (auto& client : clients)
            desks.emplace_back([&, &own = *client] {
                ask_until_gone(gateway, child, own, answered, mutex, received);
            });
        while (answered < kAnswersBeforeKill && gateway.process().running())
            std::this_thread::yield();
        gateway.kill9();
    }
    return received;
}

TEST_CASE("20 times kill -9 under load lose no answer and let no token work twice") {
    GatewayFixture gateway;
    const identity::DemoCard child = test::person();
    gateway.start();
    gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));

    std::size_t total = 0;
    for (int round = 0; round < kKills; ++round) {
        const std::vector<Received> received = load_and_kill(gateway, child);
        REQUIRE(received.size() >= static_cast<std::size_t>(kAnswersBeforeKill));
        total += received.size();

        gateway.start();
        const auto verified = gateway.verify_log();
        INFO(verified.output);
        REQUIRE(verified.exit_code == 0);
        for (const Received& one : received) {
            const auto receipt = gateway.call("clinic-a", http::Method::get,
                                              "/v1/receipts/" + std::to_string(one.index));
            REQUIRE(receipt.status == 200);
            const std::size_t extra = receipt.body.find("extra ");
            const std::size_t end = receipt.body.find('\n', extra);
            const auto opening = from_base64(receipt.body.substr(extra + 6, end - extra - 6));
            REQUIRE(opening.has_value());
            CHECK(as_text(*opening).find(one.answer_id) != std::string_view::npos);

            const auto replay = gateway.call("clinic-a", http::Method::post, "/v1/eligibility",
                                             GatewayFixture::question(one.token, "pharmacy"));
            CHECK(replay.status == 401);
        }
    }
    WARN(kKills << " kills, " << total << " answers received, all of them in the log");
}

}  // namespace
