#include "gateway/audit/verifier.h"

#include <map>

#include "gateway/audit/tile_path.h"
#include "gateway/audit/tile_tree.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;

namespace {

const VerifyProgress kSilent = [](std::uint64_t, std::uint64_t) {};

// A closed log of 1,100 entries with checkpoints of three minutes; entry 7 is erased.
struct VerifierFixture : LogFixture {
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
        tamper("UPDATE entry SET size=-size WHERE idx=7");
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
    CHECK(opened->opened == 1099);
    CHECK(opened->erased == 1);
}

TEST_CASE("a changed database file is refused and the first bad index named") {
    VerifierFixture fixture;
    struct Change {
        const char* sql;
        std::optional<std::uint64_t> first_bad;
        bool with_keys = false;
    };
    const Change changes[] = {
        {"UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=1) WHERE idx=0", 0},
        {"UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=1) WHERE idx=517", 517},
        {"UPDATE entry SET leaf=x'00' WHERE idx=600", 600},
        {"DELETE FROM entry WHERE idx=0", 0},
        {"DELETE FROM entry WHERE idx=800", 800},
        {"DELETE FROM entry WHERE idx=1099", 1099},
        // Behind the last full tile only the signed root tells: after the checkpoint of 700.
        {"UPDATE entry SET leaf=CAST(substr(leaf, 1, 10)||zeroblob(32) AS BLOB) WHERE idx=1050",
         700},
        {"UPDATE tile SET hashes=zeroblob(32)||substr(hashes, 33) WHERE id=16", 256},
        {"UPDATE tile SET hashes=substr(hashes, 1, 8128)||zeroblob(64) WHERE id=8", 254},
        {"UPDATE tile SET hashes=substr(hashes, 33) WHERE id=24", 512},
        {"DELETE FROM tile WHERE id=8", 0},
        // Ordered by time: a later leaf before earlier ones.
        {"UPDATE entry SET leaf=CAST(x'0100ff'||substr(leaf, 4) AS BLOB) WHERE idx=1030", 1031},
        {"UPDATE checkpoint SET text=(SELECT text FROM checkpoint WHERE size=1100) WHERE size=300",
         300},
        {"UPDATE checkpoint SET size=301 WHERE size=300", 301},
        {"UPDATE checkpoint SET text=replace(text, '1100', '1099') WHERE size=1100", std::nullopt},
        {"DELETE FROM checkpoint", std::nullopt},
        {"UPDATE entry SET at=(SELECT at FROM entry WHERE idx=1),"
         " size=(SELECT size FROM entry WHERE idx=1) WHERE idx=612",
         612, true},
        {"UPDATE entry SET at=at+1 WHERE idx=0", 0, true},
        {"UPDATE entry SET size=size-1 WHERE idx=1099", 1099, true},
    };
    for (const auto& change : changes) {
        INFO(change.sql);
        fixture.restore();
        fixture.tamper(change.sql);
        const auto verified =
            verify_database(fixture.database, fixture.vkey,
                            change.with_keys ? fixture.keys.get() : nullptr, kSilent);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().first_bad == change.first_bad);
        if (!change.with_keys) CHECK(verified.error().error.code == ErrorCode::corrupt);
    }
    fixture.restore();
    CHECK(verify_database(fixture.database, fixture.vkey, fixture.keys.get(), kSilent));
}

TEST_CASE("a detail that has no possible place, or none in the file, is named") {
    VerifierFixture fixture;
    for (const char* change : {"size=0", "size=200000", "size='x'", "at=-at", "at=at+1000000000"})
        for (const std::uint64_t index : {0, 3, 8, 612}) {
            INFO(change << " " << index);
            fixture.restore();
            fixture.tamper("UPDATE entry SET " + std::string(change) +
                           " WHERE idx=" + std::to_string(index));
            CHECK(verify_database(fixture.database, fixture.vkey, nullptr, kSilent));
            const auto verified =
                verify_database(fixture.database, fixture.vkey, fixture.keys.get(), kSilent);
            REQUIRE_FALSE(verified);
            CHECK(verified.error().error.code == ErrorCode::corrupt);
            CHECK(verified.error().first_bad == index);
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
