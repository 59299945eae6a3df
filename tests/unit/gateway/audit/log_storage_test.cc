// The log over a storage of one's own (gateway/storage/ports/log_storage.h), beside other writers.
#include "tests/support/storage/memory_log.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;
using shikaku::testing::MemoryLog;

namespace {

struct InMemory : LogFixture {
    std::shared_ptr<MemoryLog::Data> data = std::make_shared<MemoryLog::Data>();

    InMemory() {
        REQUIRE(Log::create(std::make_unique<MemoryLog>(data), options(), *keys, signer, clock));
        open_again();
    }
    static LogOptions options() { return {.database = {}, .origin = kOrigin}; }
    void open_again() {
        auto opened = Log::open(std::make_unique<MemoryLog>(data), options(), *keys, signer, clock);
        REQUIRE(opened);
        log = std::move(*opened);
    }
    Result<Appended> ask(const TokenUse& token) {
        return log->append_and_wait({Kind::eligibility, {"{}"}, token});
    }
};

TokenUse token_of(std::uint8_t key, std::uint8_t request) {
    TokenUse token;
    token.key.fill(key);
    token.request.fill(request);
    token.expires_s =
        std::chrono::duration_cast<std::chrono::seconds>(kStart.time_since_epoch()).count() + 60;
    return token;
}

// What another gateway on the same storage writes.
void append_beside(MemoryLog& other, const TokenUse& token) {
    const LeafBytes leaf = encode({.time = kStart});
    Bytes bytes(token.key.begin(), token.key.end());
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(token.expires_s >> shift));
    bytes.insert(bytes.end(), token.request.begin(), token.request.end());
    const storage::NewEntry entries[] = {{.leaf = leaf, .token = bytes, .sealed = {}}};
    REQUIRE(other.append(entries, kStart, [](std::span<const storage::Placed>) {}));
}

}  // namespace

TEST_CASE("a log in another storage is read, proven and gone on with") {
    InMemory fixture;
    fixture.append_many(300);
    const auto index = fixture.append(R"({"n":"last"})");
    CHECK(index == 300);
    fixture.wait_covered(index);
    CHECK(fixture.log->checkpoint().checkpoint.size == 301);
    CHECK(fixture.log->tile(0, 0, 256));
    CHECK(fixture.log->entry_bundle(1, 45));
    CHECK(fixture.log->receipt(7));
    CHECK(fixture.log->open_entry(index)->detail.only() == R"({"n":"last"})");
    const auto root = fixture.log->checkpoint().checkpoint.root;
    fixture.close();
    fixture.open_again();
    CHECK(fixture.log->checkpoint().checkpoint.root == root);
    CHECK(fixture.append("{}") == 301);
}

TEST_CASE("entries of others lie between one's own, and are covered with them") {
    InMemory fixture;
    MemoryLog other(fixture.data);
    append_beside(other, token_of(1, 1));
    append_beside(other, token_of(2, 1));
    CHECK(fixture.append("{}") == 2);
    append_beside(other, token_of(3, 1));
    const auto last = fixture.append("{}");
    CHECK(last == 4);
    fixture.wait_covered(last);
    CHECK(fixture.log->checkpoint().checkpoint.size == 5);
    const auto root = fixture.log->checkpoint().checkpoint.root;
    fixture.close();
    fixture.open_again();  // the tree made anew from the entries
    CHECK(fixture.log->checkpoint().checkpoint.root == root);
}

TEST_CASE("a token that another gateway took first is answered as it was there, or refused") {
    InMemory fixture;
    MemoryLog other(fixture.data);
    append_beside(other, token_of(1, 1));
    const auto same = fixture.ask(token_of(1, 1));
    REQUIRE(same);
    CHECK(same->repeated);
    CHECK(same->index == 0);
    CHECK(fixture.ask(token_of(1, 2)).error().code == ErrorCode::token_replayed);
    const auto own = fixture.ask(token_of(2, 1));
    REQUIRE(own);
    CHECK_FALSE(own->repeated);
    CHECK(own->index == 1);
}

TEST_CASE("a log in files lets a token be used once, too") {
    LogFixture fixture;
    fixture.open();
    const auto ask = [&](std::uint8_t request) {
        return fixture.log->append_and_wait({Kind::eligibility, {"{}"}, token_of(1, request)});
    };
    REQUIRE(ask(1));
    for (int start = 0; start < 2; ++start) {
        CHECK(ask(1)->repeated);
        CHECK(ask(2).error().code == ErrorCode::token_replayed);
        fixture.close();
        fixture.open();
    }
}
