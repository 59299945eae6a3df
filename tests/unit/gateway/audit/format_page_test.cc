// The example of gateway/docs/audit-format.md is what the code makes and accepts.
#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/audit/merkle.h"
#include "gateway/audit/receipt.h"
#include "gateway/crypto/hash.h"
#include "gateway/storage/sqlite/entry_file.h"
#include "gateway/support/file.h"
#include "gateway/support/text.h"
#include "tests/support/temporary_folder.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

// The content of the fenced block with that label.
std::string block(const std::string& page, const std::string& label) {
    const auto fence = "```" + label + "\n";
    const auto begin = page.find(fence);
    REQUIRE(begin != std::string::npos);
    const auto content = begin + fence.size();
    return page.substr(content, page.find("```", content) - content);
}

std::string line(const std::string& page, const std::string& label) {
    auto text = block(page, label);
    REQUIRE(text.ends_with('\n'));
    text.pop_back();
    return text;
}

std::string page_text() {
    auto read = read_file(std::string(SHIKAKU_SOURCE_DIR) + "/gateway/docs/audit-format.md");
    REQUIRE(read);
    return std::move(*read);
}

}  // namespace

TEST_CASE("the worked example of the format page holds, byte for byte") {
    const auto page = page_text();
    const auto parts_of = [&page](const std::string& label) {
        const auto text = line(page, label);
        const auto end = text.find('\n');
        return std::pair(from_hex(text.substr(0, end)).value(), text.substr(end + 1));
    };
    const auto asker = parts_of("part-asker");
    const auto authority = parts_of("part-authority");
    const auto auditors = parts_of("part-auditors");
    Bytes laid_out;
    const auto put = [&laid_out](BytesView salt, std::string_view text) {
        put_u32be(laid_out, static_cast<std::uint32_t>(text.size()));
        laid_out.insert(laid_out.end(), salt.begin(), salt.end());
        laid_out.insert(laid_out.end(), text.begin(), text.end());
    };
    put(asker.first, asker.second);
    put(authority.first, authority.second);
    for (const std::string_view salt : split(line(page, "places-empty"), '\n'))
        put(from_hex(salt).value(), {});
    put(auditors.first, auditors.second);

    const auto parts = read_parts(laid_out).value();
    const Detail detail{
        .rest = auditors.second, .asker = asker.second, .authorities = {authority.second}};
    CHECK(detail_of(parts) == detail);
    CHECK(line(page, "part-hashes") ==
          to_hex(part_hash(Role::asker, parts.asker)) + "\n" +
              to_hex(part_hash(Role::authority, parts.authorities[0])) + "\n" +
              to_hex(part_hash(Role::rest, parts.rest)));
    const Leaf leaf{Instant(std::chrono::milliseconds(1'795'132'800'123)), Kind::eligibility,
                    commitment_of(parts)};
    CHECK(to_hex(leaf.commitment) == line(page, "commitment-2"));
    CHECK(to_hex(encode(leaf)) == line(page, "leaf-2"));
    CHECK(to_hex(leaf_hash(encode(leaf))) == line(page, "leaf-hash-2"));

    const auto receipt = block(page, "receipt-asker");
    const auto verified = verify_receipt(receipt, line(page, "vkey-2"));
    REQUIRE(verified);
    CHECK(verified->entry.index == 1);
    CHECK(verified->entry.detail == Detail{.asker = asker.second});
    CHECK(page.contains(to_hex(verified->checkpoint.root).substr(0, 8)));

    CHECK(parse_receipt(receipt)->extra == encode_opening(leaf, laid_out, {Opened::asker}));
    CHECK(line(page, "extra-authority") ==
          to_base64(encode_opening(leaf, laid_out, {Opened::authority, 0})));
    CHECK(line(page, "extra-all") == to_base64(encode_opening(leaf, laid_out, {Opened::all})));
    CHECK(decode_opening(1, from_base64(line(page, "extra-all")).value())->detail == detail);
}

TEST_CASE("the example of version 1 still holds, byte for byte") {
    const auto page = page_text();
    auto committed = from_hex(line(page, "salt")).value();
    const auto detail = line(page, "detail");
    committed.insert(committed.end(), detail.begin(), detail.end());
    const Hash256 made = crypto::sha256(committed);
    CHECK(to_hex(made) == line(page, "commitment"));
    const Leaf leaf{Instant(std::chrono::milliseconds(1'795'132'800'123)), Kind::denial, made,
                    kLeafWhole};
    CHECK(to_hex(encode(leaf)) == line(page, "leaf"));
    CHECK(to_hex(leaf_hash(encode(leaf))) == line(page, "leaf-hash"));

    const auto verified = verify_receipt(block(page, "receipt"), line(page, "vkey"));
    REQUIRE(verified);
    CHECK(verified->entry.index == 1);
    CHECK(verified->entry.opened == Opened::all);
    CHECK(verified->entry.detail.rest == detail);
    CHECK(verified->entry.leaf.time == leaf.time);
    CHECK(verified->entry.leaf.kind == leaf.kind);
    CHECK(verified->checkpoint.size == 3);
    CHECK(page.contains(to_hex(verified->checkpoint.root).substr(0, 8)));
}

TEST_CASE("the record of the format page is written and read, byte for byte") {
    const auto page = page_text();
    auto text = block(page, "record");
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    const auto record = from_hex(text).value();
    const auto leaf = from_hex(line(page, "leaf")).value();
    const Bytes sealed = {1, 2, 3, 4, 5, 6, 7, 8};
    const storage::LogRow rows[] = {
        {.index = 0, .leaf = as_bytes("another"), .token = {}, .sealed = as_bytes("detail")},
        {.index = 1, .leaf = leaf, .token = {}, .sealed = sealed}};

    // The page's key is the 32 bytes of its salt.
    const auto hmac = std::make_shared<crypto::HmacKey>(from_hex(line(page, "salt")).value());
    const storage::RecordKey key = [hmac](std::initializer_list<BytesView> parts) {
        const auto whole = hmac->mac(parts);
        storage::RecordMac mac{};
        std::copy_n(whole.begin(), mac.size(), mac.begin());
        return mac;
    };

    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "log.entries";
    {
        auto file = storage::EntryFile::open(path, key);
        REQUIRE(file);
        REQUIRE(file->take_up(
            {}, storage::OldRecords::refused,
            [](const storage::LogRow&, storage::Place) { return fail(ErrorCode::internal); }));
        REQUIRE(file->accept("now"));
        std::vector<storage::Place> places;
        REQUIRE(file->append(rows, places));
        const auto written = read_file(path).value();
        const auto begin = places[0].end();
        REQUIRE(places[1].end() == begin + record.size());
        CHECK(to_hex(as_bytes(written).subspan(begin, record.size())) == to_hex(record));
    }
    // And the page's bytes, at the front of a file, are read as that entry.
    REQUIRE(write_file(path, as_text(record)));
    auto file = storage::VfsFile::open(path, storage::VfsFile::Mode::read);
    REQUIRE(file);
    int visits = 0;
    const auto end = storage::visit_entries(
        *file, 0, 1, [&](const storage::LogRow& row, storage::Place place) -> Status {
            ++visits;
            CHECK(row.index == 1);
            CHECK(std::ranges::equal(row.leaf, leaf));
            CHECK(row.token.empty());
            CHECK(std::ranges::equal(row.sealed, sealed));
            CHECK(place.at == record.size() - sealed.size());
            CHECK(place.size == sealed.size());
            return {};
        });
    CHECK(end == record.size());
    CHECK(visits == 1);
}
