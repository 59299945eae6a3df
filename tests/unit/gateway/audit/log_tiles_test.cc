#include "gateway/audit/log.h"
#include "gateway/audit/tile_tree.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;

namespace {

std::vector<Bytes> parse_bundle(const Bytes& bundle) {
    std::vector<Bytes> entries;
    BytesView rest = bundle;
    while (!rest.empty()) {
        const auto length = get_u16be(rest);
        const auto entry = rest.subspan(2, length);
        entries.emplace_back(entry.begin(), entry.end());
        rest = rest.subspan(2 + length);
    }
    return entries;
}

}  // namespace

TEST_CASE("tiles and bundles of a log of three levels give its checkpoint's root") {
    LogFixture fixture;
    fixture.open();
    constexpr std::uint64_t kSize = 66'000;
    fixture.append_many(kSize / 2);
    fixture.append_many(kSize / 2);
    fixture.wait_covered(kSize - 1);
    REQUIRE(fixture.log->checkpoint().checkpoint.size == kSize);
    TileTree tree;
    std::vector<FullTile> full;
    for (std::uint64_t n = 0; n * 256 < kSize; ++n) {
        const int width = static_cast<int>(std::min<std::uint64_t>(256, kSize - n * 256));
        const auto bundle = fixture.log->entry_bundle(n, width);
        REQUIRE(bundle);
        const auto entries = parse_bundle(*bundle);
        REQUIRE(entries.size() == static_cast<std::size_t>(width));
        for (const auto& entry : entries)
            tree.append(leaf_hash(entry), full);
    }
    CHECK(tree.root() == fixture.log->checkpoint().checkpoint.root);
    for (const auto& tile : full) {
        const auto bytes = tile_bytes(tile.hashes);
        REQUIRE(fixture.log->tile(tile.level, tile.n, 256) == Bytes(bytes.begin(), bytes.end()));
    }
    for (int level = 0; level < 3; ++level) {
        const auto partial = tree.partial(level);
        const auto width = static_cast<int>(partial.size());
        REQUIRE(width > 0);
        const auto n = nodes_at_level(kSize, level) / 256;
        const auto bytes = tile_bytes(partial);
        CHECK(fixture.log->tile(level, n, width) == Bytes(bytes.begin(), bytes.end()));
        // Of an older tree: the same beginning.
        CHECK(fixture.log->tile(level, n, 1) == Bytes(bytes.begin(), bytes.begin() + 32));
        CHECK(fixture.log->tile(level, n, width + 1).error().code == ErrorCode::not_found);
        CHECK(fixture.log->tile(level, n, 256).error().code == ErrorCode::not_found);
    }
    const auto first = tile_bytes(full.front().hashes);
    CHECK(fixture.log->tile(0, 0, 7) == Bytes(first.begin(), first.begin() + 7 * 32));
    CHECK(parse_bundle(fixture.log->entry_bundle(0, 7).value()).size() == 7);
}

TEST_CASE("tiles that do not exist are not found, whatever the numbers") {
    LogFixture fixture;
    fixture.open();
    fixture.append_many(300);
    fixture.wait_covered(299);
    struct Bad {
        int level;
        std::uint64_t n;
        int width;
    };
    constexpr std::uint64_t kMost = ~std::uint64_t{0};
    for (const auto& [level, n, width] :
         {Bad{0, 1, 45}, Bad{0, 1, 256}, Bad{0, 2, 1}, Bad{0, kMost, 1}, Bad{0, kMost / 256 + 1, 1},
          Bad{1, 0, 2}, Bad{1, 0, 256}, Bad{1, 1, 1}, Bad{2, 0, 1}, Bad{8, 0, 1}, Bad{63, 0, 1},
          Bad{-1, 0, 1}, Bad{0, 0, 0}, Bad{0, 0, -1}, Bad{0, 0, 257}}) {
        INFO(level << " " << n << " " << width);
        const auto tile = fixture.log->tile(level, n, width);
        REQUIRE_FALSE(tile);
        CHECK(tile.error().code == ErrorCode::not_found);
        if (level != 0) continue;
        const auto bundle = fixture.log->entry_bundle(n, width);
        REQUIRE_FALSE(bundle);
        CHECK(bundle.error().code == ErrorCode::not_found);
    }
    CHECK(fixture.log->tile(1, 0, 1));
    CHECK(fixture.log->tile(0, 1, 44));
}

TEST_CASE("a tile or an entry that the checkpoint covers and log.db lacks is damage, not absence") {
    LogFixture fixture;
    fixture.open();
    fixture.append_many(300);
    fixture.wait_covered(299);
    REQUIRE(fixture.log->tile(0, 0, 256));
    REQUIRE(fixture.log->entry_bundle(0, 256));
    fixture.tamper("DELETE FROM tile");
    fixture.tamper("DELETE FROM entry WHERE idx IN (7, 299)");
    for (const auto& damaged : {fixture.log->tile(0, 0, 256), fixture.log->tile(0, 0, 9),
                                fixture.log->entry_bundle(0, 256), fixture.log->entry_bundle(0, 8),
                                fixture.log->entry_bundle(1, 44)}) {
        REQUIRE_FALSE(damaged);
        CHECK(damaged.error().code == ErrorCode::corrupt);
        CHECK(damaged.error().detail.contains("log.db lacks"));
    }
    CHECK(fixture.log->entry_bundle(0, 7));
    CHECK(fixture.log->tile(0, 1, 44));
    CHECK(fixture.log->tile(0, 2, 1).error().code == ErrorCode::not_found);
}
