// The example of gateway/docs/audit-format.md is what the code makes and accepts.
#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/audit/merkle.h"
#include "gateway/audit/receipt.h"
#include "gateway/crypto/hash.h"
#include "gateway/storage/entry_file.h"
#include "gateway/support/file.h"
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
    const auto salt = from_hex(line(page, "salt"));
    REQUIRE(salt);
    const auto detail = line(page, "detail");
    const auto made = commitment(*salt, detail);
    CHECK(to_hex(made) == line(page, "commitment"));
    const Leaf leaf{Instant(std::chrono::milliseconds(1'795'132'800'123)), Kind::denial, made};
    CHECK(to_hex(encode(leaf)) == line(page, "leaf"));
    CHECK(to_hex(leaf_hash(encode(leaf))) == line(page, "leaf-hash"));

    const auto verified = verify_receipt(block(page, "receipt"), line(page, "vkey"));
    REQUIRE(verified);
    CHECK(verified->entry.index == 1);
    CHECK(verified->entry.detail == detail);
    CHECK(verified->entry.leaf.time == leaf.time);
    CHECK(verified->entry.leaf.kind == leaf.kind);
    CHECK(Bytes(verified->entry.salt.begin(), verified->entry.salt.end()) == *salt);
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
