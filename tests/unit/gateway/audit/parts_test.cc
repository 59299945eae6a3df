#include "gateway/audit/parts.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "gateway/audit/entry.h"
#include "gateway/audit/opening.h"
#include "gateway/crypto/hash.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

Detail detail_with(std::size_t authorities) {
    Detail detail{.rest = "rest", .asker = "asker"};
    for (std::size_t i = 0; i < authorities; ++i)
        detail.authorities.push_back("authority " + std::to_string(i));
    return detail;
}

// As the format page says it, byte by byte.
Hash256 naive_part(std::uint8_t role, const Part& part) {
    Bytes bytes(1, role);
    bytes.insert(bytes.end(), part.salt.begin(), part.salt.end());
    bytes.insert(bytes.end(), part.text.begin(), part.text.end());
    Hash256 hash = crypto::sha256(bytes);
    if (part.text.empty()) std::ranges::copy(part.salt, hash.begin());
    return hash;
}
Hash256 naive_commitment(const Parts& parts) {
    std::vector<Hash256> hashes;
    for (const Part& part : parts.authorities)
        hashes.push_back(naive_part(3, part));
    std::ranges::sort(hashes);
    hashes.insert(hashes.begin(), {naive_part(2, parts.asker), naive_part(4, parts.rest)});
    Bytes all(1, 5);
    for (const Hash256& hash : hashes)
        all.insert(all.end(), hash.begin(), hash.end());
    return crypto::sha256(all);
}

}  // namespace

TEST_CASE("a detail comes back from its bytes, and its places are 4, 8 or 16") {
    for (std::size_t authorities = 0; authorities <= 16; ++authorities) {
        CAPTURE(authorities);
        const Detail detail = detail_with(authorities);
        const LaidOut laid_out = lay_out(detail);
        const auto parts = read_parts(laid_out.bytes);
        REQUIRE(parts);
        CHECK(laid_out.commitment == commitment_of(*parts));
        CHECK(detail_of(*parts) == detail);
        CHECK(parts->authorities.size() == (authorities <= 4 ? 4 : authorities <= 8 ? 8 : 16));
        CHECK(commitment_of(*parts) == naive_commitment(*parts));
    }
}

TEST_CASE("every salt is fresh, so that equal details give unrelated hashes") {
    std::set<Hash256> seen;
    for (int i = 0; i < 3; ++i) {
        const Bytes laid_out = lay_out(detail_with(2)).bytes;
        const auto parts = read_parts(laid_out).value();
        std::vector<Hash256> hashes = authority_hashes(parts);
        hashes.push_back(part_hash(Role::asker, parts.asker));
        hashes.push_back(part_hash(Role::rest, parts.rest));
        hashes.push_back(commitment_of(parts));
        for (const Hash256& hash : hashes)
            CHECK(seen.insert(hash).second);
    }
}

TEST_CASE("one text in another role, or in two places, is another commitment") {
    const Bytes salt(32, 1);
    const Part part{.salt = salt, .text = "{}"};
    CHECK(part_hash(Role::asker, part) != part_hash(Role::authority, part));
    CHECK(part_hash(Role::authority, part) != part_hash(Role::rest, part));
    CHECK(part_hash(Role::asker, part) != part_hash(Role::rest, part));
    const Hash256 one{1};
    const Hash256 two{2};
    const Hash256 three{3};
    const auto commitment = [](const Hash256& asker, const Hash256& rest,
                               std::vector<Hash256> authorities) {
        return commitment_of(asker, rest, authorities);
    };
    CHECK(commitment(one, two, {three}) != commitment(two, one, {three}));
    CHECK(commitment(one, two, {three}) != commitment(one, three, {two}));
    CHECK(commitment(one, two, {three, one}) == commitment(one, two, {one, three}));
    CHECK(commitment(one, two, {three, three}) != commitment(one, two, {three}));
}

TEST_CASE("the text of an entry with one part") {
    CHECK(Detail{.rest = "r"}.only() == "r");
    CHECK(Detail{.asker = "a"}.only() == "a");
    CHECK(Detail{.authorities = {"x"}}.only() == "x");
    CHECK(Detail().only().empty());
    CHECK(Detail{.rest = "r", .asker = "a"}.only().empty());
    CHECK(Detail{.authorities = {"x", "y"}}.only().empty());
}

TEST_CASE("bytes that are no laid out detail are corrupt") {
    const Bytes good = lay_out(detail_with(1)).bytes;
    REQUIRE(read_parts(good));
    for (std::size_t length = 0; length < good.size(); ++length) {
        CAPTURE(length);
        const auto read = read_parts(BytesView(good).first(length));
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::corrupt);
    }
    const Bytes empty_part(36);
    for (const std::size_t count : {0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 17, 19, 30}) {
        CAPTURE(count);
        Bytes parts;
        for (std::size_t i = 0; i < count; ++i)
            parts.insert(parts.end(), empty_part.begin(), empty_part.end());
        CHECK_FALSE(read_parts(parts));
    }
    Bytes longer = good;
    longer.push_back(0);
    CHECK_FALSE(read_parts(longer));
    Bytes huge = good;
    huge[0] = 0xff;
    CHECK_FALSE(read_parts(huge));
}

TEST_CASE("a leaf commits to every byte of its detail, whatever its version") {
    Bytes laid_out = lay_out(detail_with(1)).bytes;
    Leaf leaf{.commitment = commitment_of(read_parts(laid_out).value())};
    REQUIRE(check_detail(leaf, laid_out) == detail_with(1));
    for (std::size_t at = 0; at < laid_out.size(); ++at) {
        laid_out[at] ^= 1;
        CAPTURE(at);
        CHECK(check_detail(leaf, laid_out).error().code == ErrorCode::corrupt);
        laid_out[at] ^= 1;
    }
    leaf.version = kLeafWhole;
    CHECK(check_detail(leaf, laid_out).error().code == ErrorCode::corrupt);

    const Bytes whole = [] {
        Bytes bytes(32, 9);
        bytes.push_back('{');
        return bytes;
    }();
    const Leaf old{.commitment = crypto::sha256(whole), .version = kLeafWhole};
    CHECK(check_detail(old, whole)->rest == "{");
    CHECK_FALSE(check_detail(old, BytesView(whole).first(32)));
    CHECK_FALSE(check_detail({.commitment = crypto::sha256(whole)}, whole));
}
