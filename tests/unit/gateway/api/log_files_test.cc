// Who opens an entry, and what that leaves in the log.
#include "gateway/api/log_files.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "tests/unit/gateway/audit/log_fixture.h"
#include "tests/unit/gateway/inquiry/logged_answer.h"

namespace {

using namespace shikaku;
using namespace shikaku::domain::test;
using identity::Role;
using inquiry::test::caller;

// A log whose entry 0 is what a clinic was told of a certificate of Hachioji.
struct OneAnswer : log_test::LogFixture {
    OneAnswer() {
        open();
        const domain::Case asked =
            facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
        const auto done = log->append_and_wait({.kind = audit::Kind::eligibility,
                                                .detail = inquiry::test::detail_of(asked, {}),
                                                .token = {}});
        REQUIRE(done);
        wait_covered(done->index);
    }
    Result<http::Response> receipt_for(identity::Caller reader) {
        http::Request request;
        api::PathParameters path;
        REQUIRE(path.add("index", "0"));
        api::Context context{.request = request,
                             .caller = std::move(reader),
                             .path = path,
                             .request_id = "request-1"};
        api::LogFiles files(*log);
        boost::asio::io_context io{1};
        auto answer = boost::asio::co_spawn(io, files.receipt(context), boost::asio::use_future);
        io.run();
        return answer.get();
    }
};

TEST_CASE("what an auditor opens is itself an entry") {
    OneAnswer one;
    REQUIRE(one.receipt_for(caller(Role::auditor, "auditor-a")));
    one.wait_covered(1);
    const auto trace = one.log->open_entry(1);
    REQUIRE(trace);
    CHECK(trace->leaf.kind == audit::Kind::audit_search);
    CHECK((trace->detail.asker + trace->detail.rest).contains("auditor:auditor-a"));
    CHECK(one.append("{}") == 2);
}

TEST_CASE("the clinic and the authority get theirs without an entry, others nothing") {
    OneAnswer one;
    CHECK(one.receipt_for(inquiry::test::clinic()));
    CHECK(one.receipt_for(caller(Role::authority, kHachioji)));
    for (const auto& stranger :
         {inquiry::test::clinic(kOtherClinic), caller(Role::authority, "271004"),
          caller(Role::operator_, "operator-a")}) {
        const auto refused = one.receipt_for(stranger);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::not_your_data);
    }
    CHECK(one.append("{}") == 1);
}

}  // namespace
