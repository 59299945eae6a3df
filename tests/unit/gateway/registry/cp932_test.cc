#include "gateway/registry/cp932.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/reference.h"

using namespace shikaku::registry;

namespace {

const Cp932Table& table() {
    const auto got = Cp932Table::get();
    REQUIRE(got);
    return **got;
}

}  // namespace

TEST_CASE("every pointer decodes as in the WHATWG index jis0208") {
    const auto index = shikaku::testing::reference("data/index-jis0208.txt");
    if (!index) return;
    std::array<unsigned long, kCp932Pointers> expected{};
    for (std::size_t pointer = 8836; pointer <= 10715; ++pointer)
        expected[pointer] = 0xE000 + (pointer - 8836);
    std::ifstream file(*index);
    std::string line;
    std::size_t lines = 0;
    while (std::getline(file, line)) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream cells(line);
        std::size_t pointer = 0;
        std::string code_point;
        cells >> pointer >> code_point;
        if (pointer >= kCp932Pointers) continue;  // rows that Shift_JIS cannot reach
        expected[pointer] = std::stoul(code_point, nullptr, 16);
        ++lines;
    }
    REQUIRE(lines > 7000);
    for (std::size_t pointer = 0; pointer < kCp932Pointers; ++pointer) {
        if (static_cast<unsigned long>(table().at(pointer)) == expected[pointer]) continue;
        CAPTURE(pointer, static_cast<unsigned long>(table().at(pointer)), expected[pointer]);
        CHECK(static_cast<unsigned long>(table().at(pointer)) == expected[pointer]);
    }
}

TEST_CASE("pairs find their characters") {
    CHECK(table().pair(0x88, 0x9F) == u'亜');
    CHECK(table().pair(0x87, 0x40) == u'①');   // NEC row 13
    CHECK(table().pair(0xFA, 0x40) == u'ⅰ');   // IBM extension
    CHECK(table().pair(0xED, 0x40) == u'纊');  // NEC selection of IBM extensions
    CHECK(table().pair(0xFB, 0xFC) == u'髙');
    CHECK(table().pair(0x81, 0x60) == u'\uFF5E');  // wave dash as Windows has it
    CHECK(table().pair(0xF0, 0x40) == 0xE000);
    CHECK(table().pair(0xF9, 0xFC) == 0xE757);
}

TEST_CASE("bytes that are no pair give nothing") {
    CHECK(table().pair(0x81, 0x3F) == 0);
    CHECK(table().pair(0x81, 0x7F) == 0);
    CHECK(table().pair(0x81, 0xFD) == 0);
    CHECK(table().pair(0xA0, 0x40) == 0);
    CHECK(table().pair(0x41, 0x40) == 0);
    CHECK(table().pair(0xFD, 0x40) == 0);
    CHECK(table().pair(0x85, 0x40) == 0);  // an empty row
}
