// A key ring that does not belong to the log: entries could not be opened, and used card tokens
// would not be known again.
#include "gateway/support/json.h"
#include "tests/unit/gateway/audit/log_fixture.h"

namespace log_test {
namespace {

struct OtherRing : LogFixture {
    OtherRing() {
        open();
        append(R"({"n":1})");
        close();
    }
    void take(const Json& ring) {
        REQUIRE(write_file(keyring_file, ring.dump(), 0600));
        keys = std::move(crypto::KeyRing::load(keyring_file).value());
    }
    [[nodiscard]] Json ring() const { return *parse_json(*read_file(keyring_file)); }
    void check_refused(std::string_view key) {
        const auto opened = try_open();
        REQUIRE_FALSE(opened);
        INFO(opened.error().detail);
        CHECK(opened.error().code == ErrorCode::bad_key);
        CHECK(opened.error().detail.find(key) != std::string::npos);
        CHECK(opened.error().detail.find("log.db") != std::string::npos);
    }
};

Json with_fresh(Json ring, std::string_view purpose) {
    const Json fresh = *parse_json(crypto::KeyRing::generate_json());
    for (std::size_t i = 0; i < ring["keys"].size(); ++i)
        if (ring["keys"][i]["purpose"] == purpose) ring["keys"][i] = fresh["keys"][i];
    return ring;
}

TEST_CASE("a log does not open with a key it was not written with, and says which") {
    OtherRing log;
    const Json own = log.ring();
    for (const std::string purpose : {"audit", "token", "seal"}) {
        log.take(with_fresh(own, purpose));
        log.check_refused('"' + purpose);
    }
    log.take(own);
    log.open();
}

TEST_CASE("a seal key that details were written with stays needed") {
    OtherRing log;
    Json ring = with_fresh(log.ring(), "seal");
    ring["keys"].back()["id"] = 2;
    log.take(ring);
    log.check_refused("\"seal 1\"");
}

TEST_CASE("a log of before there were check values is proven by its newest detail") {
    OtherRing log;
    log.tamper("DELETE FROM key_check");
    const Json own = log.ring();
    log.take(with_fresh(own, "seal"));
    log.check_refused("\"seal");
    log.take(own);
    log.open();
}

}  // namespace
}  // namespace log_test
