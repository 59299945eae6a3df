#include "gateway/audit/tile_path.h"

#include <catch2/catch.hpp>

using namespace shikaku::audit;

TEST_CASE("good tile paths are read and written the same") {
    struct Case {
        const char* text;
        TilePath path;
    };
    const Case cases[] = {
        {"tile/0/000", {false, 0, 0, 256}},
        {"tile/0/x001/x234/067", {false, 0, 1'234'067, 256}},
        {"tile/0/x001/x234/067.p/8", {false, 0, 1'234'067, 8}},
        {"tile/63/255.p/255", {false, 63, 255, 255}},
        {"tile/1/x001/000.p/1", {false, 1, 1000, 1}},
        {"tile/entries/000", {true, 0, 0, 256}},
        {"tile/entries/x039/062.p/112", {true, 0, 39'062, 112}},
        {"tile/0/x072/x057/x594/x037/x927/935", {false, 0, (1ULL << 56) - 1, 256}},
    };
    for (const auto& [text, path] : cases) {
        INFO(text);
        const auto parsed = parse_tile_path(text);
        REQUIRE(parsed);
        CHECK(parsed->entries == path.entries);
        CHECK(parsed->level == path.level);
        CHECK(parsed->n == path.n);
        CHECK(parsed->width == path.width);
        CHECK(to_string(path) == text);
    }
}

TEST_CASE("bad tile paths are refused") {
    for (const char* text : {
             "",
             "tile",
             "tile/",
             "tile/0",
             "tile/0/",
             "/tile/0/000",
             "tiles/0/000",
             "TILE/0/000",
             "tile//000",
             "tile/64/000",
             "tile/100/000",
             "tile/00/000",
             "tile/01/000",
             "tile/-1/000",
             "tile/+1/000",
             "tile/a/000",
             "tile/0x0/000",
             "tile/ 0/000",
             "tile/18446744073709551616/000",
             "tile/data/000",
             "tile/Entries/000",
             "tile/entries",
             "tile/entries/",
             "tile/0/0",
             "tile/0/00",
             "tile/0/0000",
             "tile/0/001/002",
             "tile/0/x001",
             "tile/0/x001/",
             "tile/0/x001/x002",
             "tile/0/x000/001",
             "tile/0/x000/x001/002",
             "tile/0/X001/002",
             "tile/0/x01/002",
             "tile/0/x0001/002",
             "tile/0/x001//002",
             "tile/0/00a",
             "tile/0/-01",
             "tile/0/ 01",
             "tile/0/001 ",
             "tile/0/001/",
             "tile/0/xx01/001",
             "tile/0/%30%30%30",
             "tile/0/../000",
             "tile/0/x001/../002",
             "tile/0/x072/x057/x594/x037/x927/936",
             "tile/0/x999/x999/x999/x999/x999/x999/999",
             "tile/0/x018/x446/x744/x073/x709/x551/616",
             "tile/0/000.p",
             "tile/0/000.p/",
             "tile/0/000.p/0",
             "tile/0/000.p/256",
             "tile/0/000.p/01",
             "tile/0/000.p/-1",
             "tile/0/000.p/1/",
             "tile/0/000.p/1.p/1",
             "tile/0/000.P/1",
             "tile/0/000p/1",
             "tile/0/000.p/1x",
             "tile/0/000.p/99999999999",
             "tile/entries/000.p/0",
             "tile/entries/000.p/256",
             "tile/entries/x000/000",
             "tile/0/\xef\xbc\x90\xef\xbc\x90\xef\xbc\x90",
         }) {
        INFO(text);
        CHECK_FALSE(parse_tile_path(text));
    }
    CHECK_FALSE(parse_tile_path(std::string_view("tile/0/000\0", 11)));
}
