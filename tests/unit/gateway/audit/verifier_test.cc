#include "gateway/audit/verifier.h"

#include <sqlite3.h>

#include <map>

#include "gateway/audit/tile_path.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/audit/tree_verifier.h"
#include "gateway/storage/sqlite/log_reader.h"
#include "tests/unit/gateway/audit/log_files_fixture.h"

using namespace log_test;

namespace {

// A closed log of 1,100 entries with checkpoints of three minutes.
struct VerifierFixture : FilesFixture {
    std::string vkey;
    VerifierFixture() {
        open();
        std::uint64_t size = 0;
        for (const std::uint64_t count : {300, 400, 400}) {
            append_many(count);
            size += count;
            wait_covered(size - 1);
            clock.advance(std::chrono::minutes(1));
        }
        vkey = log->vkey();
        close();
        std::filesystem::copy_file(database, pristine());
    }
    [[nodiscard]] std::filesystem::path pristine() const { return folder.path() / "pristine.db"; }
    void restore() const {
        std::filesystem::copy_file(pristine(), database,
                                   std::filesystem::copy_options::overwrite_existing);
    }
};

// All resources of a log, as a static host would serve them.
std::map<std::string, Bytes> publish(const Log& log) {
    std::map<std::string, Bytes> files;
    const auto checkpoint = log.checkpoint();
    files["checkpoint"].assign(checkpoint.text.begin(), checkpoint.text.end());
    const auto size = checkpoint.checkpoint.size;
    const auto put = [&](bool entries, int level) {
        const auto count = nodes_at_level(size, level);
        for (std::uint64_t n = 0; n * 256 < count; ++n) {
            const auto width = static_cast<int>(std::min<std::uint64_t>(256, count - n * 256));
            files[to_string(TilePath{entries, level, n, width})] =
                entries ? log.entry_bundle(n, width).value() : log.tile(level, n, width).value();
        }
    };
    put(true, 0);
    for (int level = 0; level < kTileLevels; ++level)
        put(false, level);
    return files;
}

FetchResource serve(const std::map<std::string, Bytes>& files) {
    return [&files](const std::string& name) -> Result<Bytes> {
        const auto found = files.find(name);
        if (found == files.end()) return fail(ErrorCode::not_found, name);
        return found->second;
    };
}

}  // namespace

TEST_CASE("a good database file verifies, with and without the key ring") {
    VerifierFixture fixture;
    std::uint64_t last = 0;
    const auto plain = verify_database(fixture.database, fixture.vkey, nullptr,
                                       [&last](std::uint64_t done, std::uint64_t total) {
                                           CHECK(done > last);
                                           CHECK(total == 1100);
                                           last = done;
                                       });
    REQUIRE(plain);
    CHECK(last == 1100);
    CHECK(plain->checkpoint.size == 1100);
    CHECK(plain->checkpoints == 3);
    CHECK(plain->behind == 0);
    CHECK(plain->opened == 0);
    const auto opened =
        verify_database(fixture.database, fixture.vkey, fixture.keys.get(), kSilent);
    REQUIRE(opened);
    CHECK(opened->opened == 1100);
    CHECK(opened->records == 1100);
}

TEST_CASE("a changed database file is refused and the first bad index named") {
    VerifierFixture fixture;
    struct Change {
        const char* sql;
        std::optional<std::uint64_t> first_bad;
    };
    const Change changes[] = {
        // entry
        {"UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=1) WHERE idx=0", 0},
        {"UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=1) WHERE idx=517", 517},
        {"UPDATE entry SET leaf=x'00' WHERE idx=600", 600},
        {"UPDATE entry SET leaf=CAST(substr(leaf, 1, 10)||zeroblob(32) AS BLOB) WHERE idx=1050",
         1050},
        {"UPDATE entry SET token=zeroblob(32) WHERE idx=3", 3},
        {"UPDATE entry SET at=NULL, size=NULL WHERE idx=0", 0},
        {"UPDATE entry SET at=NULL WHERE idx=518", 518},
        {"UPDATE entry SET at=(SELECT at FROM entry WHERE idx=1),"
         " size=(SELECT size FROM entry WHERE idx=1) WHERE idx=612",
         612},
        {"UPDATE entry SET at=at+1 WHERE idx=0", 0},
        {"UPDATE entry SET at=-at WHERE idx=8", 8},
        {"UPDATE entry SET at=at+1000000000 WHERE idx=612", 612},
        {"UPDATE entry SET size=size-1 WHERE idx=1099", 1099},
        {"UPDATE entry SET size=0 WHERE idx=8", 8},
        {"UPDATE entry SET size=200000 WHERE idx=3", 3},
        {"UPDATE entry SET size='x' WHERE idx=0", 0},
        {"UPDATE entry SET size=-size WHERE idx=7", 7},  // erased, and no entry says by whom
        {"DELETE FROM entry WHERE idx=0", 0},
        {"DELETE FROM entry WHERE idx=800", 800},
        {"DELETE FROM entry WHERE idx=1099", 1099},
        {"INSERT INTO entry SELECT -1, leaf, token, at, size FROM entry WHERE idx=0", std::nullopt},
        {"INSERT INTO entry SELECT 1100, leaf, token, at, size FROM entry WHERE idx=0", 1100},
        {"UPDATE entry SET idx=5000 WHERE idx=4; UPDATE entry SET idx=4 WHERE idx=5;"
         "UPDATE entry SET idx=5 WHERE idx=5000",
         4},
        // detail
        {"INSERT INTO detail VALUES (4, x'00')", 4},
        // tile
        {"UPDATE tile SET hashes=zeroblob(32)||substr(hashes, 33) WHERE id=16", 256},
        {"UPDATE tile SET hashes=substr(hashes, 1, 8128)||zeroblob(64) WHERE id=8", 254},
        {"UPDATE tile SET hashes=substr(hashes, 33) WHERE id=24", 512},
        {"DELETE FROM tile WHERE id=8", 0},
        {"UPDATE tile SET id=7 WHERE id=16", 256},
        {"INSERT INTO tile SELECT 40, hashes FROM tile WHERE id=8", std::nullopt},
        // checkpoint
        {"UPDATE checkpoint SET text=(SELECT text FROM checkpoint WHERE size=1100) WHERE size=300",
         300},
        {"UPDATE checkpoint SET size=301 WHERE size=300", 301},
        {"UPDATE checkpoint SET size=2000 WHERE size=300", std::nullopt},
        {"UPDATE checkpoint SET size=1000 WHERE size=1100", std::nullopt},
        {"UPDATE checkpoint SET minute=minute+100 WHERE size=300", 1100},
        {"UPDATE checkpoint SET text=replace(text, '1100', '1099') WHERE size=1100", std::nullopt},
        {"DELETE FROM checkpoint", std::nullopt},
    };
    for (const auto& change : changes) {
        INFO(change.sql);
        fixture.restore();
        fixture.tamper(change.sql);
        fixture.check_refuted(fixture.vkey, change.first_bad);
    }
    fixture.restore();
    CHECK(verify_database(fixture.database, fixture.vkey, fixture.keys.get(), kSilent));
}

TEST_CASE("an index of changes that leaves one out is found") {
    FilesFixture fixture;
    fixture.open();
    fixture.append("{}", Kind::start);
    fixture.append_many(4);
    fixture.append("{}", Kind::registry_switch);
    fixture.append("{}", Kind::stop);
    const auto vkey = fixture.log->vkey();
    fixture.close();
    CHECK(fixture.verify(vkey).records == 7);
    // Our own connections refuse to write the schema.
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(fixture.database.c_str(), &raw) == SQLITE_OK);
    const char* sql =
        "CREATE TEMP TABLE good AS SELECT sql FROM sqlite_schema WHERE name='entry_change';"
        "DROP INDEX entry_change;"
        "CREATE INDEX entry_change ON entry(idx) WHERE idx<>5 AND "
        "instr(x'0405090a', substr(leaf, 10, 1)) > 0;"
        "PRAGMA writable_schema=ON;"
        "UPDATE sqlite_schema SET sql=(SELECT sql FROM good) WHERE name='entry_change'";
    REQUIRE(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(raw);
    fixture.check_refuted(vkey, 5);
}

TEST_CASE("an entry that is older than the one before is named, wherever it stands") {
    TreeVerifier tree({}, {});
    const auto add = [&tree](int seconds) {
        return tree.add(encode(Leaf{.time = Instant(std::chrono::seconds(seconds))}),
                        TreeVerifier::Tiles::none);
    };
    REQUIRE(add(10));
    REQUIRE(add(10));
    REQUIRE(add(20));
    const auto older = add(19);
    REQUIRE_FALSE(older);
    CHECK(older.error().first_bad == 3);
}

TEST_CASE("a signed root that the entries do not give is refused") {
    VerifierFixture fixture;
    for (const std::uint64_t size : {700, 1100}) {
        fixture.restore();
        const auto forged = sign_checkpoint({kOrigin, size, empty_root()}, fixture.signer);
        fixture.tamper("UPDATE checkpoint SET text='" + forged.text +
                       "' WHERE size=" + std::to_string(size));
        // The first entry behind the last checkpoint that was right.
        fixture.check_refuted(fixture.vkey, size == 700 ? 300 : 700);
    }
}

TEST_CASE("another key, another file and no file are refused") {
    VerifierFixture fixture;
    const auto other = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    const auto other_vkey = make_vkey(kOrigin, other.ed25519_public().value());
    const auto code = [&](const std::filesystem::path& file, std::string_view vkey) {
        const auto verified = verify_database(file, vkey, nullptr, kSilent);
        REQUIRE_FALSE(verified);
        return verified.error().error.code;
    };
    CHECK(code(fixture.database, other_vkey) == ErrorCode::corrupt);
    CHECK(code(fixture.database, "nonsense") == ErrorCode::bad_key);
    CHECK(code(fixture.keyring_file, fixture.vkey) == ErrorCode::corrupt);
    CHECK(code(fixture.folder.path() / "none.db", fixture.vkey) == ErrorCode::storage_unavailable);
    const auto keyring = fixture.folder.path() / "other.json";
    REQUIRE(write_file(keyring, crypto::KeyRing::generate_json(), 0600));
    const auto keys = crypto::KeyRing::load(keyring);
    REQUIRE(keys);
    CHECK_FALSE(verify_database(fixture.database, fixture.vkey, keys->get(), kSilent));
}

TEST_CASE("a log in use verifies, and entries not signed yet are counted") {
    VerifierFixture fixture;
    fixture.open();
    CHECK(verify_database(fixture.database, fixture.vkey, fixture.keys.get(), kSilent));
    fixture.close();
    fixture.tamper("DELETE FROM checkpoint WHERE size=1100");
    const auto verified =
        verify_database(fixture.database, fixture.vkey, fixture.keys.get(), kSilent);
    REQUIRE(verified);
    CHECK(verified->checkpoint.size == 700);
    CHECK(verified->behind == 400);
}

TEST_CASE("a kept checkpoint or receipt must be of the log's own past") {
    VerifierFixture fixture;
    fixture.open();
    const auto files = publish(*fixture.log);
    const auto receipt = fixture.log->receipt(5).value();
    fixture.close();
    const auto root_at = [&](std::uint64_t size) {
        TileTree tree;
        std::vector<FullTile> full;
        auto file = storage::Database::open(storage::log_database(fixture.database, true)).value();
        auto reader = storage::LogReader::prepare(file).value();
        REQUIRE(reader.visit_leaves(0, size, [&](std::uint64_t, BytesView leaf) -> Status {
            tree.append(leaf_hash(leaf), full);
            return {};
        }));
        return tree.root();
    };
    const auto note = [&](std::uint64_t size, const Hash256& root) {
        return sign_checkpoint({kOrigin, size, root}, fixture.signer).text;
    };
    const auto check = [&](const std::vector<std::string>& texts) {
        std::vector<KeptCheckpoint> kept;
        for (const std::string& text : texts) {
            auto read = read_kept_checkpoint(text, fixture.vkey);
            REQUIRE(read);
            kept.push_back({"file-" + std::to_string(kept.size()), std::move(*read)});
        }
        const auto from_files =
            verify_database(fixture.database, fixture.vkey, nullptr, kSilent, kept);
        const auto from_tiles = verify_tiles(serve(files), fixture.vkey, kSilent, kept);
        REQUIRE(from_files.has_value() == from_tiles.has_value());
        if (from_files) {
            CHECK(from_files->kept == kept.size());
            CHECK(from_tiles->kept == kept.size());
            return std::pair(std::string(), std::optional<std::uint64_t>());
        }
        CHECK(from_files.error().error.code == ErrorCode::corrupt);
        CHECK(from_files.error().error.detail == from_tiles.error().error.detail);
        CHECK(from_files.error().first_bad == from_tiles.error().first_bad);
        return std::pair(from_files.error().error.detail, from_files.error().first_bad);
    };

    // What was signed, at sizes with a stored checkpoint and without, with or without a full tile.
    for (const std::uint64_t size : {0, 1, 255, 256, 257, 300, 699, 1099, 1100}) {
        INFO(size);
        CHECK(check({note(size, root_at(size))}).first.empty());
    }
    CHECK(check({receipt, note(1100, root_at(1100)), note(3, root_at(3))}).first.empty());

    const auto other = root_at(42);
    for (const std::uint64_t size : {0, 1, 256, 300, 700, 1100}) {
        INFO(size);
        const auto [detail, first_bad] = check({note(size, other)});
        CHECK(detail.contains("the past was changed after file-0"));
        CHECK(first_bad == 0);
    }
    // Two that agree narrow it down, in whatever order they are given.
    const auto [changed, from] =
        check({note(900, other), note(700, root_at(700)), note(5, root_at(5))});
    CHECK(changed.contains("file-0"));
    CHECK(from == 700);

    const auto [smaller, end] = check({note(1101, other)});
    CHECK(smaller == "the log is smaller than it was: 1101 entries in file-0, 1100 here");
    CHECK(end == 1100);
}

TEST_CASE("what is no checkpoint of this log is not held against it") {
    LogFixture fixture;
    fixture.open();
    fixture.append("{}");
    fixture.wait_covered(0);
    const auto vkey = fixture.log->vkey();
    const auto good = fixture.log->checkpoint().text;
    auto receipt = fixture.log->receipt(0).value();
    REQUIRE(read_kept_checkpoint(good, vkey));
    REQUIRE(read_kept_checkpoint(receipt, vkey).value().size == 1);

    const auto elsewhere = sign_checkpoint(
        {"other.example/log", 1, fixture.log->checkpoint().checkpoint.root}, fixture.signer);
    const auto other = read_kept_checkpoint(elsewhere.text, vkey);
    REQUIRE_FALSE(other);
    CHECK(other.error().detail ==
          "a checkpoint of another log: other.example/log, and the key is of " + kOrigin);
    const auto stranger = sign_checkpoint(fixture.log->checkpoint().checkpoint,
                                          crypto::SigningKey::generate(crypto::Algorithm::EdDSA));
    receipt.insert(receipt.find("\n\n"), "x");
    for (const std::string& bad :
         {stranger.text, receipt, good.substr(0, good.size() - 1), std::string(), std::string("x"),
          std::string("{}"), std::string("c2sp.org/tlog-proof@v1\n"), "\n" + good}) {
        INFO(bad);
        const auto read = read_kept_checkpoint(bad, vkey);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::corrupt);
    }
    CHECK(read_kept_checkpoint(good, "nonsense").error().code == ErrorCode::bad_key);
}

TEST_CASE("an empty log verifies") {
    LogFixture fixture;
    fixture.open();
    const auto files = publish(*fixture.log);
    CHECK(files.size() == 1);
    CHECK(verify_tiles(serve(files), fixture.log->vkey(), kSilent));
    CHECK(verify_database(fixture.database, fixture.log->vkey(), nullptr, kSilent));
}

TEST_CASE("tiles verify from memory, from a folder, and with full tiles for partial ones") {
    VerifierFixture fixture;
    fixture.open();
    auto files = publish(*fixture.log);
    const auto verified = verify_tiles(serve(files), fixture.vkey, kSilent);
    REQUIRE(verified);
    CHECK(verified->checkpoint.size == 1100);

    const auto folder = fixture.folder.path() / "static";
    for (const auto& [name, bytes] : files) {
        std::filesystem::create_directories((folder / name).parent_path());
        REQUIRE(write_file(folder / name, as_text(bytes)));
    }
    CHECK(verify_tiles(fetch_from_folder(folder), fixture.vkey, kSilent));
    CHECK_FALSE(verify_tiles(fetch_from_folder(folder / "none"), fixture.vkey, kSilent));

    // The log has grown since the checkpoint; the host keeps only what is full now.
    fixture.append_many(300);
    fixture.wait_covered(1399);
    auto later = publish(*fixture.log);
    later["checkpoint"] = files["checkpoint"];
    later["tile/1/000.p/4"] = files["tile/1/000.p/4"];
    CHECK_FALSE(later.contains("tile/0/004.p/76"));
    CHECK(verify_tiles(serve(later), fixture.vkey, kSilent));
}

TEST_CASE("changed or missing tiles are refused and the first bad index named") {
    VerifierFixture fixture;
    fixture.open();
    const auto good = publish(*fixture.log);
    REQUIRE(good.contains("tile/entries/004.p/76"));
    REQUIRE(good.contains("tile/1/000.p/4"));
    using Files = std::map<std::string, Bytes>;
    struct Change {
        const char* what;
        std::function<void(Files&)> make;
        std::optional<std::uint64_t> first_bad;
    };
    constexpr std::size_t kRow = 2 + kLeafBytes;
    const Change changes[] = {
        {"an entry", [](Files& f) { f["tile/entries/002"][5 * kRow + 20] ^= 1; }, 517},
        {"an entry in a partial bundle",
         [](Files& f) { f["tile/entries/004.p/76"][9 * kRow + 20] ^= 1; }, 1033},
        {"two entries swapped",
         [](Files& f) {
             auto& bundle = f["tile/entries/001"];
             std::swap_ranges(bundle.begin(), bundle.begin() + kRow, bundle.begin() + kRow);
         },
         256},
        {"a length", [](Files& f) { f["tile/entries/000"][3 * kRow + 1] = 41; }, 3},
        {"a cut bundle", [](Files& f) { f["tile/entries/001"].resize(10 * kRow + 5); }, 266},
        {"a long bundle", [](Files& f) { f["tile/entries/001"].push_back(0); }, 512},
        {"an empty bundle", [](Files& f) { f["tile/entries/001"].clear(); }, 256},
        {"a missing bundle", [](Files& f) { f.erase("tile/entries/003"); }, 768},
        {"a hash", [](Files& f) { f["tile/0/001"][100 * 32] ^= 1; }, 356},
        {"a hash in a partial tile", [](Files& f) { f["tile/0/004.p/76"][32] ^= 1; }, 1025},
        {"a hash one level up", [](Files& f) { f["tile/1/000.p/4"][64] ^= 1; }, 512},
        {"a cut tile", [](Files& f) { f["tile/0/001"].resize(8191); }, 256},
        {"a missing tile", [](Files& f) { f.erase("tile/0/000"); }, 0},
        {"a missing partial tile", [](Files& f) { f.erase("tile/1/000.p/4"); }, 0},
        {"the checkpoint", [](Files& f) { f["checkpoint"][25] ^= 1; }, std::nullopt},
    };
    for (const auto& change : changes) {
        INFO(change.what);
        auto files = good;
        change.make(files);
        const auto verified = verify_tiles(serve(files), fixture.vkey, kSilent);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().error.code == ErrorCode::corrupt);
        CHECK(verified.error().first_bad == change.first_bad);
    }
    const FetchResource unreachable = [](const std::string&) -> Result<Bytes> {
        return fail(ErrorCode::source_unavailable);
    };
    CHECK(verify_tiles(unreachable, fixture.vkey, kSilent).error().error.code ==
          ErrorCode::source_unavailable);
}
