#include "municipal-mocks/people.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;
using namespace shikaku::mocks;

const std::string kKey(43, 'A');
const std::string kOther(43, 'B');

}  // namespace

TEST_CASE("a JSON population goes out as it stands") {
    const auto people = People::from_json(R"({"people": [{"linkKey": ")" + kKey +
                                          R"(", "records": [{"any": ["thing"]}]},
        {"linkKey": ")" + kOther + R"(", "ambiguous": true}]})");
    REQUIRE(people);
    CHECK(people->size() == 2);
    REQUIRE(people->find(kKey) != nullptr);
    CHECK(people->find(kKey)->records == R"([{"any":["thing"]}])");
    CHECK(people->find(kOther)->ambiguous);
    CHECK(people->find(std::string(43, 'C')) == nullptr);
}

TEST_CASE("a CSV population is given the wire's names, one person may have several lines") {
    const auto people = People::from_csv(
        "history_key,link_key,scheme_id,certificate_name,cap_monthly_yen,deleted,valid_from\r\n"
        "1," +
        kKey +
        ",a,\"x,\"\"y\",500,0,2026-04-01\r\n"
        "2," +
        kKey + ",b,,,1,2026-04-01\r\n");
    REQUIRE(people);
    CHECK(people->size() == 1);
    CHECK(people->find(kKey)->records ==
          R"([{"historyKey":"1","schemeId":"a","certificationName":"x,\"y",)"
          R"("maxCopaymentAmount":{"monthly":500},"isDeleted":false,"validFrom":"2026-04-01"},)"
          R"({"historyKey":"2","schemeId":"b","isDeleted":true,"validFrom":"2026-04-01"}])");
}

TEST_CASE("a bad population is refused") {
    SECTION("JSON") {
        const auto text = GENERATE(
            as<std::string>(), "", "[]", "{}", R"({"people": {"a": 1}})", R"({"people": [1]})",
            R"({"people": [{}]})", R"({"people": [{"linkKey": 5}]})",
            R"({"people": [{"linkKey": "short"}]})",
            R"({"people": [{"linkKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ambiguous": 1}]})",
            R"({"people": [{"linkKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
                           {"linkKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]})");
        INFO(text);
        CHECK_FALSE(People::from_json(text));
    }
    SECTION("CSV") {
        const auto text = GENERATE(as<std::string>(), "", "history_key\n1\n",
                                   "history_key,link_key\n1\n", "history_key,link_key\n1,short\n");
        INFO(text);
        CHECK_FALSE(People::from_csv(text));
    }
    SECTION("no file") {
        CHECK_FALSE(People::load("/nonexistent/people.json"));
    }
}
