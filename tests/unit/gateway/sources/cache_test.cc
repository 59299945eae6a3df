#include "gateway/sources/cache.h"

#include <fstream>

#include "gateway/sources/cached_form.h"
#include "gateway/storage/sqlite/cache_store.h"
#include "gateway/support/bounds.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace shikaku::sources::test;

constexpr Instant kFetched{std::chrono::milliseconds(1'795'132'740'123)};

const Hash256 kSource = person(100);

adapters::Records two_rows() {
    domain::Entitlement second = row("B", kFetched);
    second.payer_number = domain::PayerNumber::parse("54136015");
    second.revoked_at = kFetched;
    return {.entitlements = {row("A", kFetched), second},
            .as_of = kFetched - std::chrono::seconds(1),
            .ambiguous = false};
}

std::string bytes_of(const std::filesystem::path& file) {
    const auto content = read_file(file);
    return content ? *content : std::string();
}

}  // namespace

TEST_CASE("a cached answer comes back whole, also after a restart") {
    CacheHouse house;
    const auto tokyo = authority("130001");
    CHECK_FALSE(house.cache->find(tokyo, kSource, person(1)));
    house.cache->put(tokyo, kSource, person(1), two_rows(), kFetched);
    house.cache->flush();
    house.open();
    const auto cached = house.cache->find(tokyo, kSource, person(1));
    REQUIRE(cached);
    CHECK(cached->fetched == kFetched);
    CHECK(cached->records.as_of == kFetched - std::chrono::seconds(1));
    CHECK(cached->records.entitlements == two_rows().entitlements);
    CHECK_FALSE(cached->records.ambiguous);
}

TEST_CASE("the cache keeps persons and authorities apart") {
    CacheHouse house;
    house.cache->put(authority("130001"), kSource, person(1), two_rows(), kFetched);
    house.cache->flush();
    CHECK_FALSE(house.cache->find(authority("130001"), kSource, person(2)));
    CHECK_FALSE(house.cache->find(authority("132012"), kSource, person(1)));
}

TEST_CASE("an answer of a source that was configured otherwise is not found") {
    CacheHouse house;
    const auto tokyo = authority("130001");
    house.cache->put(tokyo, kSource, person(1), two_rows(), kFetched);
    house.cache->flush();
    CHECK_FALSE(house.cache->find(tokyo, person(101), person(1)));
    CHECK(house.cache->find(tokyo, kSource, person(1)));
}

TEST_CASE("the newest answer counts; that a source knows nobody is an answer too") {
    CacheHouse house;
    const auto tokyo = authority("130001");
    house.cache->put(tokyo, kSource, person(1), two_rows(), kFetched);
    house.cache->put(tokyo, kSource, person(1), {}, kFetched + std::chrono::seconds(5));
    house.cache->flush();
    const auto cached = house.cache->find(tokyo, kSource, person(1));
    REQUIRE(cached);
    CHECK(cached->records.entitlements.empty());
    CHECK(cached->fetched == kFetched + std::chrono::seconds(5));
}

TEST_CASE("that a source could not tell two people apart is kept, too") {
    CacheHouse house;
    const auto tokyo = authority("130001");
    house.cache->put(tokyo, kSource, person(1),
                     {.entitlements = {}, .as_of = kFetched, .ambiguous = true}, kFetched);
    house.cache->flush();
    const auto cached = house.cache->find(tokyo, kSource, person(1));
    REQUIRE(cached);
    CHECK(cached->records.ambiguous);
}

TEST_CASE("what is queued is written before the cache closes") {
    CacheHouse house;
    for (std::uint8_t i = 0; i < 100; ++i)
        house.cache->put(authority("130001"), kSource, person(i), two_rows(), kFetched);
    house.open();
    for (std::uint8_t i = 0; i < 100; ++i)
        CHECK(house.cache->find(authority("130001"), kSource, person(i)));
}

TEST_CASE("nothing personal stands in the cache's files in clear") {
    CacheHouse house;
    house.cache->put(authority("130001"), kSource, person(7), two_rows(), kFetched);
    house.cache->flush();
    const std::string files =
        bytes_of(house.database()) + bytes_of(house.database().string() + "-wal");
    CHECK(files.size() > 1000);
    CHECK(files.find("1234566") == std::string::npos);
    CHECK(files.find("54136015") == std::string::npos);
    CHECK(files.find(std::string(32, '\x07')) == std::string::npos);
}

TEST_CASE("a cache written with other keys is emptied and used with the new ones") {
    CacheHouse house;
    house.cache->put(authority("130001"), kSource, person(1), two_rows(), kFetched);
    CacheHouse other;
    house.cache.reset();
    {
        auto reopened = Cache::open(house.database(), *other.keys);
        REQUIRE(reopened);
        CHECK_FALSE((*reopened)->find(authority("130001"), kSource, person(1)));
        (*reopened)->put(authority("130001"), kSource, person(2), two_rows(), kFetched);
    }
    house.open();
    CHECK_FALSE(house.cache->find(authority("130001"), kSource, person(1)));
    house.cache.reset();
    auto again = Cache::open(house.database(), *other.keys);
    REQUIRE(again);
    CHECK_FALSE((*again)->find(authority("130001"), kSource, person(2)));
}

TEST_CASE("a file that is no cache is moved aside and replaced") {
    CacheHouse house;
    house.cache.reset();
    std::ofstream(house.database(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
    house.open();
    house.cache->put(authority("130001"), kSource, person(1), two_rows(), kFetched);
    house.cache->flush();
    CHECK(house.cache->find(authority("130001"), kSource, person(1)));
    CHECK(bytes_of(house.database().string() + ".unreadable") == std::string(8192, 'x'));
}

TEST_CASE("the store takes out the oldest rows first") {
    testing::TemporaryFolder folder;
    auto store = storage::CacheStore::open(folder.path() / "cache.db");
    REQUIRE(store);
    std::vector<storage::CacheRow> rows;
    for (std::uint8_t i = 0; i < 10; ++i)
        rows.push_back({.key = person(i), .put = kFetched - std::chrono::hours(i), .sealed = {i}});
    REQUIRE((*store)->put(rows));
    CHECK((*store)->trim(10) == 0);
    CHECK((*store)->trim(4) == 6);
    CHECK((*store)->find(person(3))->has_value());
    CHECK_FALSE((*store)->find(person(4))->has_value());
    CHECK(**(*store)->find(person(0)) == Bytes{0});
}

TEST_CASE("a cached form that we cannot have written is refused") {
    const std::string good = write_cached({.records = two_rows(), .fetched = kFetched});
    REQUIRE(read_cached(good));
    const auto bad = GENERATE(
        as<std::string>(), "", "[]", "{}", R"({"v":1})", R"({"v":2,"f":1,"a":1,"e":[]})",
        R"({"v":1,"f":"1","a":1,"e":[]})", R"({"v":1,"f":1,"e":[]})", R"({"v":1,"f":1,"a":1})",
        R"({"v":1,"f":1,"a":1,"e":[1]})", R"({"v":1,"f":1,"a":1,"m":"x","e":[]})",
        R"({"v":1,"f":1,"a":1,"e":[{"hk":"1"}]})", R"({"v":1,"f":1,"a":1,"e":[]}x)");
    INFO(bad);
    const auto read = read_cached(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::corrupt);
}

TEST_CASE("readers that keep asking do not let the write-ahead log grow without end") {
    const shikaku::testing::TemporaryFolder folder;
    const auto file = folder.path() / "cache.db";
    auto store = shikaku::storage::CacheStore::open(file);
    REQUIRE(store);
    shikaku::Hash256 key{};
    std::uintmax_t largest = 0;
    for (int i = 0; i < 1000; ++i) {
        key[0] = static_cast<std::uint8_t>(i);
        key[1] = static_cast<std::uint8_t>(i >> 8);
        REQUIRE((*store)->find(key));  // its snapshot stays open
        const shikaku::storage::CacheRow row{
            .key = key, .put = kFetched, .sealed = shikaku::Bytes(20'000, 1)};
        REQUIRE((*store)->put({&row, 1}));
        largest = std::max(largest, std::filesystem::file_size(file.string() + "-wal"));
    }
    CHECK(largest < 5'000'000);  // of 20 MB that were put
}
