#include "gateway/audit/receipt.h"

#include <catch2/catch.hpp>

#include "gateway/audit/merkle.h"
#include "gateway/audit/opening.h"
#include "gateway/crypto/hash.h"
#include "gateway/support/bounds.h"
#include "tests/unit/gateway/audit/naive_tree.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

const Detail kDetail{.rest = R"({"subject":"s"})",
                     .asker = R"({"outcome":"eligible"})",
                     .authorities = {R"({"authority":"132012"})", R"({"authority":"130001"})"}};

// Entry 3 of a log of 6, made without the log.
struct Sample {
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    std::string vkey = make_vkey("shikaku.example/log", key.ed25519_public().value());
    Bytes committed;
    Leaf leaf{Instant(std::chrono::seconds(1'795'132'800)), Kind::eligibility, {}};
    Receipt receipt;

    explicit Sample(Share share = {Opened::asker}) : committed(lay_out(kDetail).bytes) {
        leaf.commitment = commitment_of(read_parts(committed).value());
        enter(share);
    }
    // As entries were before they had parts.
    static Sample version_1() {
        Sample sample;
        const std::string_view text = R"({"v":1})";
        sample.committed.assign(32, 9);
        sample.committed.insert(sample.committed.end(), text.begin(), text.end());
        sample.leaf.version = kLeafWhole;
        sample.leaf.commitment = crypto::sha256(sample.committed);
        sample.enter({Opened::all});
        return sample;
    }
    void enter(Share share) {
        std::vector<Bytes> leaves(6);
        for (std::size_t i = 0; i < leaves.size(); ++i) {
            auto other = leaf;
            if (i != 3) other.commitment.fill(static_cast<std::uint8_t>(i));
            const auto bytes = encode(other);
            leaves[i].assign(bytes.begin(), bytes.end());
        }
        receipt = {3, encode_opening(leaf, committed, share), naive::path(3, leaves),
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

TEST_CASE("a receipt verifies and gives back the part of the entry that it opens") {
    const auto opened = [](Share share) {
        const Sample sample(share);
        const auto verified = verify_receipt(sample.text(), sample.vkey);
        REQUIRE(verified);
        CHECK(verified->entry.index == 3);
        CHECK(verified->entry.leaf.time == sample.leaf.time);
        CHECK(verified->entry.opened == share.opened);
        CHECK(verified->checkpoint.size == 6);
        const auto parsed = parse_receipt(sample.text());
        REQUIRE(parsed);
        CHECK(format_receipt(*parsed) == sample.text());
        return verified->entry.detail;
    };
    CHECK(opened({Opened::all}) == kDetail);
    CHECK(opened({Opened::asker}) == Detail{{}, kDetail.asker, {}});
    CHECK(opened({Opened::authority, 0}) == Detail{{}, {}, {kDetail.authorities[0]}});
    CHECK(opened({Opened::authority, 1}) == Detail{{}, {}, {kDetail.authorities[1]}});
    CHECK(opened({Opened::nothing}) == Detail());
}

TEST_CASE("a share that the entry does not have opens nothing") {
    for (const std::size_t place : {2, 3, 4, 1000})
        CHECK(Sample({Opened::authority, place}).receipt.extra.size() == kLeafBytes);
    auto old = Sample::version_1();
    for (const Opened opened : {Opened::asker, Opened::authority}) {
        old.enter({opened});
        CHECK(old.receipt.extra.size() == kLeafBytes);
    }
}

TEST_CASE("a receipt of version 1 verifies and opens as before") {
    const auto sample = Sample::version_1();
    CHECK(sample.receipt.extra.size() == kLeafBytes + sample.committed.size());
    const auto verified = verify_receipt(sample.text(), sample.vkey);
    REQUIRE(verified);
    CHECK(verified->entry.opened == Opened::all);
    CHECK(verified->entry.detail == Detail{R"({"v":1})", {}, {}});
}

TEST_CASE("an entry that is not open verifies by its leaf alone") {
    const Sample sample({Opened::nothing});
    CHECK(sample.receipt.extra.size() == kLeafBytes);
    const auto verified = verify_receipt(sample.text(), sample.vkey);
    REQUIRE(verified);
    CHECK(verified->entry.opened == Opened::nothing);
}

TEST_CASE("no byte of an opening can be another, none can be missing or too many") {
    const auto all = {Share{Opened::all}, Share{Opened::asker}, Share{Opened::authority, 1}};
    for (const Share share : all) {
        const Sample sample(share);
        const Bytes& good = sample.receipt.extra;
        REQUIRE(decode_opening(3, good));
        const auto refused = [&](const Bytes& extra) {
            const auto opened = decode_opening(3, extra);
            return !opened && opened.error().code == ErrorCode::corrupt;
        };
        for (std::size_t at = 10; at < good.size(); ++at) {  // time and kind are the tree's to tell
            CAPTURE(static_cast<int>(share.opened), at);
            Bytes changed = good;
            changed[at] ^= 1;
            CHECK(refused(changed));
        }
        for (std::size_t size = kLeafBytes + 1; size < good.size(); ++size) {
            CAPTURE(static_cast<int>(share.opened), size);
            CHECK(refused(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))));
        }
        Bytes longer = good;
        longer.push_back(' ');
        CHECK(refused(longer));
    }
}

TEST_CASE("openings that are put together wrongly are refused") {
    const Sample asker({Opened::asker});
    const Sample authority({Opened::authority, 0});
    const Sample all({Opened::all});
    constexpr auto kLeafEnd = static_cast<std::ptrdiff_t>(kLeafBytes);
    constexpr std::ptrdiff_t kPlaces = kLeafEnd + 1 + 64;  // of an authority's: their number
    const auto joined = [](const Sample& leaf_of, const Sample& opening_of) {
        Bytes extra(leaf_of.receipt.extra.begin(), leaf_of.receipt.extra.begin() + kLeafEnd);
        extra.insert(extra.end(), opening_of.receipt.extra.begin() + kLeafEnd,
                     opening_of.receipt.extra.end());
        return extra;
    };
    const auto changed = [](const Sample& sample, auto change) {
        Bytes extra = sample.receipt.extra;
        change(extra);
        return extra;
    };
    const auto form = [&](const Sample& sample, std::uint8_t value) {
        return changed(sample, [value](Bytes& extra) { extra[kLeafBytes] = value; });
    };
    const auto swap = [](Bytes& extra, std::ptrdiff_t one, std::ptrdiff_t other) {
        std::swap_ranges(extra.begin() + one, extra.begin() + one + 32, extra.begin() + other);
    };
    const std::pair<const char*, Bytes> cases[] = {
        {"the asker's part of another entry", joined(asker, Sample({Opened::asker}))},
        {"an authority's part of another entry", joined(authority, Sample({Opened::authority, 0}))},
        {"all parts of another entry", joined(all, Sample({Opened::all}))},
        {"no form", form(asker, 0)},
        {"a form of tomorrow", form(asker, 4)},
        {"the form of a later version", form(asker, 255)},
        {"an asker's opening called an authority's", form(asker, 3)},
        {"an authority's opening called an asker's", form(authority, 2)},
        {"one part called all", form(asker, 1)},
        {"all called one part", form(all, 2)},
        {"the other hashes swapped, asker",
         changed(asker, [&](Bytes& e) { swap(e, kLeafEnd + 1, kLeafEnd + 34); })},
        {"the other hashes swapped, authority",
         changed(authority, [&](Bytes& e) { swap(e, kLeafEnd + 1, kLeafEnd + 33); })},
        {"places in another order",
         changed(authority, [&](Bytes& e) { swap(e, kPlaces + 1, kPlaces + 33); })},
        {"a place with the part's salt",
         changed(authority, [&](Bytes& e) { swap(e, kPlaces + 65, kPlaces + 97); })},
        {"an asker's place too few", changed(asker, [](Bytes& e) { e[kLeafBytes + 33] = 3; })},
        {"an asker's place too many", changed(asker, [](Bytes& e) { e[kLeafBytes + 33] = 5; })},
        {"no places", changed(authority, [](Bytes& e) { e[kPlaces] = 0; })},
        {"a place too few", changed(authority, [](Bytes& e) { e[kPlaces] = 2; })},
        {"a place too many", changed(authority, [](Bytes& e) { e[kPlaces] = 4; })},
        {"twice the places", changed(authority, [](Bytes& e) { e[kPlaces] = 7; })},
        {"255 places", changed(authority, [](Bytes& e) { e[kPlaces] = 255; })},
        {"a part in parts", changed(all, [](Bytes& e) { std::swap(e[43 + 3], e[43 + 2]); })},
        {"a salt without a part",
         changed(asker, [](Bytes& e) { e.resize(kLeafBytes + 1 + 32 + 1 + 128 + 32); })},
        {"the opening of version 2 behind a leaf of version 1",
         changed(asker, [](Bytes& e) { e[0] = 1; })},
        {"the opening of version 1 behind a leaf of version 2",
         changed(Sample::version_1(), [](Bytes& e) { e[0] = 2; })},
        {"all parts without the form", changed(all, [](Bytes& e) { e.erase(e.begin() + 42); })},
    };
    for (const auto& [what, extra] : cases) {
        INFO(what);
        const auto opened = decode_opening(3, extra);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
    }
    REQUIRE(decode_opening(3, joined(asker, asker)));
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
    sample.receipt.extra[kLeafBytes + 1 + 32 + 1 + 128] ^= 1;
    refused("another salt");
    sample.receipt.extra[5] ^= 1;
    refused("another time");
    sample.receipt.extra[9] = 2;
    refused("another kind");
    sample.receipt.extra[20] ^= 1;
    refused("another commitment");
    sample.receipt.extra[0] = 1;
    refused("a leaf of another version");
    sample.receipt.extra.clear();
    refused("no opening");
    sample.receipt.extra.resize(kLeafBytes - 1);
    refused("half a leaf");
    sample.receipt.extra.resize(kLeafBytes + 1 + 32 + 1 + 128 + 31);
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
         with(good, extra, "extra " + to_base64(Bytes(bounds::kLogDetailBytes + 1000)) + "\n")},
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
