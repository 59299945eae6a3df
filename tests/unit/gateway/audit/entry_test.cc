#include "gateway/audit/entry.h"

#include <catch2/catch.hpp>

using namespace shikaku;
using namespace shikaku::audit;

namespace {

Leaf sample() {
    Leaf leaf;
    leaf.time = Instant(std::chrono::milliseconds(0x0123456789ab));
    leaf.kind = Kind::denial;
    leaf.commitment.fill(0xcc);
    return leaf;
}

}  // namespace

TEST_CASE("a leaf has exactly its documented bytes and comes back the same") {
    const auto bytes = encode(sample());
    CHECK(to_hex(bytes) ==
          "02"
          "00000123456789ab"
          "02"
          "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
    const auto leaf = decode_leaf(bytes);
    REQUIRE(leaf);
    CHECK(leaf->time == sample().time);
    CHECK(leaf->kind == Kind::denial);
    CHECK(leaf->commitment == sample().commitment);
    CHECK(leaf->version == kLeafInParts);
}

TEST_CASE("a leaf of version 1 is read, and written back the same") {
    auto bytes = encode(sample());
    bytes[0] = 1;
    const auto leaf = decode_leaf(bytes);
    REQUIRE(leaf);
    CHECK(leaf->version == kLeafWhole);
    CHECK(encode(*leaf) == bytes);
}

TEST_CASE("leaves that are not exactly right are corrupt") {
    const auto good = encode(sample());
    const auto bad = [&](std::size_t at, std::uint8_t value) {
        auto bytes = good;
        bytes[at] = value;
        return decode_leaf(bytes);
    };
    CHECK(bad(0, 0).error().code == ErrorCode::corrupt);
    CHECK(bad(0, 3).error().code == ErrorCode::corrupt);
    CHECK(bad(1, 0x80).error().code == ErrorCode::corrupt);  // time beyond int64
    CHECK(bad(9, 0).error().code == ErrorCode::corrupt);
    CHECK(bad(9, 12).error().code == ErrorCode::corrupt);
    CHECK(bad(9, 255).error().code == ErrorCode::corrupt);
    CHECK(decode_leaf({}).error().code == ErrorCode::corrupt);
    CHECK(decode_leaf(BytesView(good).first(41)).error().code == ErrorCode::corrupt);
    Bytes longer(good.begin(), good.end());
    longer.push_back(0);
    CHECK(decode_leaf(longer).error().code == ErrorCode::corrupt);
}

TEST_CASE("kinds keep their numbers and have their contract names, both ways") {
    const char* const names[] = {"eligibility",   "denial",          "publication",
                                 "scheme_change", "registry_switch", "audit_search",
                                 "audit_export",  "operator_action", "start",
                                 "stop",          "checkups"};
    int value = 0;
    for (const char* text : names) {
        const auto kind = parse_kind(text);
        REQUIRE(kind);
        CHECK(static_cast<int>(*kind) == ++value);
        CHECK(name(*kind) == text);
    }
    CHECK_FALSE(parse_kind(""));
    CHECK_FALSE(parse_kind("Eligibility"));
    CHECK_FALSE(parse_kind("stop "));
}
