#include "gateway/storage/entry_file.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace shikaku;
using namespace shikaku::storage;

namespace {

constexpr std::size_t kHeadBytes = 36;
constexpr std::size_t kChecksumAt = 28;

struct Row {
    std::uint64_t index = 0;
    std::string leaf, token, sealed;
    bool operator==(const Row&) const = default;
};

// Entry `index`, its detail of `bytes` bytes. No byte of it is zero.
Row row_of(std::uint64_t index, std::size_t bytes = 20) {
    Row row{.index = index, .leaf = "leaf " + std::to_string(index), .token = {}, .sealed = {}};
    if (index % 2 == 0) row.token = "token " + std::to_string(index);
    for (std::size_t i = 0; i < bytes; ++i)
        row.sealed.push_back(static_cast<char>(1 + (index * 31 + i * 7) % 255));
    return row;
}

std::vector<Row> rows_of(std::uint64_t begin, std::uint64_t end, std::size_t bytes = 20) {
    std::vector<Row> rows;
    for (auto index = begin; index < end; ++index)
        rows.push_back(row_of(index, bytes));
    return rows;
}

std::vector<LogRow> views_of(const std::vector<Row>& rows) {
    std::vector<LogRow> views;
    for (const Row& row : rows)
        views.push_back({.index = row.index,
                         .leaf = as_bytes(row.leaf),
                         .token = as_bytes(row.token),
                         .sealed = as_bytes(row.sealed)});
    return views;
}

std::size_t record_bytes(const Row& row) {
    return kHeadBytes + row.leaf.size() + row.token.size() + row.sealed.size();
}

std::size_t record_bytes(const std::vector<Row>& rows) {
    std::size_t bytes = 0;
    for (const Row& row : rows)
        bytes += record_bytes(row);
    return bytes;
}

// A head with any numbers, right or wrong, and a right checksum over what follows it.
struct Numbers {
    std::uint32_t bytes;
    std::uint64_t index;
    std::uint64_t group;
    std::uint16_t leaf;
    std::uint16_t token;
};
std::string record(const Numbers& numbers, std::string_view body) {
    Bytes made;
    for (const char c : std::string_view("SHE1"))
        made.push_back(static_cast<std::uint8_t>(c));
    put_u32be(made, numbers.bytes);
    put_u64be(made, numbers.index);
    put_u64be(made, numbers.group);
    put_u16be(made, numbers.leaf);
    put_u16be(made, numbers.token);
    put_u64be(made, 0);
    made.insert(made.end(), body.begin(), body.end());
    Bytes sum;
    put_u64be(sum, XXH3_64bits(made.data(), made.size()));
    std::ranges::copy(sum, made.begin() + kChecksumAt);
    return std::string(as_text(made));
}

struct Taken {
    Status status;
    std::vector<Row> rows;
    std::vector<Place> places;
};

struct Fixture {
    testing::TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "log.entries";

    [[nodiscard]] std::string content() const { return read_file(path).value(); }
    void put(std::string_view bytes) const {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        REQUIRE(file);
    }

    static Taken take_up(EntryFile& file, std::uint64_t at = 0, std::uint64_t index = 0) {
        Taken taken;
        taken.status = file.take_up(at, index, [&](const LogRow& row, Place place) -> Status {
            taken.rows.push_back({row.index, std::string(as_text(row.leaf)),
                                  std::string(as_text(row.token)),
                                  std::string(as_text(row.sealed))});
            taken.places.push_back(place);
            return {};
        });
        return taken;
    }
    [[nodiscard]] Taken take_up(std::uint64_t at = 0, std::uint64_t index = 0) const {
        auto file = EntryFile::open(path);
        REQUIRE(file);
        return take_up(*file, at, index);
    }
    // Appends groups behind what is there.
    std::vector<Place> append(const std::vector<std::vector<Row>>& groups) const {
        auto file = EntryFile::open(path);
        REQUIRE(file);
        REQUIRE(take_up(*file).status);
        std::vector<Place> all, places;
        for (const auto& group : groups) {
            REQUIRE(file->append(views_of(group), places));
            REQUIRE(places.size() == group.size());
            all.insert(all.end(), places.begin(), places.end());
        }
        return all;
    }
};

bool same(const std::vector<Place>& a, const std::vector<Place>& b) {
    return std::ranges::equal(a, b,
                              [](Place x, Place y) { return x.at == y.at && x.size == y.size; });
}

std::vector<Row> joined(std::initializer_list<std::vector<Row>> groups) {
    std::vector<Row> all;
    for (const auto& group : groups)
        all.insert(all.end(), group.begin(), group.end());
    return all;
}

// What a crash may leave of the last group: a prefix of its entries is taken up, what is appended
// then is there afterwards. `before` is what must be there in any case.
void check_torn(const Fixture& fixture, const std::vector<Row>& before,
                const std::vector<Row>& last) {
    const auto whole = joined({before, last});
    std::vector<Row> expected;
    {
        auto file = EntryFile::open(fixture.path);
        REQUIRE(file);
        const auto taken = Fixture::take_up(*file);
        REQUIRE(taken.status);
        REQUIRE(taken.rows.size() >= before.size());
        REQUIRE(taken.rows.size() <= whole.size());
        REQUIRE(std::ranges::equal(taken.rows, std::span(whole).first(taken.rows.size())));
        expected = taken.rows;
        REQUIRE(std::filesystem::file_size(fixture.path) == record_bytes(expected));
        const auto next = rows_of(expected.size(), expected.size() + 2, 33);
        std::vector<Place> places;
        REQUIRE(file->append(views_of(next), places));
        expected = joined({expected, next});
    }
    const auto again = fixture.take_up();
    REQUIRE(again.status);
    REQUIRE(again.rows == expected);
}

}  // namespace

TEST_CASE("entries come back as they were appended, each at its place") {
    const Fixture fixture;
    const auto first = rows_of(0, 1);
    const auto second = rows_of(1, 6, 700);
    const auto third = joined({{row_of(6, 49'000)}, {row_of(7, 0)}, {row_of(8, 1)}});
    const auto all = joined({first, second, third});
    const auto places = fixture.append({first, second, third});
    const auto content = fixture.content();
    for (std::size_t i = 0; i < all.size(); ++i) {
        REQUIRE(places[i].size == all[i].sealed.size());
        REQUIRE(places[i].end() == places[i].at + all[i].sealed.size());
        REQUIRE(content.substr(places[i].at, places[i].size) == all[i].sealed);
    }
    const auto taken = fixture.take_up();
    REQUIRE(taken.status);
    CHECK(taken.rows == all);
    CHECK(same(taken.places, places));
}

TEST_CASE("a record has the bytes that the format page says") {
    const Fixture fixture;
    const std::vector<Row> group = {{.index = 0, .leaf = "a leaf", .token = "", .sealed = "sealed"},
                                    {.index = 1, .leaf = "b", .token = "token", .sealed = ""}};
    fixture.append({group, rows_of(2, 3)});
    const auto content = fixture.content();
    const auto third = row_of(2);
    CHECK(content.starts_with(
        record({.bytes = 48, .index = 0, .group = 0, .leaf = 6, .token = 0}, "a leafsealed") +
        record({.bytes = 42, .index = 1, .group = 0, .leaf = 1, .token = 5}, "btoken") +
        record({.bytes = static_cast<std::uint32_t>(record_bytes(third)),
                .index = 2,
                .group = 2,
                .leaf = 6,
                .token = 7},
               third.leaf + third.token + third.sealed)));
    // Behind the last record lie zeros, written ahead.
    const auto end = record_bytes(group) + record_bytes(third);
    CHECK(content.size() % (64 * 1024) == 0);
    CHECK(content.find_first_not_of('\0', end) == std::string::npos);
}

TEST_CASE("the file is its owner's alone") {
    const Fixture fixture;
    REQUIRE(fixture.take_up().status);
    CHECK((std::filesystem::status(fixture.path).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(EntryFile::open(fixture.folder.path() / "none" / "log.entries").error().code ==
          ErrorCode::storage_unavailable);
}

TEST_CASE("an empty file, and one of zeros, have nothing to take up") {
    const Fixture fixture;
    for (const std::size_t zeros : {0, 2, 35, 36, 4096, 300'000}) {
        fixture.put(std::string(zeros, '\0'));
        check_torn(fixture, {}, {});
    }
}

TEST_CASE("log.db may be behind by any number of entries") {
    const Fixture fixture;
    const auto all = rows_of(0, 23, 50);
    const std::span rows(all);
    std::vector<std::vector<Row>> groups;
    std::size_t begin = 0;
    for (const std::size_t count : {1, 7, 1, 14}) {
        const auto group = rows.subspan(begin, count);
        groups.emplace_back(group.begin(), group.end());
        begin += count;
    }
    const auto places = fixture.append(groups);
    for (std::size_t known = 0; known <= all.size(); ++known) {
        const auto at = known == 0 ? 0 : places[known - 1].end();
        const auto taken = fixture.take_up(at, known);
        REQUIRE(taken.status);
        REQUIRE(std::ranges::equal(taken.rows, rows.subspan(known)));
        REQUIRE(taken.places.size() == all.size() - known);
        for (std::size_t i = known; i < all.size(); ++i)
            REQUIRE(taken.places[i - known].at == places[i].at);
    }
    // And what is appended then follows what was taken up.
    {
        auto file = EntryFile::open(fixture.path);
        REQUIRE(file);
        REQUIRE(Fixture::take_up(*file, places[20].end(), 21).rows.size() == 2);
        std::vector<Place> more;
        REQUIRE(file->append(views_of(rows_of(23, 25)), more));
        CHECK(more[0].at > places[22].end());
    }
    CHECK(fixture.take_up().rows == joined({all, rows_of(23, 25)}));
}

TEST_CASE("what the visitor says ends the taking up, and changes nothing") {
    const Fixture fixture;
    fixture.append({rows_of(0, 3)});
    const auto before = fixture.content();
    auto file = EntryFile::open(fixture.path);
    REQUIRE(file);
    int visits = 0;
    const auto stopped = file->take_up(0, 0, [&](const LogRow&, Place) -> Status {
        return ++visits < 2 ? Status{} : fail(ErrorCode::io_failed);
    });
    CHECK(stopped.error().code == ErrorCode::io_failed);
    CHECK(visits == 2);
    CHECK(fixture.content() == before);
}

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

TEST_CASE("whatever byte of the last group did not arrive, the file keeps a prefix of it") {
    const Fixture fixture;
    const auto before = rows_of(0, 4);
    const auto last = rows_of(4, 7);
    fixture.append({rows_of(0, 2), rows_of(2, 4), last});
    const auto content = fixture.content();
    const auto begin = record_bytes(before);
    const auto end = begin + record_bytes(last);
    for (auto at = begin; at < end; ++at)
        for (const int instead : {0x00, 0xff, content[at] ^ 0x01}) {
            CAPTURE(at, instead);
            auto torn = content;
            torn[at] = static_cast<char>(instead);
            fixture.put(torn);
            check_torn(fixture, before, last);
        }
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
    // Every set of pages; what was there before: zeros, or anything.
    for (std::size_t lost = 1; lost < (std::size_t{1} << pages); lost += lost < 16 ? 1 : 5)
        for (const bool zeros : {true, false}) {
            CAPTURE(lost, zeros);
            auto torn = content;
            for (std::size_t page = 0; page < pages; ++page) {
                if ((lost >> page & 1) == 0) continue;
                const auto from = std::max(begin, (first_page + page) * kPage);
                const auto to = std::min(end, (first_page + page + 1) * kPage);
                for (auto at = from; at < to; ++at)
                    torn[at] = zeros ? '\0' : static_cast<char>(at * 131 + lost);
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
        {"shorter than a head", {.bytes = 35, .index = 2, .group = 2, .leaf = 0, .token = 0}},
        {"a leaf longer than it", {.bytes = 100, .index = 2, .group = 2, .leaf = 65, .token = 0}},
        {"a token longer than it", {.bytes = 100, .index = 2, .group = 2, .leaf = 0, .token = 65}},
        {"both together", {.bytes = 100, .index = 2, .group = 2, .leaf = 60, .token = 5}},
        {"the largest of both",
         {.bytes = 100, .index = 2, .group = 2, .leaf = 0xffff, .token = 0xffff}},
        {"longer than the file", {.bytes = 101, .index = 2, .group = 2, .leaf = 8, .token = 8}},
        {"longer than any", {.bytes = 131'073, .index = 2, .group = 2, .leaf = 8, .token = 8}},
        {"the longest", {.bytes = 0xffff'ffff, .index = 2, .group = 2, .leaf = 8, .token = 8}},
        {"a group behind it", {.bytes = 100, .index = 2, .group = 3, .leaf = 8, .token = 8}},
    };
    const Fixture fixture;
    const auto before = rows_of(0, 2);
    fixture.append({before});
    const auto content = fixture.content().substr(0, record_bytes(before));
    for (const auto& [what, numbers] : table) {
        CAPTURE(what);
        fixture.put(content + record(numbers, body));
        check_torn(fixture, before, {});
        fixture.put(record(numbers, body));
        CHECK(fixture.take_up(0, 2).rows.empty());
    }
    // The same with possible numbers is one.
    fixture.put(content +
                record({.bytes = 100, .index = 2, .group = 2, .leaf = 8, .token = 8}, body));
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

TEST_CASE("a group of several megabytes is one group") {
    const Fixture fixture;
    const auto before = rows_of(0, 2);
    const auto large = rows_of(2, 72, 49'000);
    const auto after = rows_of(72, 73);
    const auto places = fixture.append({before, large, after});
    REQUIRE(places[71].end() > 3 * 1024 * 1024);
    const auto content = fixture.content();
    const auto taken = fixture.take_up();
    REQUIRE(taken.status);
    CHECK(taken.rows == joined({before, large, after}));
    CHECK(same(taken.places, places));

    // Without the entry behind it, any part of it may be missing.
    auto torn = content.substr(0, places[71].end());
    for (const std::size_t keep : {0, 1, 100'000, 1'048'576, 2'000'000, 3'000'000}) {
        auto zeros = torn;
        std::fill(zeros.begin() + static_cast<std::ptrdiff_t>(record_bytes(before) + keep),
                  zeros.end(), '\0');
        fixture.put(zeros);
        check_torn(fixture, before, large);
    }
    // Its first megabyte, though later ones arrived.
    std::fill_n(torn.begin() + static_cast<std::ptrdiff_t>(record_bytes(before)), 1'048'576, '\0');
    fixture.put(torn);
    check_torn(fixture, before, large);
}

TEST_CASE("groups of every size around those of a read, a write and a step come back") {
    const Fixture fixture;
    std::uint64_t next = 0;
    std::vector<std::vector<Row>> groups;
    for (const std::size_t bytes : {65'535, 65'536, 65'537, 131'071, 131'072, 131'073, 262'144,
                                    1'048'575, 1'048'576, 1'048'577, 1'179'648}) {
        // One of that many bytes, made of records that are not too long.
        std::vector<Row> group;
        for (std::size_t left = bytes; left > 0;) {
            auto row = row_of(next++, 0);
            const auto head = record_bytes(row);
            row.sealed = std::string(left < 60'000 ? left - head : 30'000, 'x');
            left -= record_bytes(row);
            group.push_back(std::move(row));
        }
        REQUIRE(record_bytes(group) == bytes);
        groups.push_back(std::move(group));
    }
    const auto places = fixture.append(groups);
    const auto taken = fixture.take_up();
    REQUIRE(taken.status);
    std::vector<Row> all;
    for (const auto& group : groups)
        all.insert(all.end(), group.begin(), group.end());
    CHECK(taken.rows == all);
    CHECK(same(taken.places, places));
    for (std::size_t known = 0; known < places.size(); ++known)
        REQUIRE(fixture.take_up(places[known].end(), known + 1).rows.size() ==
                places.size() - known - 1);
}
