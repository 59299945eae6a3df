// A log whose files were cut, changed, removed or put back from an older copy does not start: the
// last signed checkpoint is kept elsewhere too.
#include "gateway/storage/registry_file.h"
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

}  // namespace

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
