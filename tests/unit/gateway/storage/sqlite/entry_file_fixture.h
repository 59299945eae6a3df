// A log.entries in a folder of its own, and what tests do with it.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/storage/sqlite/entry_file.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace entry_file_test {

using namespace shikaku;
using namespace shikaku::storage;

inline constexpr std::size_t kHeadBytes = 52;
inline constexpr std::size_t kChecksumAt = 28;
inline constexpr std::size_t kMacAt = 36;

// Stands in for the HMAC of the real one.
inline RecordKey key_of(std::uint64_t secret) {
    return [secret](std::initializer_list<BytesView> parts) {
        Bytes all;
        put_u64be(all, secret);
        for (const BytesView part : parts)
            all.insert(all.end(), part.begin(), part.end());
        Bytes out;
        put_u64be(out, XXH3_64bits(all.data(), all.size()));
        put_u64be(out, XXH64(all.data(), all.size(), secret));
        RecordMac mac{};
        std::ranges::copy(out, mac.begin());
        return mac;
    };
}
inline const RecordKey kKey = key_of(1);

struct Row {
    std::uint64_t index = 0;
    std::string leaf, token, sealed;
    bool operator==(const Row&) const = default;
};

// Entry `index`, its detail of `bytes` bytes. No byte of it is zero.
inline Row row_of(std::uint64_t index, std::size_t bytes = 20) {
    Row row{.index = index, .leaf = "leaf " + std::to_string(index), .token = {}, .sealed = {}};
    if (index % 2 == 0) row.token = "token " + std::to_string(index);
    for (std::size_t i = 0; i < bytes; ++i)
        row.sealed.push_back(static_cast<char>(1 + (index * 31 + i * 7) % 255));
    return row;
}

inline std::vector<Row> rows_of(std::uint64_t begin, std::uint64_t end, std::size_t bytes = 20) {
    std::vector<Row> rows;
    for (auto index = begin; index < end; ++index)
        rows.push_back(row_of(index, bytes));
    return rows;
}

inline LogRow view_of(const Row& row) {
    return {.index = row.index,
            .leaf = as_bytes(row.leaf),
            .token = as_bytes(row.token),
            .sealed = as_bytes(row.sealed)};
}

inline std::vector<LogRow> views_of(const std::vector<Row>& rows) {
    std::vector<LogRow> views;
    for (const Row& row : rows)
        views.push_back(view_of(row));
    return views;
}

inline std::size_t record_bytes(const Row& row) {
    return kHeadBytes + row.leaf.size() + row.token.size() + row.sealed.size();
}

inline std::size_t record_bytes(const std::vector<Row>& rows) {
    std::size_t bytes = 0;
    for (const Row& row : rows)
        bytes += record_bytes(row);
    return bytes;
}

// A record with any numbers, right or wrong, with a right checksum; of version 2 with the MAC of
// one that follows `before`.
struct Numbers {
    std::uint32_t bytes;
    std::uint64_t index;
    std::uint64_t group;
    std::uint16_t leaf;
    std::uint16_t token;
};
inline std::string record(const Numbers& numbers, std::string_view body, char version = '2',
                          RecordMac before = {}) {
    Bytes made;
    for (const char c : std::string_view("SHE"))
        made.push_back(static_cast<std::uint8_t>(c));
    made.push_back(static_cast<std::uint8_t>(version));
    put_u32be(made, numbers.bytes);
    put_u64be(made, numbers.index);
    put_u64be(made, numbers.group);
    put_u16be(made, numbers.leaf);
    put_u16be(made, numbers.token);
    put_u64be(made, 0);
    if (version == '2') {
        const auto named = std::min<std::size_t>(body.size(), numbers.leaf + numbers.token);
        const auto mac =
            kKey({before, BytesView(made).first(kChecksumAt), as_bytes(body.substr(0, named))});
        made.insert(made.end(), mac.begin(), mac.end());
    }
    made.insert(made.end(), body.begin(), body.end());
    Bytes sum;
    put_u64be(sum, XXH3_64bits(made.data(), made.size()));
    std::ranges::copy(sum, made.begin() + kChecksumAt);
    return std::string(as_text(made));
}
inline std::string record_1(const Row& row, std::uint64_t group) {
    return record({.bytes = static_cast<std::uint32_t>(kRecordHeadBytes1 + row.leaf.size() +
                                                       row.token.size() + row.sealed.size()),
                   .index = row.index,
                   .group = group,
                   .leaf = static_cast<std::uint16_t>(row.leaf.size()),
                   .token = static_cast<std::uint16_t>(row.token.size())},
                  row.leaf + row.token + row.sealed, '1');
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

    // The MAC of the record that ends at byte `at` of the file.
    [[nodiscard]] Chain chain_at(std::uint64_t at) const {
        const auto whole = content();
        Chain chain;
        for (std::uint64_t next = 0; next < at;) {
            const auto head = read_record(as_bytes(whole).subspan(next));
            if (!head) break;
            chain = head->chain();
            next += head->bytes;
        }
        return chain;
    }
    static Taken take_up(EntryFile& file, const Expected& from,
                         OldRecords old = OldRecords::accepted) {
        static int times = 0;
        Taken taken;
        taken.status = file.take_up(from, old, [&](const LogRow& row, Place place) -> Status {
            taken.rows.push_back({row.index, std::string(as_text(row.leaf)),
                                  std::string(as_text(row.token)),
                                  std::string(as_text(row.sealed))});
            taken.places.push_back(place);
            return {};
        });
        if (taken.status) taken.status = file.accept(std::to_string(++times));
        return taken;
    }
    static Taken take_up(EntryFile& file) { return take_up(file, {}); }
    [[nodiscard]] Taken take_up(std::uint64_t at = 0, std::uint64_t index = 0) const {
        auto file = EntryFile::open(path, kKey);
        REQUIRE(file);
        return take_up(*file, {.at = at, .index = index, .chain = chain_at(at)});
    }
    [[nodiscard]] std::vector<std::filesystem::path> torn_files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& file : std::filesystem::directory_iterator(folder.path()))
            if (file.path().filename().string().starts_with("log.entries.torn-"))
                found.push_back(file.path());
        return found;
    }
    // Appends groups behind what is there.
    std::vector<Place> append(const std::vector<std::vector<Row>>& groups) const {
        auto file = EntryFile::open(path, kKey);
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

inline bool same(const std::vector<Place>& a, const std::vector<Place>& b) {
    return std::ranges::equal(a, b,
                              [](Place x, Place y) { return x.at == y.at && x.size == y.size; });
}

inline std::vector<Row> joined(std::initializer_list<std::vector<Row>> groups) {
    std::vector<Row> all;
    for (const auto& group : groups)
        all.insert(all.end(), group.begin(), group.end());
    return all;
}

// What a crash may leave of the last group: a prefix of its entries is taken up, what is appended
// then is there afterwards. `before` is what must be there in any case.
inline void check_torn(const Fixture& fixture, const std::vector<Row>& before,
                       const std::vector<Row>& last) {
    const auto whole = joined({before, last});
    std::vector<Row> expected;
    {
        auto file = EntryFile::open(fixture.path, kKey);
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

}  // namespace entry_file_test
