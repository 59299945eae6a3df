// The wall clock of the running gateway is set: no token works twice, none that is fresh is called
// used, nothing is stamped with a time that never was, and it says why it does not serve.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "gateway/support/file.h"
#include "tests/reliability/town.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;
using http::Method;
using test::GatewayFixture;

constexpr long kTwoHours = 7200;

struct Town {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();

    Town() {
        set_clock(0);
        setenv("SHIKAKU_TEST_CLOCK", clock_file().c_str(), 1);
        start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
        REQUIRE(answer_to(gateway, child) == "eligible ACTIVE");
    }
    ~Town() { unsetenv("SHIKAKU_TEST_CLOCK"); }

    [[nodiscard]] std::filesystem::path clock_file() const { return gateway.folder() / "clock"; }
    void set_clock(long ahead) const {
        REQUIRE(write_file(clock_file(), std::to_string(ahead), 0600));
    }
    [[nodiscard]] std::string try_start() {
        setenv("LD_PRELOAD", SHIKAKU_CLOCK_SHIFT, 1);
        const auto refused = reliability::try_start(gateway);
        unsetenv("LD_PRELOAD");
        return refused;
    }
    void start() { REQUIRE(try_start() == ""); }
    int use(const std::string& token, const std::string& setting = "outpatient") {
        return gateway
            .call("clinic-a", Method::post, "/v1/eligibility",
                  GatewayFixture::question(token, setting))
            .status;
    }
    // What /readyz says, asked until it is not as before.
    std::string not_ready_within(std::chrono::seconds limit) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (std::chrono::steady_clock::now() < deadline) {
            const auto ready = gateway.ops("/readyz");
            if (ready.status != 200) return last_words(ready.body, gateway.folder());
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return {};
    }
};

TEST_CASE("started with the clock two hours ahead, then set right: a used token stays used") {
    Town town;
    const auto token = town.gateway.token("clinic-a", town.child);
    REQUIRE(town.use(token) == 200);
    town.gateway.kill9();
    town.set_clock(kTwoHours);
    const auto refused = town.try_start();
    std::string outcome = "start refused", words = refused;
    if (refused.empty()) {
        town.set_clock(0);
        const int again = town.use(token, "pharmacy");
        CHECK(again != 200);
        outcome = again == 200 ? "A TOKEN WORKED TWICE" : "the used token stays used";
        words = "HTTP " + std::to_string(again);
    }
    report({.fault = "start with the clock two hours ahead, then set right",
            .tried = 1,
            .outcome = outcome,
            .how = words});
}

TEST_CASE("the clock jumps two hours while it runs: it says so, and goes on when it is right") {
    for (const long step : {kTwoHours, -kTwoHours}) {
        Town town;
        const std::string fault =
            step > 0 ? "the clock jumps two hours ahead" : "the clock jumps two hours back";
        INFO(fault);
        town.set_clock(step);
        const auto not_ready = town.not_ready_within(std::chrono::seconds(10));
        CHECK(not_ready != "");
        const auto meanwhile = town.use(town.gateway.token("clinic-a", town.child));
        CHECK(meanwhile != 200);
        town.set_clock(0);
        // Right again, with or without a restart: fresh tokens work.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        int after = 0;
        while ((after = town.use(town.gateway.token("clinic-a", town.child))) != 200 &&
               std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        CHECK(after == 200);
        town.gateway.kill9();
        const auto refused = town.try_start();
        CHECK(refused == "");
        if (refused.empty()) CHECK(town.use(town.gateway.token("clinic-a", town.child)) == 200);
        const bool well = meanwhile != 200 && after == 200 && refused.empty();
        report({.fault = fault,
                .tried = 1,
                .outcome = not_ready.empty() ? "NOT NOTICED"
                           : well ? "not ready, questions refused; serves again when it is right"
                                  : "not ready; DOES NOT SERVE AGAIN",
                .how = not_ready});
    }
}

TEST_CASE("started with a clock two hours behind the log's last entry") {
    Town town;
    town.gateway.kill9();
    town.set_clock(-kTwoHours);
    const auto refused = town.try_start();
    std::string words = refused;
    if (refused.empty()) {
        words = town.not_ready_within(std::chrono::seconds(3));
        CHECK(words != "");
    }
    report({.fault = "start with a clock two hours behind the last entry",
            .tried = 1,
            .outcome = !refused.empty() ? "start refused"
                       : words.empty()  ? "NOT NOTICED"
                                        : "not ready",
            .how = words});
}

}  // namespace
