// What a crash, a bad disk or a mix-up of files leaves of log.entries.
#include "tests/unit/gateway/storage/sqlite/entry_file_fixture.h"

using namespace entry_file_test;

TEST_CASE("cut at any byte of the last group, the file keeps a prefix of it") {
    const Fixture fixture;
    const auto before = rows_of(0, 4);
    const auto last = rows_of(4, 7);
    fixture.append({rows_of(0, 2), rows_of(2, 4), last});
    const auto content = fixture.content();
    const auto begin = record_bytes(before);
    const auto end = begin + record_bytes(last);
    for (auto cut = begin; cut <= end; ++cut) {
        CAPTURE(cut);
        fixture.put(std::string_view(content).substr(0, cut));
        check_torn(fixture, before, last);
        // The size was durable, the bytes were not.
        auto zeros = content;
        std::fill(zeros.begin() + static_cast<std::ptrdiff_t>(cut), zeros.end(), '\0');
        fixture.put(zeros);
        check_torn(fixture, before, last);
    }
}

TEST_CASE("a sector of the last group that was written in part leaves a prefix of the group") {
    const Fixture fixture;
    constexpr std::size_t kSector = 512;
    const auto before = rows_of(0, 4, 700);
    const auto last = rows_of(4, 7, 700);
    fixture.append({rows_of(0, 2, 700), rows_of(2, 4, 700), last});
    const auto content = fixture.content();
    const auto begin = record_bytes(before);
    const auto end = begin + record_bytes(last);
    for (auto sector = begin / kSector * kSector; sector < end; sector += kSector) {
        const auto first = std::max(begin, sector);
        const auto behind = std::min(end, sector + kSector);
        for (auto edge = first + 1; edge < behind; ++edge) {
            CAPTURE(sector, edge);
            const auto without = [&](std::size_t from, std::size_t to) {
                auto torn = content;
                std::fill(torn.begin() + static_cast<std::ptrdiff_t>(from),
                          torn.begin() + static_cast<std::ptrdiff_t>(to), '\0');
                fixture.put(torn);
                check_torn(fixture, before, last);
            };
            without(first, edge);
            without(edge, behind);
        }
    }
}

TEST_CASE("a changed byte in a group that was written whole is damage, not a torn group") {
    const Fixture fixture;
    // So long that no sector ends in the zeros of a head.
    const auto last = rows_of(4, 7, 24);
    fixture.append({rows_of(0, 2, 24), rows_of(2, 4, 24), last});
    const auto content = fixture.content();
    const auto begin = record_bytes(rows_of(0, 4, 24));
    const auto end = begin + record_bytes(last);
    const auto record_of = [&](std::size_t at) {
        auto first = begin;
        for (const Row& row : last) {
            if (at < first + record_bytes(row)) break;
            first += record_bytes(row);
        }
        return first;
    };
    for (auto at = begin; at < end; ++at)
        for (const int instead : {0xff, content[at] ^ 0x01}) {
            CAPTURE(at, instead);
            auto bad = content;
            bad[at] = static_cast<char>(instead);
            // A length that is more than there is looks like a record that was cut short.
            const auto head = read_head(as_bytes(bad).subspan(record_of(at)));
            if (bad == content || (head && record_of(at) + head->bytes > end)) continue;
            fixture.put(bad);
            const auto taken = fixture.take_up();
            REQUIRE_FALSE(taken.status);
            REQUIRE(taken.status.error().code == ErrorCode::corrupt);
            REQUIRE(taken.status.error().detail.contains("log.entries is damaged at byte "));
            REQUIRE(taken.status.error().detail.contains(", where entry "));
            REQUIRE(fixture.content() == bad);
        }
    CHECK(fixture.torn_files().empty());
}

TEST_CASE("what a crash left of a group is kept in a file beside") {
    const Fixture fixture;
    const auto before = rows_of(0, 4);
    fixture.append({before, rows_of(4, 7)});
    const auto content = fixture.content();
    const auto begin = record_bytes(before);
    const auto left = content.substr(begin, 30);
    fixture.put(content.substr(0, begin) + left + std::string(5000, '\0'));
    REQUIRE(fixture.take_up().rows == before);
    REQUIRE(fixture.torn_files().size() == 1);
    CHECK(read_file(fixture.torn_files()[0]).value() == left);
    // Zeros alone are nothing to keep.
    fixture.put(content.substr(0, begin) + std::string(5000, '\0'));
    REQUIRE(fixture.take_up().rows == before);
    CHECK(fixture.torn_files().size() == 1);
}

TEST_CASE("a whole record that the key did not write is refused, wherever it is") {
    const Fixture fixture;
    const auto rows = rows_of(0, 6);
    fixture.append({rows_of(0, 2), rows_of(2, 3), rows_of(3, 6)});
    const auto content = fixture.content();
    std::size_t begin = 0;
    for (const Row& row : rows) {
        const auto bytes = record_bytes(row);
        const auto refused = [&](const std::string& bad) {
            CAPTURE(row.index);
            fixture.put(bad);
            const auto taken = fixture.take_up();
            REQUIRE_FALSE(taken.status);
            CHECK(taken.status.error().detail.contains(
                "at byte " + std::to_string(begin) + ", where entry " + std::to_string(row.index)));
            CHECK(taken.status.error().detail.contains("key ring"));
            CHECK(fixture.content() == bad);
        };
        // Another leaf, its checksum made again: that needs no key.
        auto forged = content.substr(begin, bytes);
        forged[kHeadBytes] = 'L';
        std::fill_n(forged.begin() + kChecksumAt, 8, '\0');
        Bytes sum;
        put_u64be(sum, XXH3_64bits(forged.data(), forged.size()));
        std::ranges::copy(sum, forged.begin() + kChecksumAt);
        refused(content.substr(0, begin) + forged + content.substr(begin + bytes));
        // In version 1, which needs no key; behind the first it is refused.
        if (row.index > 0)
            refused(content.substr(0, begin) + record_1(row, row.index) +
                    content.substr(begin + bytes));
        begin += bytes;
    }
    // Under another key; and one of the same key from another place.
    fixture.put(content);
    auto other = EntryFile::open(fixture.path, key_of(2));
    REQUIRE(other);
    CHECK(Fixture::take_up(*other).status.error().detail.contains("key ring"));
    const auto first = record_bytes(rows[0]);
    const auto second = record_bytes(rows[1]);
    const auto moved = record({.bytes = static_cast<std::uint32_t>(second),
                               .index = 1,
                               .group = 0,
                               .leaf = static_cast<std::uint16_t>(rows[1].leaf.size()),
                               .token = 0},
                              rows[1].leaf + rows[1].sealed);  // as if it were the first
    fixture.put(content.substr(0, first) + moved + content.substr(first + second));
    CHECK(fixture.take_up().status.error().detail.contains("where entry 1 is expected"));
}

TEST_CASE("whatever pages of the last group did not arrive, the file keeps a prefix of it") {
    const Fixture fixture;
    constexpr std::size_t kPage = 4096;
    const auto before = rows_of(0, 4, 1500);
    const auto last = rows_of(4, 20, 1500);  // pages that it shares with others and its own
    fixture.append({rows_of(0, 2, 1500), rows_of(2, 4, 1500), last});
    const auto content = fixture.content();
    const auto begin = record_bytes(before);
    const auto end = begin + record_bytes(last);
    const auto first_page = begin / kPage;
    const auto pages = (end - 1) / kPage + 1 - first_page;
    REQUIRE(pages >= 7);
    // Every set of pages; what was there before are zeros.
    for (std::size_t lost = 1; lost < (std::size_t{1} << pages); lost += lost < 16 ? 1 : 5) {
        CAPTURE(lost);
        auto torn = content;
        for (std::size_t page = 0; page < pages; ++page) {
            if ((lost >> page & 1) == 0) continue;
            const auto from = std::max(begin, (first_page + page) * kPage);
            const auto to = std::min(end, (first_page + page + 1) * kPage);
            std::fill(torn.begin() + static_cast<std::ptrdiff_t>(from),
                      torn.begin() + static_cast<std::ptrdiff_t>(to), '\0');
        }
        fixture.put(torn);
        check_torn(fixture, before, last);
    }
}

TEST_CASE("a record with impossible numbers is no record, though its checksum is right") {
    const std::string body(64, 'b');
    struct Bad {
        const char* what;
        Numbers numbers;
    };
    const Bad table[] = {
        {"no length", {.bytes = 0, .index = 2, .group = 2, .leaf = 0, .token = 0}},
        {"shorter than a head", {.bytes = 51, .index = 2, .group = 2, .leaf = 0, .token = 0}},
        {"a leaf longer than it", {.bytes = 116, .index = 2, .group = 2, .leaf = 65, .token = 0}},
        {"a token longer than it", {.bytes = 116, .index = 2, .group = 2, .leaf = 0, .token = 65}},
        {"both together", {.bytes = 116, .index = 2, .group = 2, .leaf = 60, .token = 5}},
        {"the largest of both",
         {.bytes = 116, .index = 2, .group = 2, .leaf = 0xffff, .token = 0xffff}},
        {"longer than the file", {.bytes = 117, .index = 2, .group = 2, .leaf = 8, .token = 8}},
        {"longer than any", {.bytes = 131'073, .index = 2, .group = 2, .leaf = 8, .token = 8}},
        {"the longest", {.bytes = 0xffff'ffff, .index = 2, .group = 2, .leaf = 8, .token = 8}},
        {"a group behind it", {.bytes = 116, .index = 2, .group = 3, .leaf = 8, .token = 8}},
    };
    const Fixture fixture;
    const auto before = rows_of(0, 2);
    fixture.append({before});
    const auto content = fixture.content().substr(0, record_bytes(before));
    const auto mac = fixture.chain_at(content.size()).mac;
    for (const auto& [what, numbers] : table) {
        CAPTURE(what);
        for (const auto& front : {content, std::string()}) {
            fixture.put(front + record(numbers, body));
            const auto taken = front.empty() ? fixture.take_up(0, 2) : fixture.take_up();
            CHECK(taken.rows.size() == (front.empty() ? 0 : 2));
            // A file that ends before what the record claims is what a crash leaves.
            if (taken.status) CHECK(std::string_view(what) == "longer than the file");
        }
    }
    // The same with possible numbers is one.
    fixture.put(content + record({.bytes = 116, .index = 2, .group = 2, .leaf = 8, .token = 8},
                                 body, '2', mac));
    CHECK(fixture.take_up().rows.size() == 3);
}

TEST_CASE("damage before the last group is corrupt, is named, and nothing is changed") {
    const Fixture fixture;
    const auto whole = joined({rows_of(0, 1), rows_of(1, 4), rows_of(4, 6), rows_of(6, 7)});
    fixture.append({rows_of(0, 1), rows_of(1, 4), rows_of(4, 6), rows_of(6, 7)});
    const auto content = fixture.content();
    std::size_t begin = 0;
    for (std::size_t damaged = 0; damaged < 6; ++damaged) {
        const auto end = begin + record_bytes(whole[damaged]);
        for (auto at = begin; at < end; ++at)
            for (const int instead : {0x00, 0xff, content[at] ^ 0x01}) {
                auto bad = content;
                bad[at] = static_cast<char>(instead);
                if (bad == content) continue;
                CAPTURE(damaged, at, instead);
                fixture.put(bad);
                const auto taken = fixture.take_up();
                REQUIRE_FALSE(taken.status);
                REQUIRE(taken.status.error().code == ErrorCode::corrupt);
                REQUIRE(taken.status.error().detail ==
                        "log.entries is damaged at byte " + std::to_string(begin) +
                            ", where entry " + std::to_string(damaged) + " is expected");
                REQUIRE(taken.rows.size() == damaged);
                REQUIRE(fixture.content() == bad);
            }
        // The whole record is gone, or there twice.
        const auto rest = content.substr(end);
        for (const auto& bad :
             {content.substr(0, begin) + std::string(end - begin, '\0') + rest,
              content.substr(0, begin) + rest, content.substr(0, end) + content.substr(begin)}) {
            CAPTURE(damaged);
            fixture.put(bad);
            REQUIRE(fixture.take_up().status.error().code == ErrorCode::corrupt);
            REQUIRE(fixture.content() == bad);
        }
        begin = end;
    }
}

TEST_CASE("damage behind a megabyte, and a megabyte behind damage, is found") {
    const Fixture fixture;
    const auto small = rows_of(0, 3);
    const auto large = rows_of(3, 33, 40'000);
    const auto last = rows_of(33, 34);
    fixture.append({small, large, last});
    const auto content = fixture.content();
    const auto expect_damage = [&](std::size_t from, std::size_t to, std::size_t named) {
        auto bad = content;
        std::fill(bad.begin() + static_cast<std::ptrdiff_t>(from),
                  bad.begin() + static_cast<std::ptrdiff_t>(to), '\0');
        fixture.put(bad);
        const auto taken = fixture.take_up();
        REQUIRE_FALSE(taken.status);
        CHECK(taken.status.error().detail.contains("at byte " + std::to_string(named) + ","));
        CHECK(fixture.content() == bad);
    };
    const auto large_end = record_bytes(small) + record_bytes(large);
    REQUIRE(large_end > 1'100'000);
    expect_damage(large_end - 1, large_end, large_end - record_bytes(large.back()));
    expect_damage(record_bytes(small), large_end, record_bytes(small));
    expect_damage(0, large_end, 0);
}

TEST_CASE("a file that is shorter than log.db says, or is another log's, is corrupt") {
    const Fixture fixture;
    const auto places = fixture.append({rows_of(0, 3), rows_of(3, 6), rows_of(6, 9)});
    const auto content = fixture.content();
    const auto corrupt = [&](std::string_view bytes, std::uint64_t at, std::uint64_t index) {
        CAPTURE(bytes.size(), at, index);
        fixture.put(bytes);
        const auto taken = fixture.take_up(at, index);
        REQUIRE_FALSE(taken.status);
        CHECK(taken.status.error().code == ErrorCode::corrupt);
        CHECK_FALSE(taken.status.error().detail.empty());
        CHECK(taken.rows.empty());
        CHECK(fixture.content() == bytes);
    };
    const auto end = places[8].end();
    corrupt("", end, 9);
    corrupt(content.substr(0, end - 1), end, 9);
    corrupt(content, content.size() + 1, 9);
    corrupt(content, ~std::uint64_t{0}, 9);
    // Other indexes than expected: a log that had more before it, or less.
    corrupt(content, 0, 1);
    corrupt(content, 0, 100);
    corrupt(content, places[2].end(), 2);
    corrupt(content, places[2].end(), 4);
    corrupt(content.substr(places[2].end()), 0, 0);
    // A place inside a record.
    corrupt(content, places[3].at, 4);
}
