#include "gateway/api/denial.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <latch>

#include "gateway/support/bounds.h"
#include "gateway/support/json.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "tests/unit/gateway/audit/failing_disk.h"
#include "tests/unit/gateway/audit/log_fixture.h"

namespace shikaku::api {
namespace {

namespace asio = boost::asio;

ErrorCode refuse(Denials& denials, ErrorCode code, std::string caller = "institution:1312012342") {
    asio::io_context context{1};
    auto answer = asio::co_spawn(context,
                                 denials.refuse({.caller = std::move(caller),
                                                 .request_id = "request-1",
                                                 .route = "/v1/eligibility",
                                                 .error = {code, "why"}}),
                                 asio::use_future);
    context.run();
    return answer.get().code;
}

Json detail_at(const log_test::LogFixture& fixture, std::uint64_t index) {
    fixture.wait_covered(index);
    const auto entry = fixture.log->open_entry(index);
    REQUIRE(entry);
    REQUIRE(entry->leaf.kind == audit::Kind::denial);
    return parse_json(entry->detail.only()).value();
}

double unlogged() {
    return counter("shikaku_denials_unlogged_total", "").Value();
}

// What the process log has got since, in a file of its own; back to stderr at the end.
class ProcessLog {
  public:
    ProcessLog() { REQUIRE(configure_log("info", path())); }
    ~ProcessLog() { static_cast<void>(configure_log("info", "")); }
    ProcessLog(const ProcessLog&) = delete;
    ProcessLog& operator=(const ProcessLog&) = delete;
    [[nodiscard]] std::string text() const { return read_file(path()).value(); }

  private:
    [[nodiscard]] std::string path() const { return (folder_.path() / "process.log").string(); }
    log_test::TemporaryFolder folder_;
};

TEST_CASE("a refusal is an entry of the log, an own failure a line of the process log") {
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    const ProcessLog process;
    const double before = unlogged();
    CHECK(refuse(denials, ErrorCode::token_expired) == ErrorCode::token_expired);
    fixture.wait_covered(0);
    CHECK(fixture.log->open_entry(0)->detail.asker.contains("token_expired"));
    CHECK(process.text().empty());
    CHECK(refuse(denials, ErrorCode::internal) == ErrorCode::internal);
    CHECK(process.text().contains("request failed"));
    CHECK(unlogged() == before);
}

TEST_CASE("what refuses everyone until it is mended is counted, not told for each") {
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    const ProcessLog process;
    for (const ErrorCode code :
         {ErrorCode::audit_unavailable, ErrorCode::audit_stopped, ErrorCode::clock_unsure}) {
        CAPTURE(name(code));
        const double before = unlogged();
        CHECK(refuse(denials, code) == code);
        CHECK(refuse(denials, code) == code);
        CHECK(unlogged() == before + 2);
    }
    CHECK(process.text().empty());
    CHECK(fixture.append("{}") == 0);  // none of them was an entry
}

TEST_CASE("a refusal that a stopped log cannot take says so to who asked, and is counted") {
    log_test::FailingDisk disk;
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    disk.arm(0);
    REQUIRE_FALSE(fixture.log->append_and_wait({audit::Kind::denial, {"{}"}, {}}));
    REQUIRE(disk.disarm());
    const ProcessLog process;
    const double before = unlogged();
    CHECK(refuse(denials, ErrorCode::token_expired) == ErrorCode::audit_stopped);
    CHECK(unlogged() == before + 1);
    CHECK(process.text().empty());
}

TEST_CASE("equal refusals of a window are one entry at once and one with their count at its end") {
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    const auto first = fixture.clock.now();
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(refuse(denials, ErrorCode::token_expired) == ErrorCode::token_expired);
        if (i == 0) CHECK(detail_at(fixture, 0)["request_id"] == "request-1");
        fixture.clock.advance(std::chrono::milliseconds(1));
    }
    fixture.clock.set(first + bounds::kDenialWindow);
    denials.write_what_is_over();
    REQUIRE(fixture.append("{}") == 2);  // behind it in the queue
    const Json counted = detail_at(fixture, 1);
    CHECK(counted["caller"] == "institution:1312012342");
    CHECK(counted["route"] == "/v1/eligibility");
    CHECK(counted["code"] == "token_expired");
    CHECK(counted["count"] == 999);
    CHECK(counted["first_ms"] == (first.time_since_epoch().count() + 1));
    CHECK(counted["last_ms"] == (first.time_since_epoch().count() + 999));
    CHECK(refuse(denials, ErrorCode::token_expired) == ErrorCode::token_expired);
    CHECK(detail_at(fixture, 3)["request_id"] == "request-1");  // a new window
    CHECK(fixture.append("{}") == 4);
}

// Occupies the log's writer until it is let go: what is appended meanwhile waits in its queue.
class Occupied {
  public:
    explicit Occupied(audit::Log& log) {
        log.append({audit::Kind::start, {"{}"}, {}}, [this](const auto&) {
            reached_.count_down();
            go_.wait();
        });
        reached_.wait();
    }
    ~Occupied() { let_go(); }
    Occupied(const Occupied&) = delete;
    Occupied& operator=(const Occupied&) = delete;
    void let_go() {
        if (!go_.try_wait()) go_.count_down();
    }

  private:
    std::latch reached_{1};
    std::latch go_{1};
};

TEST_CASE("an equal refusal is not said while the first is still in the log's queue") {
    log_test::FailingDisk disk;
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    Occupied writer(*fixture.log);
    asio::io_context context{1};
    std::vector<ErrorCode> said;
    for (int i = 0; i < 3; ++i)
        asio::co_spawn(context,
                       denials.refuse({.caller = "institution:1312012342",
                                       .request_id = "request-" + std::to_string(i),
                                       .route = "/v1/eligibility",
                                       .error = {ErrorCode::token_expired, "why"}}),
                       [&said](const std::exception_ptr& thrown, const Error& error) {
                           REQUIRE_FALSE(thrown);
                           said.push_back(error.code);
                       });
    context.poll();
    CHECK(said.empty());
    const bool fails = GENERATE(false, true);
    if (fails) disk.arm(0);
    writer.let_go();
    context.run();
    static_cast<void>(disk.disarm());
    const auto expected = fails ? ErrorCode::audit_stopped : ErrorCode::token_expired;
    CHECK(said == std::vector(3, expected));
    if (fails) return;
    denials.finish();
    REQUIRE(fixture.append("{}") == 3);
    CHECK(detail_at(fixture, 1)["request_id"] == "request-0");
    CHECK(detail_at(fixture, 2)["count"] == 2);
}

TEST_CASE("who is turned away for coming too often crowds out nobody who asks what he may not") {
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    for (std::size_t i = 0; i < 2 * bounds::kDenialEntriesPerSecond; ++i)
        refuse(denials, i % 2 == 0 ? ErrorCode::rate_limited : ErrorCode::overloaded,
               "institution:" + std::to_string(i));
    REQUIRE(refuse(denials, ErrorCode::role_not_allowed, "institution:quiet") ==
            ErrorCode::role_not_allowed);
    const std::uint64_t last = fixture.append("{}");
    CHECK(detail_at(fixture, last - 1)["caller"] == "institution:quiet");
}

TEST_CASE("at the end every refusal is in the log, by itself or in a count") {
    log_test::LogFixture fixture;
    fixture.open();
    constexpr int kRefusals = 500;
    {
        Denials denials(*fixture.log, fixture.clock);
        for (int i = 0; i < kRefusals; ++i) {
            refuse(denials, i % 3 == 0 ? ErrorCode::token_expired : ErrorCode::invalid_field,
                   "institution:" + std::to_string(i % 70));
            denials.refuse_handshake("certificate:" + std::to_string(i % 70), "expired");
        }
    }
    const std::uint64_t entries = fixture.append("{}");
    CHECK(entries < kRefusals);
    std::uint64_t told = 0;
    for (std::uint64_t index = 0; index < entries; ++index)
        told += detail_at(fixture, index).value("count", 1);
    CHECK(told == 2 * kRefusals);
}

TEST_CASE("a log without room refuses each with its own trouble; nothing is counted in secret") {
    log_test::FailingDisk disk;
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    REQUIRE(refuse(denials, ErrorCode::token_expired) == ErrorCode::token_expired);
    disk.arm(0);
    REQUIRE_FALSE(fixture.log->append_and_wait({audit::Kind::denial, {"{}"}, {}}));
    REQUIRE(disk.disarm());
    const double before = unlogged();
    CHECK(refuse(denials, ErrorCode::token_expired) == ErrorCode::audit_stopped);
    CHECK(unlogged() == before + 1);
}

TEST_CASE("a refused handshake is an entry about its certificate") {
    log_test::LogFixture fixture;
    fixture.open();
    Denials denials(*fixture.log, fixture.clock);
    denials.refuse_handshake("certificate:00ff", "revoked");
    REQUIRE(fixture.append("{}") == 1);
    const Json entry = detail_at(fixture, 0);
    CHECK(entry["caller"] == "certificate:00ff");
    CHECK(entry["route"] == "tls");
    CHECK(entry["code"] == "revoked");
    CHECK(entry["count"] == 1);
}

}  // namespace
}  // namespace shikaku::api
