// What every storage of the cache does (gateway/storage/ports/cache_storage.h).
#include "gateway/storage/ports/cache_storage.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/storage/ports/engines.h"

using namespace ports_test;

namespace {

Hash256 key(std::uint8_t name) {
    Hash256 key{};
    key.fill(name);
    return key;
}

CacheRow row(std::uint8_t name, int second, std::uint8_t content) {
    return {.key = key(name), .put = Instant(std::chrono::seconds(second)), .sealed = {content}};
}

KeyUse keys(std::uint8_t value) {
    return {.ring = {{"cache", {value}}}, .used = {"cache"}, .needed = [](std::string_view) {
                return Result<bool>(false);
            }};
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("the cache keeps the newest under a key", "", Engines) {
    TestType engine;
    const auto cache = engine.open_cache();
    REQUIRE(cache->expect_keys(keys(1)));
    CHECK(cache->find(key(1)).value() == std::nullopt);
    const CacheRow first[] = {row(1, 10, 'a'), row(2, 20, 'b')};
    REQUIRE(cache->put(first));
    const CacheRow second[] = {row(1, 30, 'c'), row(3, 40, 'd')};
    REQUIRE(cache->put(second));
    CHECK(cache->find(key(1)).value() == Bytes{'c'});
    CHECK(cache->find(key(2)).value() == Bytes{'b'});
}

TEMPLATE_LIST_TEST_CASE("the oldest of the cache go first", "", Engines) {
    TestType engine;
    const auto cache = engine.open_cache();
    REQUIRE(cache->expect_keys(keys(1)));
    const CacheRow rows[] = {row(1, 30, 'a'), row(2, 10, 'b'), row(3, 20, 'c')};
    REQUIRE(cache->put(rows));
    CHECK(cache->trim(3) == 0);
    CHECK(cache->trim(1) == 2);
    CHECK(cache->find(key(1)).value() == Bytes{'a'});
    CHECK(cache->find(key(2)).value() == std::nullopt);
    CHECK(cache->find(key(3)).value() == std::nullopt);
}

TEMPLATE_LIST_TEST_CASE("what other keys sealed is not in the cache", "", Engines) {
    TestType engine;
    {
        const auto cache = engine.open_cache();
        REQUIRE(cache->expect_keys(keys(1)));
        const CacheRow rows[] = {row(1, 30, 'a')};
        REQUIRE(cache->put(rows));
    }
    {
        const auto cache = engine.open_cache();
        REQUIRE(cache->expect_keys(keys(1)));
        CHECK(cache->find(key(1)).value() == Bytes{'a'});
    }
    const auto cache = engine.open_cache();
    REQUIRE(cache->expect_keys(keys(2)));
    CHECK(cache->find(key(1)).value() == std::nullopt);
}
