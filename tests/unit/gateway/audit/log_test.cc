#include "gateway/audit/log.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "gateway/audit/merkle.h"
#include "gateway/audit/receipt.h"
#include "gateway/support/bounds.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;

TEST_CASE("a new log signs the empty tree") {
    LogFixture fixture;
    fixture.open();
    CHECK(fixture.log->healthy());
    const auto checkpoint = verify_checkpoint(fixture.log->checkpoint().text, fixture.log->vkey());
    REQUIRE(checkpoint);
    CHECK(checkpoint->size == 0);
    CHECK(checkpoint->root == empty_root());
    CHECK(checkpoint->origin == kOrigin);
    CHECK(fixture.log->proof(0).error().code == ErrorCode::not_found);
    CHECK(fixture.log->receipt(0, {Opened::all}).error().code == ErrorCode::not_found);
    CHECK(fixture.log->open_entry(0).error().code == ErrorCode::not_found);
}

TEST_CASE("an entry opens to what was appended, and survives a restart") {
    LogFixture fixture;
    fixture.open();
    CHECK(fixture.append(R"({"a":1})", Kind::start) == 0);
    fixture.clock.advance(std::chrono::milliseconds(1500));
    const auto done = fixture.log->append_and_wait({Kind::denial, {R"({"b":"不可"})"}, {}});
    REQUIRE(done);
    CHECK(done->index == 1);
    CHECK(done->time == kStart + std::chrono::milliseconds(1500));
    fixture.close();
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == 2);
    const auto entry = fixture.log->open_entry(1);
    REQUIRE(entry);
    CHECK(entry->index == 1);
    CHECK(entry->leaf.kind == Kind::denial);
    CHECK(entry->leaf.time == done->time);
    CHECK(entry->detail.rest == R"({"b":"不可"})");
    CHECK(entry->opened == Opened::all);
    CHECK(entry->leaf.version == kLeafInParts);
    CHECK(fixture.append("{}") == 2);
}

TEST_CASE("equal details give different commitments, and nothing of them is in the file") {
    LogFixture fixture;
    fixture.open();
    const std::string marked = R"({"who":"MARKED-1234567"})";
    fixture.append(marked);
    fixture.wait_covered(fixture.append(marked));
    CHECK(fixture.log->open_entry(0)->leaf.commitment !=
          fixture.log->open_entry(1)->leaf.commitment);
    fixture.close();
    for (const auto& file : std::filesystem::directory_iterator(fixture.folder.path())) {
        const auto content = read_file(file.path());
        REQUIRE(content);
        CHECK(content->find("MARKED") == std::string::npos);
    }
}

TEST_CASE("leaf times never decrease, whatever the clock does") {
    LogFixture fixture;
    fixture.open();
    fixture.append("{}");
    fixture.clock.set(kStart - std::chrono::hours(1));
    const auto done = fixture.log->append_and_wait({Kind::eligibility, {"{}"}, {}});
    REQUIRE(done);
    CHECK(done->time == kStart);
    fixture.close();
    fixture.open();
    fixture.wait_covered(fixture.append("{}"));
    CHECK(fixture.log->open_entry(2)->leaf.time == kStart);
    fixture.clock.set(kStart + std::chrono::seconds(1));
    fixture.wait_covered(fixture.append("{}"));
    CHECK(fixture.log->open_entry(3)->leaf.time == kStart + std::chrono::seconds(1));
}

TEST_CASE("every entry gets a receipt that verifies offline, from any batch and after a restart") {
    LogFixture fixture;
    fixture.open();
    fixture.append_many(300);
    for (const bool reopened : {false, true}) {
        if (reopened) {
            fixture.close();
            fixture.open();
        }
        fixture.wait_covered(299);
        for (std::uint64_t index = 0; index < 300; ++index) {
            const auto receipt = fixture.log->receipt(index, {Opened::all});
            REQUIRE(receipt);
            const auto verified = verify_receipt(*receipt, fixture.log->vkey());
            REQUIRE(verified);
            REQUIRE(verified->entry.index == index);
            REQUIRE(verified->entry.detail.rest == "{\"n\":" + std::to_string(index) + "}");
            const auto proof = parse_receipt(fixture.log->proof(index).value());
            REQUIRE(proof);
            REQUIRE(proof->extra.empty());
            REQUIRE(proof->proof == parse_receipt(*receipt)->proof);
        }
    }
}

TEST_CASE("an erased detail leaves every proof whole") {
    LogFixture fixture;
    fixture.open();
    for (int i = 0; i < 3; ++i)
        fixture.append("{}");
    fixture.close();
    fixture.tamper("UPDATE entry SET size=-size WHERE idx=1");
    fixture.open();
    const auto entry = fixture.log->open_entry(1);
    REQUIRE(entry);
    CHECK(entry->opened == Opened::nothing);
    CHECK(entry->detail == Detail());
    const auto verified =
        verify_receipt(fixture.log->receipt(1, {Opened::all}).value(), fixture.log->vkey());
    REQUIRE(verified);
    CHECK(verified->entry.opened == Opened::nothing);
    CHECK(verified->entry.leaf.time == kStart);
    CHECK(fixture.log->open_entry(0)->opened == Opened::all);
}

TEST_CASE("a sealed detail moved to another entry does not open") {
    LogFixture fixture;
    fixture.open();
    fixture.append("{\"x\":1}");
    fixture.append("{\"x\":2}");
    fixture.append("{\"x\":3}");
    fixture.close();
    fixture.tamper("UPDATE entry SET at=(SELECT at FROM entry WHERE idx=0) WHERE idx=1");
    fixture.open();
    CHECK(fixture.log->open_entry(0));
    CHECK(fixture.log->open_entry(1).error().code == ErrorCode::corrupt);
    CHECK(fixture.log->receipt(1, {Opened::all}).error().code == ErrorCode::corrupt);
    CHECK(fixture.log->open_entry(2));
}

TEST_CASE("when_covered calls at once, later, or says that there is no such entry") {
    LogFixture fixture;
    fixture.open();
    const auto first = fixture.append("{}");
    fixture.wait_covered(first);
    CHECK(fixture.log->checkpoint().checkpoint.size == 1);
    // Within the period of the first checkpoint: the writer has to wake itself for the second.
    const auto second = fixture.append("{}");
    fixture.wait_covered(second);
    CHECK(fixture.log->checkpoint().checkpoint.size == 2);
    CHECK(fixture.log->receipt(second, {Opened::all}));
    Status status;
    fixture.log->when_covered(2, [&](Status answer) { status = std::move(answer); });
    CHECK(status.error().code == ErrorCode::not_found);
}

TEST_CASE("a durable entry is shown from the checkpoint on that covers it") {
    LogFixture fixture;
    fixture.open();
    fixture.wait_covered(fixture.append("{}"));
    std::latch seen(1);
    Status opened, received;
    std::uint64_t tokens = 0;
    // Inside the callback the entry is durable, and no checkpoint can have been signed since.
    fixture.log->append({Kind::eligibility, {"{}"}, TokenUse{}}, [&](const Result<Appended>& done) {
        if (done) {
            if (auto entry = fixture.log->open_entry(done->index); !entry)
                opened = fail(entry.error());
            if (auto receipt = fixture.log->receipt(done->index); !receipt)
                received = fail(receipt.error());
            (void)fixture.log->visit_tokens_since(
                kStart, [&](std::uint64_t, Instant, const TokenUse&) { ++tokens; });
        }
        seen.count_down();
    });
    seen.wait();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::not_found);
    REQUIRE_FALSE(received);
    CHECK(received.error().code == ErrorCode::not_found);
    CHECK(tokens == 0);
    fixture.wait_covered(1);
    CHECK(fixture.log->open_entry(1));
    CHECK(fixture.log->receipt(1, {Opened::all}));
    CHECK(fixture.log->visit_tokens_since(
        kStart, [&](std::uint64_t, Instant, const TokenUse&) { ++tokens; }));
    CHECK(tokens == 1);
}

TEST_CASE("a callback may append and wait for its checkpoint itself") {
    std::latch finished(1);
    bool covered = false;
    LogFixture fixture;
    fixture.open();
    fixture.log->append({Kind::start, {"{}"}, {}}, [&](const Result<Appended>& done) {
        if (!done) return;
        fixture.log->append({Kind::stop, {"{}"}, {}}, [&](const Result<Appended>& second) {
            fixture.log->when_covered(second.value().index, [&](const Status& status) {
                covered = status.has_value();
                finished.count_down();
            });
        });
    });
    finished.wait();
    CHECK(covered);
    CHECK(fixture.log->checkpoint().checkpoint.size == 2);
}

TEST_CASE("many threads: every callback once, indexes dense, callbacks in order") {
    constexpr int kThreads = 4;
    constexpr int kEach = 500;
    std::latch all(kThreads * kEach);
    std::vector<std::uint64_t> order;  // the writer's thread alone touches it
    std::array<std::atomic<int>, kThreads * kEach> calls{};
    LogFixture fixture;
    fixture.open();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < kEach; ++i) {
                    auto& mine =
                        calls[static_cast<std::size_t>(t) * kEach + static_cast<std::size_t>(i)];
                    fixture.log->append({Kind::eligibility, {"{}"}, {}},
                                        [&](const Result<Appended>& done) {
                                            ++mine;
                                            if (done) order.push_back(done->index);
                                            all.count_down();
                                        });
                }
            });
    }
    all.wait();
    for (const auto& count : calls)
        REQUIRE(count == 1);
    REQUIRE(order.size() == kThreads * kEach);
    for (std::size_t i = 0; i < order.size(); ++i)
        REQUIRE(order[i] == i);
    fixture.close();
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == kThreads * kEach);
}

TEST_CASE("readers and writers at once: what is published can always be proven") {
    std::atomic<bool> stop{false};
    std::atomic<int> bad{0};
    LogFixture fixture;
    fixture.open();
    fixture.wait_covered(fixture.append("{}"));
    std::vector<std::jthread> readers;
    for (int t = 0; t < 2; ++t)
        readers.emplace_back([&] {
            const auto vkey = fixture.log->vkey();
            while (!stop) {
                const auto size = fixture.log->checkpoint().checkpoint.size;
                const auto receipt = fixture.log->receipt(size - 1);
                if (!receipt || !verify_receipt(*receipt, vkey)) ++bad;
            }
        });
    for (int round = 0; round < 5; ++round) {
        fixture.append_many(400);
        fixture.wait_covered(static_cast<std::uint64_t>(round + 1) * 400);
    }
    stop = true;
    readers.clear();
    CHECK(bad == 0);
}

TEST_CASE("tokens are remembered from a time on, oldest first") {
    LogFixture fixture;
    fixture.open();
    const auto token = [](std::uint8_t mark) {
        TokenUse use;
        use.key.fill(mark);
        use.expires_s = 1'795'132'800 + mark;
        use.request.fill(static_cast<std::uint8_t>(mark + 100));
        return use;
    };
    for (std::uint8_t i = 0; i < 20; ++i) {
        EntryDraft draft{Kind::eligibility, {"{}"}, {}};
        if (i % 2 == 0) draft.token = token(i);
        const auto appended = fixture.log->append_and_wait(std::move(draft));
        REQUIRE(appended);
        fixture.clock.advance(std::chrono::seconds(1));
    }
    fixture.wait_covered(19);
    const auto seen_since = [&](Instant since) {
        std::vector<std::uint64_t> indexes;
        const auto visited = fixture.log->visit_tokens_since(
            since, [&](std::uint64_t index, Instant time, const TokenUse& use) {
                CHECK(time == kStart + std::chrono::seconds(index));
                const auto expected = token(static_cast<std::uint8_t>(index));
                CHECK(use.key == expected.key);
                CHECK(use.expires_s == expected.expires_s);
                CHECK(use.request == expected.request);
                indexes.push_back(index);
            });
        CHECK(visited);
        return indexes;
    };
    const auto from = [&](int seconds) {
        return seen_since(kStart + std::chrono::seconds(seconds));
    };
    CHECK(from(-100) == std::vector<std::uint64_t>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18});
    CHECK(from(0).size() == 10);
    CHECK(from(13) == std::vector<std::uint64_t>{14, 16, 18});
    CHECK(from(14) == std::vector<std::uint64_t>{14, 16, 18});
    CHECK(from(18) == std::vector<std::uint64_t>{18});
    CHECK(from(19).empty());
    CHECK(from(1000).empty());
}

TEST_CASE("an entry with too long a detail is refused and takes no index") {
    LogFixture fixture;
    fixture.open();
    const auto refused = fixture.log->append_and_wait(
        {Kind::eligibility, {std::string(bounds::kLogDetailBytes + 1, 'x')}, {}});
    CHECK(refused.error().code == ErrorCode::internal);
    CHECK(fixture.append(std::string(bounds::kLogDetailBytes, 'x')) == 0);
    CHECK(fixture.log->healthy());
}

TEST_CASE("a full queue refuses as overloaded and goes on when it has drained") {
    const bool by_bytes = GENERATE(true, false);
    const std::string detail(by_bytes ? bounds::kLogDetailBytes : 2, ' ');
    const auto main_thread = std::this_thread::get_id();
    std::latch writer_inside(1), let_go(1);
    std::size_t accepted = 0;
    std::atomic<std::size_t> durable{0};
    std::optional<ErrorCode> refused;
    LogFixture fixture;  // last: its writer is gone before what the callbacks use
    fixture.open();
    fixture.log->append({Kind::start, {"{}"}, {}}, [&](const Result<Appended>&) {
        writer_inside.count_down();
        let_go.wait();
    });
    writer_inside.wait();
    while (!refused) {
        fixture.log->append({Kind::eligibility, {detail}, {}}, [&](const Result<Appended>& done) {
            if (done) {
                ++durable;
                durable.notify_one();
            } else if (std::this_thread::get_id() == main_thread) {
                refused = done.error().code;
            }
        });
        if (!refused && ++accepted > bounds::kLogQueue) break;
    }
    let_go.count_down();
    for (auto seen = durable.load(); seen < accepted; seen = durable.load())
        durable.wait(seen);
    CHECK(refused == ErrorCode::overloaded);
    if (by_bytes) {
        CHECK(accepted == bounds::kLogQueueBytes /
                              (lay_out({std::string(bounds::kLogDetailBytes, ' ')}).bytes.size() +
                               crypto::kSealOverhead));
    } else {
        CHECK(accepted == bounds::kLogQueue);
    }
    CHECK(fixture.append("{}") == accepted + 1);
}
