// What is left of a log when the disk fails or the process is killed: every acknowledged entry, in
// a log that verifies.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

#include "gateway/audit/verifier.h"
#include "tests/unit/gateway/audit/failing_disk.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;

namespace {

const VerifyProgress kSilent = [](std::uint64_t, std::uint64_t) {};

std::string detail_of(std::uint64_t number) {
    return "{\"n\":" + std::to_string(number) + "}";
}

void check_whole(LogFixture& fixture, const std::vector<std::uint64_t>& acknowledged) {
    fixture.open();
    for (const auto index : acknowledged) {
        const auto entry = fixture.log->open_entry(index);
        REQUIRE(entry);
        REQUIRE(entry->detail.rest == detail_of(index));
    }
    const auto verified =
        verify_database(fixture.database, fixture.log->vkey(), fixture.keys.get(), kSilent);
    REQUIRE(verified);
    REQUIRE(verified->behind == 0);
}

// In a child process. One producer numbers its entries by their index and tells the pipe each index
// that was acknowledged.
[[noreturn]] void append_for_ever(LogFixture& fixture, int pipe) {
    auto log = fixture.try_open();
    if (!log) ::_exit(1);
    constexpr int kWindow = 64;
    std::atomic<int> outstanding{0};
    for (auto number = (*log)->checkpoint().checkpoint.size;; ++number) {
        for (int now = outstanding; now >= kWindow; now = outstanding)
            outstanding.wait(now);
        ++outstanding;
        (*log)->append({Kind::eligibility, {detail_of(number)}, {}},
                       [&outstanding, pipe](const Result<Appended>& done) {
                           if (!done) ::_exit(1);
                           const std::uint64_t index = done->index;
                           if (::write(pipe, &index, sizeof index) != sizeof index) ::_exit(1);
                           --outstanding;
                           outstanding.notify_one();
                       });
    }
}

}  // namespace

TEST_CASE("a failed write stops the log until restart, whichever write it is") {
    FailingDisk disk;
    bool failed = true;
    int failures = 0;
    for (std::int64_t n = 0; failed; ++n) {
        REQUIRE(n < 1000);
        LogFixture fixture;
        fixture.open();
        disk.arm(n);
        std::vector<std::uint64_t> acknowledged;
        bool refused = false;
        for (std::uint64_t i = 0; i < 4; ++i) {
            const auto done =
                fixture.log->append_and_wait({Kind::eligibility, {detail_of(i)}, TokenUse{}});
            if (done) {
                REQUIRE_FALSE(refused);  // the fault is over, the log stays poisoned
                REQUIRE(done->index == i);
                acknowledged.push_back(i);
                continue;
            }
            REQUIRE(done.error().code == ErrorCode::audit_stopped);
            refused = true;
        }
        if (!refused) refused = !fixture.covered(acknowledged.back());
        failed = disk.disarm();
        REQUIRE(failed == refused);
        REQUIRE(fixture.log->healthy() == !refused);
        REQUIRE(fixture.log->pulse().stopped == refused);
        if (refused) ++failures;
        if (refused) {
            // Reading what is published goes on.
            const auto size = fixture.log->checkpoint().checkpoint.size;
            REQUIRE(size <= acknowledged.size());
            if (size > 0) REQUIRE(fixture.log->receipt(size - 1));
            for (std::uint64_t i = size; i < acknowledged.size(); ++i)
                REQUIRE(fixture.covered(i).error().code == ErrorCode::audit_stopped);
        }
        fixture.close();
        check_whole(fixture, acknowledged);
        REQUIRE(fixture.log->append_and_wait({Kind::start, {"{}"}, {}}));
    }
    CHECK(failures > 5);
}

TEST_CASE("behind a write that failed log.entries is left as it is: nobody knows what is in it") {
    FailingDisk disk;
    LogFixture fixture;
    fixture.open();
    REQUIRE(fixture.append("{}") == 0);
    const auto entries = fixture.folder.path() / "log.entries";
    const auto before = std::filesystem::file_size(entries);
    disk.arm(0);
    CHECK_FALSE(fixture.log->append_and_wait({Kind::eligibility, {"{}"}, {}}));
    REQUIRE(disk.disarm());
    CHECK(std::filesystem::file_size(entries) == before);
}

TEST_CASE("waiting entries fail together with the batch whose write failed") {
    FailingDisk disk;
    std::latch all(20);
    std::mutex mutex;  // an entry is refused on the writer's thread or, after that, on this one
    std::vector<ErrorCode> codes;
    LogFixture fixture;
    fixture.open();
    fixture.wait_covered(fixture.append(detail_of(0)));  // nothing is left to be written
    disk.arm(0);
    for (int i = 0; i < 20; ++i)
        fixture.log->append({Kind::eligibility, {"{}"}, {}}, [&](const Result<Appended>& done) {
            const std::lock_guard lock(mutex);
            if (!done) codes.push_back(done.error().code);
            all.count_down();
        });
    all.wait();
    CHECK(disk.disarm());
    CHECK(codes == std::vector<ErrorCode>(20, ErrorCode::audit_stopped));
    fixture.close();
    check_whole(fixture, {0});
}

TEST_CASE("a disk that fails while a log is created leaves one that can be created later") {
    FailingDisk disk;
    int failures = 0;
    for (std::int64_t n = 0;; ++n) {
        REQUIRE(n < 1000);
        LogFixture fixture;
        disk.arm(n);
        const auto created = fixture.create();
        const bool failed = disk.disarm();
        if (!created) {
            ++failures;
            REQUIRE(failed);
            REQUIRE(fixture.create());
        }
        fixture.open();
        REQUIRE(fixture.append("{}") == 0);
        if (!failed) break;
    }
    CHECK(failures > 5);
}

TEST_CASE("killed at any moment, no acknowledged entry is lost and the log verifies") {
    LogFixture fixture;
    REQUIRE(fixture.create());
    std::mt19937 random(20261120);
    std::vector<std::uint64_t> acknowledged;
    for (int round = 0; round < 6; ++round) {
        int pipe_ends[2];
        REQUIRE(::pipe(pipe_ends) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(pipe_ends[0]);
            append_for_ever(fixture, pipe_ends[1]);
        }
        ::close(pipe_ends[1]);
        const auto kill_after = acknowledged.size() + 200 + random() % 800;
        std::uint64_t index = 0;
        bool killed = false;
        while (::read(pipe_ends[0], &index, sizeof index) == sizeof index) {
            acknowledged.push_back(index);
            if (!killed && acknowledged.size() >= kill_after) {
                killed = true;
                REQUIRE(::kill(child, SIGKILL) == 0);
            }
        }
        ::close(pipe_ends[0]);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        check_whole(fixture, acknowledged);
        fixture.close();
    }
    CHECK(acknowledged.size() > 1200);
}

TEST_CASE("a full disk refuses entries until there is room, stops nothing and loses none") {
    const auto what = GENERATE(FailingDisk::Full::everything, FailingDisk::Full::databases,
                               FailingDisk::Full::main_files);
    FailingDisk disk;
    LogFixture fixture;
    fixture.open();
    std::vector<std::uint64_t> acknowledged;
    const auto append = [&] {
        const auto done = fixture.log->append_and_wait(
            {Kind::eligibility, {detail_of(acknowledged.size())}, TokenUse{}});
        if (!done) return done.error().code;
        REQUIRE(done->index == acknowledged.size());
        acknowledged.push_back(done->index);
        return ErrorCode::internal;  // none
    };
    for (int i = 0; i < 300; ++i)
        REQUIRE(append() == ErrorCode::internal);
    for (int round = 0; round < 2; ++round) {
        disk.fill(what);
        // log.entries goes on until log.db has to show a checkpoint.
        ErrorCode refused = ErrorCode::internal;
        while (refused == ErrorCode::internal)
            refused = append();
        CHECK(refused == ErrorCode::audit_unavailable);
        CHECK_FALSE(fixture.log->pulse().stopped);
        CHECK(fixture.log->trouble().contains("full"));
        CHECK(fixture.log->receipt(0));
        CHECK(append() == ErrorCode::audit_unavailable);
        disk.fill(FailingDisk::Full::nothing);
        while (!fixture.log->healthy()) {
            REQUIRE_FALSE(fixture.log->trouble().contains("restart"));
            std::this_thread::yield();
        }
        REQUIRE(append() == ErrorCode::internal);
        fixture.wait_covered(acknowledged.back());
        for (const auto index : acknowledged)
            REQUIRE(fixture.log->open_entry(index));
    }
    fixture.close();
    check_whole(fixture, acknowledged);
}

TEST_CASE("a log that ends on a full disk is whole when it starts with room") {
    FailingDisk disk;
    LogFixture fixture;
    fixture.open();
    fixture.wait_covered(fixture.append(detail_of(0)));
    disk.fill(FailingDisk::Full::databases);
    const auto done = fixture.log->append_and_wait({Kind::eligibility, {detail_of(1)}, {}});
    REQUIRE(done);
    fixture.close();
    const auto opened = fixture.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::storage_full);
    CHECK(opened.error().detail.contains("full"));
    disk.fill(FailingDisk::Full::nothing);
    check_whole(fixture, {0, 1});
}
