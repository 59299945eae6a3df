// log.entries as the verifier reads it: to its last byte, whatever log.db says.
#include "gateway/storage/file_lock.h"
#include "gateway/storage/sqlite/entry_file.h"
#include "tests/unit/gateway/audit/log_files_fixture.h"

using namespace log_test;

namespace {

// A closed log of kEntries; where each record begins.
struct RecordsFixture : FilesFixture {
    std::string vkey;
    std::string pristine;
    std::vector<std::size_t> begins = {0};

    RecordsFixture() {
        open();
        fill(0, kEntries);
        wait_covered(kEntries - 1);
        vkey = log->vkey();
        close();
        pristine = content(entries());
        auto file = storage::Database::open(storage::log_database(database, true)).value();
        auto ends = file.prepare("SELECT at+size FROM entry ORDER BY idx").value();
        while (ends.step().value())
            begins.push_back(static_cast<std::size_t>(ends.integer(0)));
        REQUIRE(begins.size() == kEntries + 1);
    }
    [[nodiscard]] std::string record(std::uint64_t index) const {
        return pristine.substr(begins[index], begins[index + 1] - begins[index]);
    }
};

}  // namespace

TEST_CASE("a flipped byte anywhere in a record is found, and its entry named") {
    RecordsFixture fixture;
    // 300: with a token. Of the first and the last a sample.
    for (const auto& [index, step] : {std::pair{300, 1}, {0, 11}, {599, 11}}) {
        const auto entry = static_cast<std::uint64_t>(index);
        for (auto at = fixture.begins[entry]; at < fixture.begins[entry + 1];
             at += static_cast<std::size_t>(step)) {
            CAPTURE(index, at - fixture.begins[entry]);
            auto bytes = fixture.pristine;
            bytes[at] ^= 1;
            put(fixture.entries(), bytes);
            fixture.check_refuted(fixture.vkey, entry);
        }
    }
    put(fixture.entries(), fixture.pristine);
    CHECK(fixture.verify(fixture.vkey).records == kEntries);
}

TEST_CASE("records that are cut off, gone, swapped, doubled or added are found") {
    RecordsFixture fixture;
    const auto& begins = fixture.begins;
    const std::string& good = fixture.pristine;
    const auto head = [&](std::uint64_t index) { return good.substr(0, begins[index]); };
    const auto from = [&](std::uint64_t index) { return good.substr(begins[index]); };
    struct Change {
        const char* what;
        std::string bytes;
        std::uint64_t first_bad;
    };
    const Change changes[] = {
        {"nothing left", "", 0},
        {"only zeros", std::string(good.size(), '\0'), 0},
        {"cut at a record", head(400), 400},
        {"cut in a record", good.substr(0, begins[400] + 50), 400},
        {"the last record cut off", head(599), 599},
        {"the first record gone", from(1), 0},
        {"one record gone", head(17) + from(18), 17},
        {"two records swapped", head(40) + fixture.record(41) + fixture.record(40) + from(42), 40},
        {"a record twice", head(41) + fixture.record(40) + from(41), 41},
        {"a byte more between two", head(256) + "x" + from(256), 256},
        {"bytes behind the last", head(600) + "x", 600},
        {"bytes behind zeros", good + std::string(100, '\0') + "x", 600},
        {"an old record behind the last", head(600) + fixture.record(0), 600},
        {"half of one behind the last", head(600) + fixture.record(599).substr(0, 60), 600},
    };
    for (const auto& change : changes) {
        INFO(change.what);
        put(fixture.entries(), change.bytes);
        fixture.check_refuted(fixture.vkey, change.first_bad);
    }
    put(fixture.entries(), head(600));  // without the zeros ahead
    CHECK(fixture.verify(fixture.vkey).behind == 0);
}

TEST_CASE("where log.db says that a detail lies, and how long it is, must be so") {
    RecordsFixture fixture;
    const std::string change = GENERATE("at=at+1", "size=size-1", "size=size+1", "at=at-1");
    CAPTURE(change);
    fixture.tamper("UPDATE entry SET " + change + " WHERE idx=300");
    fixture.check_refuted(fixture.vkey, 300);
}

TEST_CASE("entries that log.db has not noted are read like all others") {
    RecordsFixture fixture;
    fixture.keep(fixture.database, "db");
    fixture.open();
    fixture.fill(kEntries, kEntries + 100);
    fixture.wait_covered(kEntries + 99);
    fixture.close();
    const auto behind = content(fixture.entries());
    fixture.put_back(fixture.database, "db");
    const auto verified = fixture.verify(fixture.vkey);
    CHECK(verified.checkpoint.size == kEntries);
    CHECK(verified.behind == 100);
    CHECK(verified.opened == kEntries + 100);

    // One byte less than the log, and what is left of a record is no entry.
    auto file = storage::VfsFile::open(fixture.entries(), storage::VfsFile::Mode::read).value();
    std::vector<std::uint64_t> ends;
    REQUIRE(storage::visit_entries(file, 0, 0, [&](const storage::LogRow&, storage::Place place) {
        ends.push_back(place.end());
        return Status{};
    }));
    REQUIRE(ends.size() == kEntries + 100);
    for (const std::uint64_t index : {600, 650, 699}) {
        auto bytes = behind;
        bytes[ends[index] - 1] ^= 1;
        put(fixture.entries(), bytes);
        fixture.check_refuted(fixture.vkey, index);
    }
    put(fixture.entries(), behind.substr(0, ends[650] - 1));
    fixture.check_refuted(fixture.vkey, 650);
    // While somebody writes the log, the last record may be on its way.
    auto lock_file = fixture.database;
    lock_file += ".lock";
    const auto lock = storage::FileLock::take(lock_file);
    REQUIRE(lock);
    CHECK(fixture.verify(fixture.vkey).behind == 50);
}
