#include <sys/stat.h>

#include "tests/unit/gateway/audit/failing_disk.h"
#include "tests/unit/gateway/storage/sqlite/entry_file_fixture.h"

using namespace entry_file_test;

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
    const auto mac_of = [](const std::string& one) {
        RecordMac mac{};
        std::ranges::copy(as_bytes(one).subspan(kMacAt, mac.size()), mac.begin());
        return mac;
    };
    const auto one =
        record({.bytes = 64, .index = 0, .group = 0, .leaf = 6, .token = 0}, "a leafsealed");
    const auto two = record({.bytes = 58, .index = 1, .group = 0, .leaf = 1, .token = 5}, "btoken",
                            '2', mac_of(one));
    const auto three = record({.bytes = static_cast<std::uint32_t>(record_bytes(third)),
                               .index = 2,
                               .group = 2,
                               .leaf = 6,
                               .token = 7},
                              third.leaf + third.token + third.sealed, '2', mac_of(two));
    CHECK(content.starts_with(one + two + three));
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
    CHECK(EntryFile::open(fixture.folder.path() / "none" / "log.entries", kKey).error().code ==
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
        auto file = EntryFile::open(fixture.path, kKey);
        REQUIRE(file);
        REQUIRE(Fixture::take_up(*file, {.at = places[20].end(),
                                         .index = 21,
                                         .chain = fixture.chain_at(places[20].end())})
                    .rows.size() == 2);
        std::vector<Place> more;
        REQUIRE(file->append(views_of(rows_of(23, 25)), more));
        CHECK(more[0].at > places[22].end());
    }
    CHECK(fixture.take_up().rows == joined({all, rows_of(23, 25)}));
}

TEST_CASE("nothing goes on behind a record that is not the one log.db names") {
    const Fixture fixture;
    const auto rows = rows_of(0, 3);
    const auto places = fixture.append({rows});
    auto file = EntryFile::open(fixture.path, kKey);
    REQUIRE(file);
    const auto views = views_of(rows);
    REQUIRE(file->behind(views[2], places[2]));
    for (const std::uint32_t longer : {1U, ~0U}) {
        Place other = places[2];
        other.size += longer;
        CHECK(file->behind(views[2], other).error().code == ErrorCode::corrupt);
    }
    CHECK(file->behind(views[1], places[2]).error().code == ErrorCode::corrupt);
    CHECK(file->behind(views[2], places[1]).error().code == ErrorCode::corrupt);
}

TEST_CASE("what the visitor says ends the taking up, and changes nothing") {
    const Fixture fixture;
    fixture.append({rows_of(0, 3)});
    const auto before = fixture.content();
    auto file = EntryFile::open(fixture.path, kKey);
    REQUIRE(file);
    int visits = 0;
    const auto stopped =
        file->take_up({}, OldRecords::refused, [&](const LogRow&, Place) -> Status {
            return ++visits < 2 ? Status{} : fail(ErrorCode::io_failed);
        });
    CHECK(stopped.error().code == ErrorCode::io_failed);
    CHECK(visits == 2);
    CHECK(fixture.content() == before);
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

TEST_CASE("records of version 1 are read up to the first of version 2, and not behind it") {
    const Fixture fixture;
    const auto old = rows_of(0, 3);
    const auto now = rows_of(3, 5);
    fixture.put(record_1(old[0], 0) + record_1(old[1], 1) + record_1(old[2], 1));
    fixture.append({now});
    CHECK(fixture.take_up().rows == joined({old, now}));
    const auto content = fixture.content();
    const auto end = content.find_last_not_of('\0') + 1;
    // One more of version 1, as whoever has no key can write it.
    fixture.put(content.substr(0, end) + record_1(row_of(5), 5));
    const auto taken = fixture.take_up();
    REQUIRE_FALSE(taken.status);
    CHECK(taken.status.error().detail.contains("where entry 5 is expected"));
    CHECK(taken.status.error().detail.contains("key ring"));
    // None at all once the log has been started by a program that knows version 2.
    fixture.put(record_1(old[0], 0));
    auto file = EntryFile::open(fixture.path, kKey);
    REQUIRE(file);
    CHECK(Fixture::take_up(*file, {}, OldRecords::refused)
              .status.error()
              .detail.contains("key ring"));
    CHECK(Fixture::take_up(*file, {}, OldRecords::accepted).rows.size() == 1);
}

TEST_CASE("what goes on behind any of its records is of any version") {
    const Fixture fixture;
    const auto old = rows_of(0, 2);
    fixture.put(record_1(old[0], 0) + record_1(old[1], 1));
    const auto places = fixture.append({rows_of(2, 4)});
    auto file = EntryFile::open(fixture.path, kKey);
    REQUIRE(file);
    const auto first_ends =
        kRecordHeadBytes1 + old[0].leaf.size() + old[0].token.size() + old[0].sealed.size();
    const auto size = static_cast<std::uint32_t>(old[0].sealed.size());
    const auto behind_old = file->behind(view_of(old[0]), {.at = first_ends - size, .size = size});
    REQUIRE(behind_old);
    CHECK(behind_old->at == first_ends);
    CHECK_FALSE(behind_old->chain.keyed);
    const auto third = row_of(2);
    const auto behind_new = file->behind(view_of(third), places[0]);
    REQUIRE(behind_new);
    CHECK(behind_new->chain.keyed);
    CHECK(Fixture::take_up(*file, *behind_new, OldRecords::refused).rows.size() == 1);
    // Another entry is not there.
    CHECK(file->behind(view_of(row_of(4)), places[0]).error().code == ErrorCode::corrupt);
    CHECK(file->behind(view_of(third), places[1]).error().code == ErrorCode::corrupt);
    CHECK(file->behind(view_of(third), {.at = ~std::uint64_t{0} / 4, .size = 1}).error().code ==
          ErrorCode::corrupt);
}

TEST_CASE("room on the disk is had ahead, and does not change what is there") {
    const Fixture fixture;
    fixture.append({rows_of(0, 3)});
    CHECK(fixture.content().size() == 64 * 1024);
    struct ::stat facts{};
    REQUIRE(::stat(fixture.path.c_str(), &facts) == 0);
    // A file system that cannot reserve leaves it at what is written.
    if (facts.st_blocks > 64 * 1024 / 512) CHECK(facts.st_blocks * 512 >= 16 * 1024 * 1024);
    CHECK(fixture.take_up().rows == rows_of(0, 3));
}

TEST_CASE("the last group is written again before anything is added: it may not be on the disk") {
    const log_test::FailingDisk disk;
    const Fixture fixture;
    const auto last = rows_of(4, 9);
    fixture.append({rows_of(0, 4), last});
    const auto before = log_test::FailingDisk::written_to_entries();
    REQUIRE(fixture.take_up().status);
    CHECK(log_test::FailingDisk::written_to_entries() - before == record_bytes(last));
}
