#include "gateway/audit/receipt.h"

#include <catch2/catch.hpp>

#include "gateway/audit/merkle.h"
#include "gateway/support/bounds.h"
#include "tests/unit/gateway/audit/naive_tree.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

// Entry 3 of a log of 6, made without the log.
struct Sample {
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    std::string vkey = make_vkey("shikaku.example/log", key.ed25519_public().value());
    OpenedEntry entry;
    Receipt receipt;

    Sample() {
        entry.index = 3;
        entry.salt.fill(9);
        entry.detail = R"({"outcome":"eligible"})";
        entry.leaf = {Instant(std::chrono::seconds(1'795'132'800)), Kind::eligibility,
                      commitment(entry.salt, entry.detail)};
        std::vector<Bytes> leaves(6);
        for (std::size_t i = 0; i < leaves.size(); ++i) {
            auto leaf = entry.leaf;
            if (i != 3) leaf.commitment.fill(static_cast<std::uint8_t>(i));
            const auto bytes = encode(leaf);
            leaves[i].assign(bytes.begin(), bytes.end());
        }
        receipt = {3, encode_opening(entry), naive::path(3, leaves),
                   sign_checkpoint({"shikaku.example/log", 6, naive::tree_hash(leaves)}, key).text};
    }
    [[nodiscard]] std::string text() const { return format_receipt(receipt); }
};

std::string with(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a receipt verifies and gives its entry back") {
    const Sample sample;
    const auto verified = verify_receipt(sample.text(), sample.vkey);
    REQUIRE(verified);
    CHECK(verified->entry.index == 3);
    CHECK(verified->entry.detail == sample.entry.detail);
    CHECK(verified->entry.salt == sample.entry.salt);
    CHECK(verified->entry.leaf.time == sample.entry.leaf.time);
    CHECK(verified->checkpoint.size == 6);
    const auto parsed = parse_receipt(sample.text());
    REQUIRE(parsed);
    CHECK(format_receipt(*parsed) == sample.text());
}

TEST_CASE("an erased entry verifies by its leaf alone") {
    Sample sample;
    sample.entry.erased = true;
    sample.receipt.extra = encode_opening(sample.entry);
    CHECK(sample.receipt.extra.size() == kLeafBytes);
    const auto verified = verify_receipt(sample.text(), sample.vkey);
    REQUIRE(verified);
    CHECK(verified->entry.erased);
}

TEST_CASE("a well-formed receipt about something else is refused") {
    Sample sample;
    const auto good = sample.receipt;
    const auto refused = [&](const char* what) {
        INFO(what);
        const auto verified = verify_receipt(sample.text(), sample.vkey);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == ErrorCode::corrupt);
        sample.receipt = good;
    };
    sample.receipt.index = 2;
    refused("another index");
    sample.receipt.index = 6;
    refused("an index beyond the tree");
    sample.receipt.extra.back() ^= 1;
    refused("another detail");
    sample.receipt.extra.push_back(' ');
    refused("a longer detail");
    sample.receipt.extra[kLeafBytes] ^= 1;
    refused("another salt");
    sample.receipt.extra[5] ^= 1;
    refused("another time");
    sample.receipt.extra[9] = 2;
    refused("another kind");
    sample.receipt.extra[20] ^= 1;
    refused("another commitment");
    sample.receipt.extra[0] = 2;
    refused("a leaf of another version");
    sample.receipt.extra.clear();
    refused("no opening");
    sample.receipt.extra.resize(kLeafBytes - 1);
    refused("half a leaf");
    sample.receipt.extra.resize(kLeafBytes + 31);
    refused("half a salt");
    sample.receipt.proof.pop_back();
    refused("a proof too short");
    sample.receipt.proof.push_back({});
    refused("a proof too long");
    sample.receipt.proof[0][0] ^= 1;
    refused("another proof");
    sample.receipt.checkpoint = with(good.checkpoint, "\n6\n", "\n7\n");
    refused("another size in the checkpoint");
    sample.receipt.checkpoint = sign_checkpoint({"shikaku.example/log", 6, {}}, sample.key).text;
    refused("another tree");
    const auto other = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    const auto root = verify_checkpoint(good.checkpoint, sample.vkey)->root;
    sample.receipt.checkpoint = sign_checkpoint({"shikaku.example/log", 6, root}, other).text;
    refused("another signer");
    CHECK(verify_receipt(sample.text(), sample.vkey));
}

TEST_CASE("malformed receipts are refused") {
    const Sample sample;
    const auto good = sample.text();
    const auto hash = to_base64(sample.receipt.proof[0]);
    const auto extra = "extra " + to_base64(sample.receipt.extra) + "\n";
    std::string many;
    for (int i = 0; i < 62; ++i)
        many += hash + "\n";
    const std::pair<const char*, std::string> cases[] = {
        {"empty", ""},
        {"only the first line", "c2sp.org/tlog-proof@v1\n"},
        {"another version", with(good, "@v1", "@v2")},
        {"text before", " " + good},
        {"empty line before", "\n" + good},
        {"carriage returns", with(good, "@v1\n", "@v1\r\n")},
        {"no index line", with(good, "index 3\n", "")},
        {"index with leading zero", with(good, "index 3", "index 03")},
        {"index with sign", with(good, "index 3", "index +3")},
        {"negative index", with(good, "index 3", "index -3")},
        {"index beyond 64 bits", with(good, "index 3", "index 18446744073709551616")},
        {"index empty", with(good, "index 3", "index ")},
        {"index with two spaces", with(good, "index 3", "index  3")},
        {"extra twice", with(good, extra, extra + extra)},
        {"extra after index", with(with(good, extra, ""), "index 3\n", "index 3\n" + extra)},
        {"extra empty", with(good, extra, "extra \n")},
        {"extra not base64", with(good, "extra ", "extra !")},
        {"extra without padding", with(good, extra, "extra AA\n")},
        {"extra too long",
         with(good, extra, "extra " + to_base64(Bytes(bounds::kLogDetailBytes + 80)) + "\n")},
        {"hash of 31 bytes", with(good, hash, to_base64(Bytes(31)))},
        {"hash of 33 bytes", with(good, hash, to_base64(Bytes(33)))},
        {"hash not base64", with(good, hash, "x" + hash.substr(1, 30))},
        {"more than 64 hashes", with(good, hash, many + hash)},
        {"no empty line before the checkpoint",
         with(good, "\n\nshikaku.example", "\nshikaku.example")},
        {"no checkpoint", good.substr(0, good.find("\n\n") + 2)},
        {"cut in the checkpoint", good.substr(0, good.size() - 10)},
        {"text after", good + "x"},
    };
    for (const auto& [what, text] : cases) {
        INFO(what);
        const auto verified = verify_receipt(text, sample.vkey);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == ErrorCode::corrupt);
    }
    for (std::size_t length = 0; length < good.size(); ++length)
        REQUIRE_FALSE(verify_receipt(std::string_view(good).substr(0, length), sample.vkey));
}
