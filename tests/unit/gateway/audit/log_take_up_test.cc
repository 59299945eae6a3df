// A log whose log.db is behind its log.entries when it starts: what a crash leaves.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "gateway/storage/sqlite/entry_file.h"
#include "tests/unit/gateway/audit/failing_disk.h"
#include "tests/unit/gateway/audit/log_files_fixture.h"

using namespace log_test;

namespace {

// In a child process: `append` ends it by a SIGKILL.
void kill_inside(const std::function<void()>& append) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        append();
        ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("entries that log.db has not noted are there after a restart") {
    FilesFixture fixture;
    constexpr std::uint64_t kNoted[] = {0, 1, 255, 256, 257, 511, 512, 513, 599, 600};
    std::uint64_t size = 0;
    for (const auto noted : kNoted) {
        fixture.open();
        fixture.fill(size, noted);
        fixture.close();
        fixture.keep(fixture.database, std::to_string(noted));
        size = noted;
    }
    fixture.keep(fixture.entries(), "entries");
    fixture.open();
    const auto vkey = fixture.log->vkey();
    const auto shown = fixture.shown();
    fixture.close();
    for (const auto noted : kNoted) {
        CAPTURE(noted);
        fixture.put_back(fixture.database, std::to_string(noted));
        fixture.put_back(fixture.entries(), "entries");
        const auto before = fixture.verify(vkey);
        CHECK(before.checkpoint.size == noted);
        CHECK(before.behind == kEntries - noted);
        CHECK(before.opened == kEntries);

        fixture.open();
        REQUIRE(fixture.log->checkpoint().checkpoint.size == kEntries);
        CHECK(fixture.shown() == shown);
        fixture.check_entries(kEntries);
        // Another start finds nothing left to do; entries go on behind.
        fixture.close();
        fixture.open();
        CHECK(fixture.shown() == shown);
        fixture.fill(kEntries, kEntries + 200);
        fixture.wait_covered(kEntries + 199);
        fixture.check_entries(kEntries + 200);
        fixture.close();
        const auto after = fixture.verify(vkey);
        CHECK(after.checkpoint.size == kEntries + 200);
        CHECK(after.behind == 0);
        CHECK(after.opened == kEntries + 200);
    }
}

TEST_CASE("times go on from the last entry that was taken up") {
    FilesFixture fixture;
    fixture.open();
    fixture.close();
    fixture.keep(fixture.database, "empty");
    fixture.open();
    fixture.fill(0, 30);
    fixture.close();
    fixture.put_back(fixture.database, "empty");
    fixture.clock.set(kStart);
    fixture.open();
    const auto done = fixture.log->append_and_wait({Kind::eligibility, {"{}"}, {}});
    REQUIRE(done);
    CHECK(done->time == time_of(29));
}

TEST_CASE("killed as soon as entries are acknowledged, they are only in log.entries and not lost") {
    const std::uint64_t count = GENERATE(1, kEntries);
    FilesFixture fixture;
    fixture.open();
    const auto vkey = fixture.log->vkey();
    fixture.close();
    kill_inside([&] {
        std::latch writer_inside(1), let_go(1);
        const auto acknowledged = [&](const Result<Appended>& done) {
            if (!done) ::_exit(2);
            // The writer notes a group in log.db when all of it has been acknowledged.
            if (done->index == count - 1) ::raise(SIGKILL);
            if (done->index > 0) return;
            writer_inside.count_down();
            let_go.wait();
        };
        auto log = fixture.try_open();
        if (!log) ::_exit(3);
        const auto append = [&](std::uint64_t index) {
            fixture.clock.set(time_of(index));
            (*log)->append({Kind::eligibility, {detail_of(index)}, token_of(index)}, acknowledged);
        };
        append(0);
        writer_inside.wait();  // the others become one group
        for (std::uint64_t index = 1; index < count; ++index)
            append(index);
        let_go.count_down();
        ::pause();
    });
    const auto left = fixture.verify(vkey);
    CHECK(left.checkpoint.size + left.behind == count);
    CHECK(left.checkpoint.size <= 1);
    CHECK(left.behind >= (count == 1 ? 1 : count - 1));
    fixture.open();
    REQUIRE(fixture.log->checkpoint().checkpoint.size == count);
    fixture.check_entries(count);
    CHECK(fixture.verify(vkey).behind == 0);
}

TEST_CASE("a disk that fails while log.db catches up leaves it to a later start") {
    FilesFixture fixture;
    fixture.open();
    fixture.close();
    fixture.keep(fixture.database, "empty");
    fixture.open();
    fixture.fill(0, kEntries);
    fixture.close();
    FailingDisk disk;
    int failures = 0;
    for (std::int64_t n = 0;; ++n) {
        REQUIRE(n < 1000);
        CAPTURE(n);
        fixture.put_back(fixture.database, "empty");
        disk.arm(n);
        auto opened = fixture.try_open();
        const bool failed = disk.disarm();
        if (!opened) {
            ++failures;
            REQUIRE(failed);
            CHECK(opened.error().code == ErrorCode::storage_unavailable);
        }
        opened = {};
        fixture.open();
        REQUIRE(fixture.log->checkpoint().checkpoint.size == kEntries);
        if (n % 10 == 0 || !failed) fixture.check_entries(kEntries);
        fixture.close();
        if (!failed) break;
    }
    CHECK(failures > 5);
}

TEST_CASE("what stands in log.entries is not written again, only its last group") {
    FilesFixture fixture;
    fixture.open();
    fixture.close();
    fixture.keep(fixture.database, "empty");
    fixture.open();
    fixture.fill(0, kEntries);
    fixture.close();
    fixture.put_back(fixture.database, "empty");
    const FailingDisk disk;
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == kEntries);
    fixture.close();
    CHECK(FailingDisk::written_to_entries() > 0);
    CHECK(FailingDisk::written_to_entries() < std::filesystem::file_size(fixture.entries()) / 10);
}

TEST_CASE("many entries are taken up in transactions of a bounded size") {
    LogFixture fixture;
    fixture.open();
    fixture.close();
    const auto empty = fixture.folder.path() / "empty.db";
    std::filesystem::copy_file(fixture.database, empty);
    fixture.open();
    for (int i = 0; i < 18; ++i)
        fixture.append_many(250);
    fixture.close();
    const auto whole = content(fixture.entries());
    auto file = storage::VfsFile::open(fixture.entries(), storage::VfsFile::Mode::read);
    REQUIRE(file);
    std::size_t detail = 0;
    REQUIRE(storage::visit_entries(*file, 0, 0,
                                   [&](const storage::LogRow& row, storage::Place place) -> Status {
                                       if (row.index == 4200) detail = place.at;
                                       return {};
                                   }));
    // Damage behind the first 4,096 of them: those are in log.db when it is refused.
    auto bad = whole;
    bad[detail] = static_cast<char>(bad[detail] ^ 1);
    put(fixture.entries(), bad);
    std::filesystem::copy_file(empty, fixture.database,
                               std::filesystem::copy_options::overwrite_existing);
    const auto opened = fixture.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().detail.contains("entry 4200"));
    {
        auto database = storage::Database::open(storage::log_database(fixture.database, true));
        REQUIRE(database);
        auto count = database->prepare("SELECT count(*) FROM entry");
        REQUIRE(count);
        REQUIRE(count->step().value());
        CHECK(count->integer(0) == 4096);
    }
    // With the damage mended it goes on from there.
    put(fixture.entries(), whole);
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == 4500);
}
