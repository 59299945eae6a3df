// A log whose files were cut, changed, removed or put back from an older copy does not start: the
// last signed checkpoint is kept elsewhere too.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "gateway/audit/merkle.h"
#include "gateway/storage/sqlite/log_reader.h"
#include "gateway/storage/sqlite/registry_file.h"
#include "tests/unit/gateway/audit/log_files_fixture.h"

using namespace log_test;

namespace {

struct AnchoredFixture : FilesFixture {
    std::filesystem::path anchor = folder.path() / "elsewhere" / "log.anchor";
    std::filesystem::path registry = folder.path() / "registry.db";

    AnchoredFixture() {
        std::filesystem::create_directories(anchor.parent_path());
        REQUIRE(storage::make_registry(registry));
    }
    [[nodiscard]] LogOptions options() const {
        LogOptions options{database, kOrigin};
        options.anchors.push_back(storage::anchor_file(anchor));
        options.anchors.push_back(storage::anchor_in_registry(registry));
        return options;
    }
    [[nodiscard]] Status create() { return Log::create(options(), *keys, signer, clock); }
    [[nodiscard]] Result<std::unique_ptr<Log>> try_open() {
        return Log::open(options(), *keys, signer, clock);
    }
    void open() {
        if (!std::filesystem::exists(database)) REQUIRE(create());
        auto opened = try_open();
        if (!opened) FAIL(opened.error().detail);
        log = std::move(*opened);
    }

    [[nodiscard]] std::vector<std::filesystem::path> all() const {
        return {database, entries(), anchor, registry};
    }
    void keep_all(const std::string& name) const {
        for (const auto& file : all())
            keep(file, name + file.extension().string());
    }
    void put_all_back(const std::string& name) const {
        for (const auto& file : all())
            put_back(file, name + file.extension().string());
    }
    void put_log_back(const std::string& name) const {
        put_back(database, name + ".db");
        put_back(entries(), name + ".entries");
    }
    // Does not start, and signs nothing more: the anchors stay as they are.
    void check_refused(ErrorCode code, std::initializer_list<std::string_view> words) {
        const auto before = std::filesystem::exists(anchor) ? content(anchor) : std::string("none");
        const auto opened = try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == code);
        CAPTURE(opened.error().detail);
        for (const auto word : words) {
            CAPTURE(word);
            CHECK(opened.error().detail.contains(word));
        }
        CHECK((std::filesystem::exists(anchor) ? content(anchor) : std::string("none")) == before);
        // Else it would be applied to the copy that is put in log.db's place.
        CHECK_FALSE(std::filesystem::exists(database.string() + "-wal"));
    }
};

// 600 entries in files "now", the first 500 of them in files "old" (kept before the rest came).
struct GrownFixture : AnchoredFixture {
    GrownFixture() {
        open();
        fill(0, 500);
        close();
        // As on Monday; log.db and registry.db share an extension, so registry.db is kept apart.
        std::filesystem::copy_file(database, kept("old.db"));
        std::filesystem::copy_file(entries(), kept("old.entries"));
        std::filesystem::copy_file(anchor, kept("old.anchor"));
        std::filesystem::copy_file(registry, kept("old.registry"));
        open();
        fill(500, kEntries);
        close();
        std::filesystem::copy_file(database, kept("now.db"));
        std::filesystem::copy_file(entries(), kept("now.entries"));
        std::filesystem::copy_file(anchor, kept("now.anchor"));
        std::filesystem::copy_file(registry, kept("now.registry"));
    }
    void restore() const {
        put_back(database, "now.db");
        put_back(entries(), "now.entries");
        put_back(anchor, "now.anchor");
        put_back(registry, "now.registry");
    }
    void starts_again() {
        restore();
        open();
        CHECK(log->checkpoint().checkpoint.size == kEntries);
        close();
    }
};

// What anybody can do who has the file: makes the checksum of the record at `at` right again.
void make_checksum(std::string& file, std::size_t at) {
    const auto bytes = get_u32be(as_bytes(file).subspan(at + 4));
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(at + 28), 8, '\0');
    Bytes sum;
    put_u64be(sum, XXH3_64bits(file.data() + at, bytes));
    std::ranges::copy(sum, file.begin() + static_cast<std::ptrdiff_t>(at + 28));
}

// The same entry without its MAC, in version 1, at the end of `out`.
void put_old_record(std::string& out, const storage::LogRow& row) {
    Bytes head;
    const auto magic = as_bytes(std::string_view("SHE1"));
    head.insert(head.end(), magic.begin(), magic.end());
    put_u32be(head, static_cast<std::uint32_t>(36 + row.leaf.size() + row.token.size() +
                                               row.sealed.size()));
    put_u64be(head, row.index);
    put_u64be(head, row.index);
    put_u16be(head, static_cast<std::uint16_t>(row.leaf.size()));
    put_u16be(head, static_cast<std::uint16_t>(row.token.size()));
    put_u64be(head, 0);
    const auto at = out.size();
    for (const BytesView part : {BytesView(head), row.leaf, row.token, row.sealed})
        out += as_text(part);
    make_checksum(out, at);
}

// Where the records of log.entries begin.
std::vector<std::size_t> begins(const std::string& file) {
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at + 52 < file.size() && file.starts_with("SHE2");) {
        const auto bytes = get_u32be(as_bytes(file).subspan(at + 4));
        if (bytes == 0) break;
        found.push_back(at);
        at += bytes;
    }
    return found;
}

}  // namespace

TEST_CASE("an edited log.entries whose checksums were made again is not taken up") {
    GrownFixture fixture;
    // log.db as it was when it was made: all of log.entries is taken up.
    fixture.tamper("DELETE FROM entry; DELETE FROM tile");
    {
        auto database = storage::Database::open(storage::log_database(fixture.database, false));
        REQUIRE(database);
        const auto empty = sign_checkpoint({kOrigin, 0, empty_root()}, fixture.signer);
        REQUIRE(database->execute("UPDATE checkpoint SET size=0, text='" + empty.text + "'"));
    }
    fixture.keep(fixture.database, "empty.db");
    const auto whole = content(fixture.entries());
    const auto records = begins(whole);
    REQUIRE(records.size() == kEntries);
    struct Edit {
        const char* what;
        std::size_t offset;  // in the record
        bool checksum;
    };
    const Edit edits[] = {
        {"magic", 3, false},          {"length", 7, false},       {"index", 15, true},
        {"group", 23, false},         {"leaf length", 25, false}, {"token length", 27, false},
        {"checksum", 30, false},      {"mac", 40, true},          {"mac alone", 40, false},
        {"leaf", 60, true},           {"leaf alone", 60, false},  {"token or detail", 100, true},
        {"detail alone", 130, false},
    };
    for (const auto& [what, offset, checksum] : edits)
        for (const std::size_t index : {std::size_t{0}, std::size_t{300}, kEntries - 1}) {
            auto bad = whole;
            const auto at = records[index];
            bad[at + offset] = static_cast<char>(bad[at + offset] ^ 1);
            if (checksum) make_checksum(bad, at);
            // What the leaf commits to is not in the MAC: such a detail does not open.
            if (what == std::string_view("token or detail") && !token_of(index)) continue;
            CAPTURE(what, index);
            put(fixture.entries(), bad);
            fixture.put_back(fixture.database, "empty.db");
            // A last record may look cut short, as when it claims more than there is, or has the
            // zeros of its head at a sector's edge; the anchors know it.
            if (what == std::string_view("length") || index == kEntries - 1)
                fixture.check_refused(ErrorCode::corrupt, {});
            else
                fixture.check_refused(ErrorCode::corrupt, {"where entry ", " is expected"});
            CHECK(content(fixture.entries()) == bad);
        }
    // Every record in version 1, which needs no key.
    std::string old;
    {
        auto file =
            storage::VfsFile::open(fixture.kept("now.entries"), storage::VfsFile::Mode::read);
        REQUIRE(file);
        REQUIRE(storage::visit_entries(*file, 0, 0,
                                       [&](const storage::LogRow& row, storage::Place) -> Status {
                                           put_old_record(old, row);
                                           return {};
                                       }));
    }
    put(fixture.entries(), old);
    fixture.put_back(fixture.database, "empty.db");
    fixture.check_refused(ErrorCode::corrupt, {"where entry 0 is expected", "key ring"});
    fixture.starts_again();
}

TEST_CASE("with the keys verify names a record that another key wrote") {
    GrownFixture fixture;
    fixture.open();
    const auto vkey = fixture.log->vkey();
    fixture.close();
    const auto whole = content(fixture.entries());
    const auto records = begins(whole);
    REQUIRE(verify_database(fixture.database, vkey, fixture.keys.get(), kSilent));
    for (const std::size_t index : {std::size_t{0}, std::size_t{300}, kEntries - 1}) {
        CAPTURE(index);
        auto bad = whole;
        bad[records[index] + 36] = static_cast<char>(bad[records[index] + 36] ^ 1);
        make_checksum(bad, records[index]);
        put(fixture.entries(), bad);
        const auto verified = verify_database(fixture.database, vkey, fixture.keys.get(), kSilent);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().error.code == ErrorCode::corrupt);
        CHECK(verified.error().first_bad == index);
    }
}

TEST_CASE("entries that somebody else wrote behind the last are not taken up") {
    GrownFixture fixture;
    auto bytes = content(fixture.entries());
    const Bytes leaf(42, 7);
    const Bytes sealed(60, 9);
    const storage::LogRow row{.index = kEntries, .leaf = leaf, .token = {}, .sealed = sealed};
    const auto end = bytes.find_last_not_of('\0') + 1;
    bytes.resize(end);
    put_old_record(bytes, row);
    put(fixture.entries(), bytes);
    fixture.check_refused(ErrorCode::corrupt, {"where entry 600 is expected", "key ring"});
    fixture.starts_again();
}

TEST_CASE(
    "verify says of entries behind the last signed one that no key was needed to write them") {
    GrownFixture fixture;
    const auto vkey = make_vkey(kOrigin, fixture.signer.ed25519_public().value());
    const auto leaf = encode(Leaf{.time = kStart + std::chrono::hours(24), .kind = Kind::denial});
    const Bytes sealed(60, 9);
    auto bytes = content(fixture.entries());
    bytes.resize(bytes.find_last_not_of('\0') + 1);
    put_old_record(bytes, {.index = kEntries, .leaf = leaf, .token = {}, .sealed = sealed});
    put(fixture.entries(), bytes);
    const auto without_keys = verify_database(fixture.database, vkey, nullptr, kSilent);
    REQUIRE(without_keys);
    CHECK(without_keys->behind == 1);
    CHECK(without_keys->behind_without_key == 1);
    // Behind records with a key there is none without: with the keys it is forged.
    CHECK_FALSE(verify_database(fixture.database, vkey, fixture.keys.get(), kSilent));
}

TEST_CASE("with the newest checkpoint gone log.db's rows are held against log.entries") {
    GrownFixture fixture;
    fixture.put_back(fixture.anchor, "old.anchor");
    fixture.put_back(fixture.registry, "old.registry");
    const auto old = content(fixture.kept("old.anchor"));
    fixture.tamper("UPDATE checkpoint SET size=500, text='" + old + "'");
    fixture.keep(fixture.database, "500.db");
    for (const char* sql :
         {"UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=590) WHERE idx=595",
          "UPDATE entry SET token=NULL WHERE idx=597", "UPDATE entry SET at=at+1 WHERE idx=550",
          "UPDATE entry SET token=leaf WHERE idx=598"}) {
        CAPTURE(sql);
        fixture.put_back(fixture.database, "500.db");
        fixture.tamper(sql);
        fixture.check_refused(ErrorCode::corrupt, {});
    }
    fixture.starts_again();
}

TEST_CASE("a keyed log without any anchor is not taken for an old one") {
    GrownFixture fixture;
    std::filesystem::remove(fixture.anchor);
    std::filesystem::remove(fixture.registry);
    REQUIRE(storage::make_registry(fixture.registry));
    fixture.check_refused(ErrorCode::corrupt, {"log.anchor", "is not kept here"});
    fixture.starts_again();
}

TEST_CASE("a log of before there were anchors starts, gets them, and goes on with keyed records") {
    AnchoredFixture fixture;
    fixture.open();
    fixture.fill(0, 300);
    fixture.close();
    std::string old;
    {
        auto file = storage::VfsFile::open(fixture.entries(), storage::VfsFile::Mode::read);
        REQUIRE(file);
        std::string places;
        REQUIRE(storage::visit_entries(
            *file, 0, 0, [&](const storage::LogRow& row, storage::Place) -> Status {
                put_old_record(old, row);
                places += "UPDATE entry SET at=" + std::to_string(old.size() - row.sealed.size()) +
                          " WHERE idx=" + std::to_string(row.index) + ";";
                return {};
            }));
        fixture.tamper(places);
    }
    put(fixture.entries(), old);
    SECTION("none was made yet") {
        std::filesystem::remove(fixture.anchor);
        std::filesystem::remove(fixture.registry);
        REQUIRE(storage::make_registry(fixture.registry));
    }
    SECTION("its first start ended behind the file") {
        std::filesystem::remove(fixture.registry);
        REQUIRE(storage::make_registry(fixture.registry));
    }
    SECTION("its first start ended behind the row") {
        std::filesystem::remove(fixture.anchor);
    }
    fixture.open();
    CHECK(content(fixture.anchor).starts_with(kOrigin + "\n300\n"));
    fixture.fill(300, 400);
    fixture.close();
    CHECK(content(fixture.entries()).substr(old.size(), 4) == "SHE2");
    fixture.open();
    fixture.check_entries(400);
    fixture.close();
    // From now on both are needed.
    std::filesystem::remove(fixture.anchor);
    fixture.check_refused(ErrorCode::corrupt, {"log.anchor", "is not kept here"});
}

TEST_CASE("only create() makes a log, and only where none was") {
    AnchoredFixture fixture;
    fixture.check_refused(ErrorCode::not_found, {"no log here", "shikaku init", "volume mounted"});
    CHECK_FALSE(std::filesystem::exists(fixture.database));
    CHECK_FALSE(std::filesystem::exists(fixture.entries()));
    REQUIRE(fixture.create());
    CHECK(content(fixture.anchor).starts_with(kOrigin + "\n0\n"));
    CHECK(fixture.create().error().code == ErrorCode::conflict);
    fixture.open();
    fixture.append("{}");
    fixture.close();
    CHECK(content(fixture.anchor).starts_with(kOrigin + "\n1\n"));
    CHECK(fixture.create().error().code == ErrorCode::conflict);
    // Also without anchors: the entries are there.
    CHECK(Log::create({fixture.database, kOrigin}, *fixture.keys, fixture.signer, fixture.clock)
              .error()
              .code == ErrorCode::conflict);
}

TEST_CASE("an emptied data directory is neither served nor made anew") {
    GrownFixture fixture;
    std::filesystem::remove(fixture.database);
    std::filesystem::remove(fixture.entries());
    SECTION("both files, registry.db stayed") {}
    SECTION("everything: the volume is not mounted") {
        std::filesystem::remove(fixture.registry);
    }
    SECTION("everything but registry.db") {
        std::filesystem::remove(fixture.anchor);
    }
    fixture.check_refused(ErrorCode::not_found, {"no log here", "shikaku continue-log"});
    if (!std::filesystem::exists(fixture.registry))
        REQUIRE(storage::make_registry(fixture.registry));
    const auto created = fixture.create();
    REQUIRE_FALSE(created);
    CHECK(created.error().code == ErrorCode::conflict);
    CHECK(created.error().detail.contains("a log was here"));
    CHECK_FALSE(std::filesystem::exists(fixture.database));
    fixture.starts_again();
}

TEST_CASE("an older pair of files is refused by either anchor") {
    GrownFixture fixture;
    fixture.put_log_back("old");
    const std::initializer_list<std::string_view> words = {
        "600 entries were signed", "500 entries are here", "log.db", "log.entries", "+09:00",
        "newest backup",           "shikaku continue-log"};
    SECTION("both anchors know more") {
        fixture.check_refused(ErrorCode::corrupt, words);
    }
    SECTION("the file is older too") {
        fixture.put_back(fixture.anchor, "old.anchor");
        fixture.check_refused(ErrorCode::corrupt, words);
    }
    SECTION("registry.db is older too") {
        fixture.put_back(fixture.registry, "old.registry");
        fixture.check_refused(ErrorCode::corrupt, words);
    }
    fixture.starts_again();
}

TEST_CASE("a log that went on otherwise than its anchor knows does not start") {
    GrownFixture fixture;
    fixture.put_log_back("old");
    fixture.put_back(fixture.anchor, "old.anchor");
    fixture.put_back(fixture.registry, "old.registry");
    fixture.open();
    fixture.fill(500, kEntries);
    fixture.close();
    fixture.put_back(fixture.anchor, "now.anchor");
    fixture.check_refused(ErrorCode::corrupt, {"the log is not what was signed", "600 entries"});
    fixture.starts_again();
}

TEST_CASE("older anchors under a newer log are what a crash leaves, and are brought up") {
    GrownFixture fixture;
    fixture.put_back(fixture.anchor, "old.anchor");
    fixture.put_back(fixture.registry, "old.registry");
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == kEntries);
    CHECK(content(fixture.anchor) == fixture.log->checkpoint().text);
}

TEST_CASE("with the newest checkpoint gone a changed leaf, or a shorter log, is not signed") {
    GrownFixture fixture;
    // The row before it, of the same log.
    const auto old = content(fixture.kept("old.anchor"));
    const auto as_of_500 = "UPDATE checkpoint SET size=500, text='" + old + "';";
    SECTION("a leaf behind it changed") {
        fixture.tamper(
            as_of_500 +
            "UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=550) WHERE idx=560");
        fixture.check_refused(ErrorCode::corrupt, {});
    }
    SECTION("the entries behind it deleted, and the end of log.entries cut") {
        fixture.tamper(as_of_500 + "DELETE FROM entry WHERE idx>=500");
        fixture.put_back(fixture.entries(), "old.entries");
        fixture.check_refused(ErrorCode::corrupt, {"600 entries were signed", "500 entries"});
    }
    fixture.starts_again();
}

TEST_CASE("a missing, foreign or damaged anchor is named") {
    GrownFixture fixture;
    SECTION("the file is gone") {
        std::filesystem::remove(fixture.anchor);
        // Entries with a place of their own are of before there were anchors only when every
        // record is: here they are not.
        fixture.check_refused(ErrorCode::corrupt, {"log.anchor", "is not kept here", "mounted"});
    }
    SECTION("registry.db is gone") {
        std::filesystem::remove(fixture.registry);
        fixture.check_refused(ErrorCode::corrupt, {"registry.db", "is not kept here"});
    }
    SECTION("another log's") {
        AnchoredFixture other;
        other.open();
        other.append("{}");
        other.close();
        put(fixture.anchor, content(other.anchor));
        fixture.check_refused(ErrorCode::corrupt, {"log.anchor", "not one of this log"});
    }
    SECTION("any byte of it changed") {
        const auto whole = content(fixture.anchor);
        for (std::size_t at = 0; at < whole.size(); ++at) {
            auto bad = whole;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            put(fixture.anchor, bad);
            CAPTURE(at);
            REQUIRE_FALSE(fixture.try_open());
        }
    }
    SECTION("empty") {
        put(fixture.anchor, "");
        fixture.check_refused(ErrorCode::corrupt, {"log.anchor"});
    }
    fixture.starts_again();
}

TEST_CASE("a start that cannot write an anchor says which") {
    GrownFixture fixture;
    std::filesystem::remove_all(fixture.anchor.parent_path());
    std::filesystem::create_directories(fixture.anchor);  // a folder in its place
    const auto opened = fixture.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().detail.contains("log.anchor"));
}
