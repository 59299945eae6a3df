#include "gateway/api/denial.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "tests/unit/gateway/audit/failing_disk.h"
#include "tests/unit/gateway/audit/log_fixture.h"

namespace shikaku::api {
namespace {

namespace asio = boost::asio;

ErrorCode refuse(audit::Log& log, ErrorCode code) {
    asio::io_context context{1};
    auto answer = asio::co_spawn(context,
                                 log_denial(log, {.caller = "institution:1312012342",
                                                  .request_id = "request-1",
                                                  .route = "/v1/eligibility",
                                                  .error = {code, "why"}}),
                                 asio::use_future);
    context.run();
    return answer.get().code;
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
    const ProcessLog process;
    const double before = unlogged();
    CHECK(refuse(*fixture.log, ErrorCode::token_expired) == ErrorCode::token_expired);
    fixture.wait_covered(0);
    CHECK(fixture.log->open_entry(0)->detail.asker.contains("token_expired"));
    CHECK(process.text().empty());
    CHECK(refuse(*fixture.log, ErrorCode::internal) == ErrorCode::internal);
    CHECK(process.text().contains("request failed"));
    CHECK(unlogged() == before);
}

TEST_CASE("what refuses everyone until it is mended is counted, not told for each") {
    log_test::LogFixture fixture;
    fixture.open();
    const ProcessLog process;
    for (const ErrorCode code :
         {ErrorCode::audit_unavailable, ErrorCode::audit_stopped, ErrorCode::clock_unsure}) {
        CAPTURE(name(code));
        const double before = unlogged();
        CHECK(refuse(*fixture.log, code) == code);
        CHECK(refuse(*fixture.log, code) == code);
        CHECK(unlogged() == before + 2);
    }
    CHECK(process.text().empty());
    CHECK(fixture.append("{}") == 0);  // none of them was an entry
}

TEST_CASE("a refusal that a stopped log cannot take says so to who asked, and is counted") {
    log_test::FailingDisk disk;
    log_test::LogFixture fixture;
    fixture.open();
    disk.arm(0);
    REQUIRE_FALSE(fixture.log->append_and_wait({audit::Kind::denial, {"{}"}, {}}));
    REQUIRE(disk.disarm());
    const ProcessLog process;
    const double before = unlogged();
    CHECK(refuse(*fixture.log, ErrorCode::token_expired) == ErrorCode::audit_stopped);
    CHECK(unlogged() == before + 1);
    CHECK(process.text().empty());
}

}  // namespace
}  // namespace shikaku::api
