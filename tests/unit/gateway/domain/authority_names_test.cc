#include "gateway/domain/authority_names.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/shared_data.h"

namespace shikaku::domain {
namespace {

AuthorityCode code(std::string_view text) {
    return AuthorityCode::parse(text).value();
}

TEST_CASE("municipalities, wards and prefectures have their names") {
    CHECK(authority_name(code("132012")) == "八王子市");
    CHECK(authority_name(code("130001")) == "東京都");
    CHECK(authority_name(code("011011")) == "札幌市 中央区");
    CHECK(authority_name(code("010006")) == "北海道");    // the first line
    CHECK(authority_name(code("473821")) == "与那国町");  // the last
}

TEST_CASE("prefectures have English names, municipalities none") {
    CHECK(authority_name_en(code("130001")) == "Tokyo");
    CHECK(authority_name_en(code("470007")) == "Okinawa");
    CHECK(authority_name_en(code("132012")).empty());
}

TEST_CASE("a right code that nobody has gives no name") {
    CHECK(authority_name(code("139998")).empty());
    CHECK(authority_name_en(code("139998")).empty());
}

TEST_CASE("all names agree with ../shared") {
    const auto municipalities = testing::shared_csv("municipalities-utf8.csv");
    const auto prefectures = testing::shared_csv("prefectures-utf8.csv");
    if (!municipalities || !prefectures) return;
    for (const auto& row : *municipalities) {
        CHECK(authority_name(code(row.at(9))) == row.at(3));
    }
    for (const auto& row : *prefectures) {
        const std::string padded = std::string(6 - row.at(8).size(), '0') + row.at(8);
        CHECK(authority_name(code(padded)) == row.at(1));
        CHECK(authority_name_en(code(padded)) == row.at(5));
    }
}

}  // namespace
}  // namespace shikaku::domain
