#include "gateway/audit/tile_tree.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/gateway/audit/naive_tree.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

Bytes leaf(std::uint64_t index) {
    Bytes bytes;
    put_u64be(bytes, index);
    return bytes;
}

// All full tiles and the edge of a tree of `size` leaves.
struct Grown {
    TileTree tree;
    std::vector<FullTile> full;
    explicit Grown(std::uint64_t size) {
        for (std::uint64_t i = 0; i < size; ++i)
            tree.append(leaf_hash(leaf(i)), full);
    }
};

}  // namespace

TEST_CASE("tiles of a tree of 70,000 leaves are as the specification's example says") {
    const Grown grown(70'000);
    std::map<int, std::uint64_t> counts;
    for (const auto& tile : grown.full) {
        CHECK(tile.hashes.size() == 256);
        CHECK(tile.n == counts[tile.level]);  // in order, none missing
        ++counts[tile.level];
    }
    CHECK(counts == std::map<int, std::uint64_t>{{0, 273}, {1, 1}});
    CHECK(grown.tree.partial(0).size() == 112);
    CHECK(grown.tree.partial(1).size() == 17);
    CHECK(grown.tree.partial(2).size() == 1);
    CHECK(grown.tree.partial(3).empty());
    std::vector<Bytes> leaves;
    for (std::uint64_t i = 0; i < 70'000; ++i)
        leaves.push_back(leaf(i));
    CHECK(grown.tree.root() == naive::tree_hash(leaves));
    CHECK(grown.tree.partial(2)[0] == naive::tree_hash(std::span(leaves).first(65'536)));
}

TEST_CASE("every size around tile boundaries has the naive root and can be restored") {
    std::vector<Bytes> leaves;
    TileTree tree;
    std::vector<FullTile> full;
    for (std::uint64_t size = 0; size <= 1030; ++size) {
        const bool boundary = size % 256 < 3 || size % 256 > 253 || size < 20;
        if (boundary) {
            REQUIRE(tree.root() == naive::tree_hash(leaves));
            std::array<std::vector<Hash256>, kTileLevels> edge;
            for (int level = 0; level < kTileLevels; ++level) {
                const auto partial = tree.partial(level);
                REQUIRE(partial.size() == nodes_at_level(size, level) % 256);
                edge[static_cast<std::size_t>(level)].assign(partial.begin(), partial.end());
            }
            TileTree restored(size, edge);
            CHECK(restored.root() == tree.root());
            std::vector<FullTile> restored_full, expected_full;
            auto copy = tree;
            for (std::uint64_t i = size; i < size + 300; ++i) {
                restored.append(leaf_hash(leaf(i)), restored_full);
                copy.append(leaf_hash(leaf(i)), expected_full);
            }
            CHECK(restored.root() == copy.root());
            REQUIRE(restored_full.size() == expected_full.size());
            for (std::size_t i = 0; i < restored_full.size(); ++i) {
                CHECK(restored_full[i].n == expected_full[i].n);
                CHECK(restored_full[i].hashes == expected_full[i].hashes);
            }
        }
        leaves.push_back(leaf(size));
        tree.append(leaf_hash(leaves.back()), full);
    }
}

TEST_CASE("the edge answers for the perfect nodes of partial tiles and for no others") {
    const Grown grown(600);
    std::vector<Bytes> leaves;
    for (std::uint64_t i = 0; i < 600; ++i)
        leaves.push_back(leaf(i));
    const auto range = [&](std::size_t begin, std::size_t count) {
        return naive::tree_hash(std::span(leaves).subspan(begin, count));
    };
    CHECK(grown.tree.node({0, 512}) == range(512, 1));
    CHECK(grown.tree.node({3, 74}) == range(592, 8));
    CHECK(grown.tree.node({6, 8}) == range(512, 64));
    CHECK(grown.tree.node({8, 1}) == range(256, 256));
    CHECK(grown.tree.node({9, 0}) == range(0, 512));
    CHECK_FALSE(grown.tree.node({0, 600}));  // beyond the tree
    CHECK_FALSE(grown.tree.node({3, 75}));   // not complete
    CHECK_FALSE(grown.tree.node({0, 511}));  // in a full tile
    CHECK_FALSE(grown.tree.node({7, 3}));    // in a full tile
    CHECK_FALSE(grown.tree.node({16, 0}));   // no such level yet
    CHECK_FALSE(TileTree().node({0, 0}));
}

TEST_CASE("a stored tile of the wrong size is refused") {
    for (const std::size_t bytes : {0UL, 1UL, 31UL, 33UL, 63UL, 65UL, 96UL})
        CHECK(parse_tile(Bytes(bytes), 2).error().code == ErrorCode::corrupt);
    CHECK(parse_tile(Bytes(64), 2)->size() == 2);
}
