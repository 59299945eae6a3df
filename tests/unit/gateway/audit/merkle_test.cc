#include "gateway/audit/merkle.h"

#include <catch2/catch.hpp>
#include <random>

#include "gateway/audit/tile_tree.h"
#include "tests/unit/gateway/audit/naive_tree.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

std::vector<Bytes> random_leaves(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<Bytes> leaves(count);
    for (auto& leaf : leaves) {
        leaf.resize(random() % 40);
        for (auto& byte : leaf)
            byte = static_cast<std::uint8_t>(random());
    }
    return leaves;
}

NodeReader reader_over(const std::vector<Bytes>& leaves) {
    return [&leaves](Node node) -> Result<Hash256> {
        const std::size_t begin = node.index << node.height;
        const std::size_t end = begin + (std::size_t{1} << node.height);
        REQUIRE(end <= leaves.size());  // only perfect nodes of the tree may be asked for
        return naive::tree_hash(std::span(leaves).subspan(begin, end - begin));
    };
}

Bytes hex(std::string_view text) {
    return from_hex(text).value();
}

}  // namespace

TEST_CASE("roots over the eight classic inputs of the RFC 6962 reference tests") {
    const std::vector<Bytes> leaves = {hex(""),
                                       hex("00"),
                                       hex("10"),
                                       hex("2021"),
                                       hex("3031"),
                                       hex("40414243"),
                                       hex("5051525354555657"),
                                       hex("606162636465666768696a6b6c6d6e6f")};
    const char* const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    TileTree tree;
    std::vector<FullTile> full;
    CHECK(to_hex(tree.root()) == roots[0]);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        tree.append(leaf_hash(leaves[i]), full);
        CHECK(to_hex(tree.root()) == roots[i + 1]);
        CHECK(to_hex(naive::tree_hash(std::span(leaves).first(i + 1))) == roots[i + 1]);
    }
}

TEST_CASE("inclusion proofs equal the recursive definition and verify") {
    const auto leaves = random_leaves(70, 1);
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
        const std::vector<Bytes> tree(leaves.begin(), leaves.begin() + static_cast<long>(size));
        const auto root = naive::tree_hash(tree);
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = inclusion_proof(index, size, reader_over(tree));
            REQUIRE(proof);
            REQUIRE(*proof == naive::path(index, tree));
            REQUIRE(verify_inclusion(index, size, leaf_hash(tree[index]), *proof, root));
        }
    }
}

TEST_CASE("consistency proofs equal the recursive definition and verify") {
    const auto leaves = random_leaves(45, 2);
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
        const std::vector<Bytes> tree(leaves.begin(), leaves.begin() + static_cast<long>(size));
        const auto root = naive::tree_hash(tree);
        for (std::size_t old = 1; old <= size; ++old) {
            const auto proof = consistency_proof(old, size, reader_over(tree));
            REQUIRE(proof);
            REQUIRE(*proof == naive::subproof(old, tree, true));
            const auto old_root = naive::tree_hash(std::span(tree).first(old));
            REQUIRE(verify_consistency(old, old_root, size, root, *proof));
        }
    }
}

TEST_CASE("a proof with any part missing, added, changed or swapped is refused") {
    const auto leaves = random_leaves(29, 3);
    const auto root = naive::tree_hash(leaves);
    const auto old_root = naive::tree_hash(std::span(leaves).first(13));
    const auto included = naive::path(19, leaves);
    const auto consistent = naive::subproof(13, leaves, true);
    const auto accepted = [&](const std::vector<Hash256>& proof, bool inclusion) {
        return inclusion ? verify_inclusion(19, 29, leaf_hash(leaves[19]), proof, root).has_value()
                         : verify_consistency(13, old_root, 29, root, proof).has_value();
    };
    for (const bool inclusion : {true, false}) {
        const auto& good = inclusion ? included : consistent;
        REQUIRE(good.size() > 2);
        REQUIRE(accepted(good, inclusion));
        for (std::size_t i = 0; i <= good.size(); ++i) {
            auto longer = good;
            longer.insert(longer.begin() + static_cast<long>(i), root);
            CHECK_FALSE(accepted(longer, inclusion));
            if (i == good.size()) continue;
            auto shorter = good;
            shorter.erase(shorter.begin() + static_cast<long>(i));
            CHECK_FALSE(accepted(shorter, inclusion));
            auto changed = good;
            changed[i][31] ^= 1;
            CHECK_FALSE(accepted(changed, inclusion));
        }
        auto swapped = good;
        std::swap(swapped[0], swapped[1]);
        CHECK_FALSE(accepted(swapped, inclusion));
        CHECK_FALSE(accepted({}, inclusion));
    }
}

TEST_CASE("a proof that ends on the way is too short, whatever root it gives") {
    const Hash256 leaf = leaf_hash(hex("00"));
    const Hash256 other = leaf_hash(hex("01"));
    const Hash256 both = node_hash(leaf, other);
    const auto too_short = [](const Status& verified) {
        return !verified && verified.error().detail.contains("too short");
    };
    CHECK(too_short(verify_inclusion(0, 2, leaf, {}, leaf)));
    CHECK(too_short(verify_inclusion(0, 4, leaf, std::vector{other}, both)));
    CHECK(too_short(verify_consistency(1, leaf, 2, leaf, {})));
    CHECK(too_short(verify_consistency(1, leaf, 4, both, std::vector{other})));
    CHECK(too_short(verify_consistency(4, both, 8, both, {})));
}

TEST_CASE("no leaf is included beyond the tree") {
    const Hash256 leaf = leaf_hash(hex("00"));
    const Hash256 other = leaf_hash(hex("01"));
    CHECK(verify_inclusion(0, 1, leaf, {}, leaf));
    CHECK_FALSE(verify_inclusion(1, 1, leaf, {}, leaf));
    CHECK_FALSE(verify_inclusion(3, 2, leaf, std::vector{other}, node_hash(other, leaf)));
}

TEST_CASE("a proof between other roots than those it was made for is refused") {
    const auto leaves = random_leaves(29, 5);
    const auto root = naive::tree_hash(leaves);
    for (const std::size_t old : {1, 8, 13, 28}) {
        const auto old_root = naive::tree_hash(std::span(leaves).first(old));
        const auto proof = naive::subproof(old, leaves, true);
        REQUIRE(verify_consistency(old, old_root, 29, root, proof));
        auto another = old_root;
        another[0] ^= 1;
        CHECK_FALSE(verify_consistency(old, another, 29, root, proof));
        another = root;
        another[0] ^= 1;
        CHECK_FALSE(verify_consistency(old, old_root, 29, another, proof));
    }
}

TEST_CASE("one size has one root, and a proof that goes on above the root is too long") {
    const Hash256 leaf = leaf_hash(hex("00"));
    const Hash256 other = leaf_hash(hex("01"));
    const Hash256 both = node_hash(leaf, other);
    const auto says = [](const Status& verified, std::string_view why) {
        return !verified && verified.error().detail.contains(why);
    };
    CHECK(verify_consistency(2, both, 2, both, {}));
    CHECK(says(verify_consistency(2, both, 2, other, {}), "two roots"));
    CHECK(says(verify_consistency(2, both, 2, both, std::vector{other}), "too long"));
    // Where one more part would lead to the root that is wanted.
    CHECK(
        says(verify_consistency(1, node_hash(other, leaf), 2,
                                node_hash(other, node_hash(leaf, both)), std::vector{both, other}),
             "too long"));
}

TEST_CASE("proofs that cannot exist are not made, and errors of the reader are passed on") {
    const auto leaves = random_leaves(5, 4);
    const auto read = reader_over(leaves);
    CHECK(inclusion_proof(5, 5, read).error().code == ErrorCode::not_found);
    CHECK(inclusion_proof(0, 0, read).error().code == ErrorCode::not_found);
    CHECK(consistency_proof(0, 5, read).error().code == ErrorCode::not_found);
    CHECK(consistency_proof(6, 5, read).error().code == ErrorCode::not_found);
    const NodeReader broken = [](Node) -> Result<Hash256> { return fail(ErrorCode::io_failed); };
    CHECK(inclusion_proof(1, 5, broken).error().code == ErrorCode::io_failed);
    CHECK(consistency_proof(3, 5, broken).error().code == ErrorCode::io_failed);
}

TEST_CASE("trees of nearly 2^64 leaves neither loop nor overflow") {
    constexpr std::uint64_t kMost = ~std::uint64_t{0};
    const NodeReader any = [](Node) -> Result<Hash256> { return Hash256{}; };
    const auto proof = inclusion_proof(kMost - 1, kMost, any);
    REQUIRE(proof);
    CHECK(proof->size() == 63);
    const auto first = inclusion_proof(0, kMost, any);
    REQUIRE(first);
    CHECK(first->size() == 64);
    CHECK(consistency_proof(kMost - 1, kMost, any));
    CHECK_FALSE(verify_inclusion(kMost, kMost, {}, {}, {}));
    CHECK_FALSE(verify_inclusion(0, kMost, {}, std::vector<Hash256>(70), {}));
    CHECK_FALSE(verify_consistency(1, {}, kMost, {}, std::vector<Hash256>(70)));
}
