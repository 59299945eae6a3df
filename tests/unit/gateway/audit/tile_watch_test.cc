// Old tiles are held against their leaves while the log runs.
#include "gateway/audit/tile_watch.h"

#include <thread>

#include "gateway/audit/record_key.h"
#include "gateway/storage/sqlite/sqlite_log.h"
#include "tests/unit/gateway/audit/log_files_fixture.h"

using namespace log_test;

namespace {

// Of the closed log.
std::unique_ptr<storage::LogStorage> storage_of(const LogFixture& fixture) {
    auto opened = storage::SqliteLog::open(fixture.database, record_key(*fixture.keys));
    REQUIRE(opened);
    return std::move(*opened);
}

// check_tile over every full tile of the closed log.
std::vector<std::string> differences(const LogFixture& fixture, const TileTree& tree) {
    const auto log = storage_of(fixture);
    std::vector<std::string> found;
    for (std::uint64_t n = 0; n < tree.size() / kTileWidth; ++n)
        if (const auto checked = check_tile(*log, tree, n); !checked) {
            CHECK(checked.error().code == ErrorCode::corrupt);
            found.push_back(checked.error().detail);
        }
    return found;
}

TileTree tree_of(const LogFixture& fixture) {
    TileTree tree;
    std::vector<FullTile> full;
    REQUIRE(storage_of(fixture)->visit_leaves(0, ~std::uint64_t{0} >> 1,
                                              [&](std::uint64_t, BytesView leaf) {
                                                  tree.append(leaf_hash(leaf), full);
                                                  return Status{};
                                              }));
    return tree;
}

}  // namespace

TEST_CASE("a changed leaf, tile or tile above is found and named") {
    LogFixture fixture;
    fixture.open();
    for (int i = 0; i < 257; ++i)
        fixture.append_many(256);  // 257 tiles, one full tile of level 1
    fixture.close();
    const auto tree = tree_of(fixture);
    REQUIRE(tree.size() == 257 * 256);
    REQUIRE(differences(fixture, tree).empty());
    const auto pristine = fixture.folder.path() / "pristine.db";
    std::filesystem::copy_file(fixture.database, pristine);
    struct Change {
        std::string sql, named;
        std::size_t times = 1;  // how many tiles stand on what was changed
    };
    const auto id = [](int level, std::uint64_t n) {
        return std::to_string(storage::tile_id(level, n));
    };
    const Change changes[] = {
        {"UPDATE entry SET leaf=zeroblob(42) WHERE idx=300", "tile 1 of level 0"},
        {"DELETE FROM entry WHERE idx=511", "tile 1 of level 0"},
        {"UPDATE entry SET idx=1000000 WHERE idx=256", "tile 1 of level 0"},
        {"UPDATE tile SET hashes=zeroblob(8192) WHERE id=" + id(0, 2), "tile 2 of level 0"},
        {"DELETE FROM tile WHERE id=" + id(0, 256), "tile 256 of level 0"},
        {"UPDATE tile SET hashes=zeroblob(8192) WHERE id=" + id(1, 0), "tile 0 of level 1", 256},
        {"DELETE FROM tile WHERE id=" + id(1, 0), "tile 0 of level 1", 256},
    };
    for (const auto& [sql, named, times] : changes) {
        CAPTURE(sql);
        std::filesystem::copy_file(pristine, fixture.database,
                                   std::filesystem::copy_options::overwrite_existing);
        fixture.tamper(sql);
        const auto found = differences(fixture, tree);
        REQUIRE(found.size() == times);
        CHECK(found[0].contains(named));
    }
}

TEST_CASE("a running log says that an old tile has changed, and goes on writing") {
    LogFixture fixture;
    fixture.open();
    fixture.append_many(600);
    fixture.wait_covered(599);
    CHECK(fixture.log->healthy());
    fixture.tamper("UPDATE entry SET leaf=zeroblob(42) WHERE idx=300");
    while (fixture.log->healthy())
        std::this_thread::yield();
    CHECK(fixture.log->trouble().contains("tile 1 of level 0"));
    CHECK(fixture.append("{}") == 600);
}
