#include "gateway/domain/houbetsu.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace shikaku::domain {
namespace {

TEST_CASE("the national order of payers is that of the 記載要領") {
    const std::vector<std::string> order = {"13", "14", "18", "29", "30", "10", "11", "20", "21",
                                            "15", "16", "24", "22", "28", "17", "79", "19", "23",
                                            "52", "54", "51", "38", "53", "66", "62", "25", "12"};
    for (std::size_t i = 0; i < order.size(); ++i) {
        INFO(order[i]);
        CHECK(national_order(order[i]) == static_cast<int>(i) + 1);
        CHECK(is_national_law_code(order[i]));
    }
    const auto national = std::ranges::count_if(all_law_codes(), &LawCode::national);
    CHECK(static_cast<std::size_t>(national) == order.size());
}

TEST_CASE("local and unheard-of codes share the place behind all national ones") {
    for (const char* code : {"80", "81", "88", "89", "40", "41", "99", "", "8", "888", "ab"}) {
        INFO(code);
        CHECK(national_order(code) == 28);
        CHECK_FALSE(is_national_law_code(code));
    }
}

TEST_CASE("every code has its names") {
    for (const LawCode& code : all_law_codes()) {
        CHECK_FALSE(code.name_ja.empty());
        CHECK_FALSE(code.name_en.empty());
        CHECK(find_law_code(code.code) == &code);
    }
    CHECK(find_law_code("99") == nullptr);
}

}  // namespace
}  // namespace shikaku::domain
