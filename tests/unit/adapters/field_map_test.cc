#include "adapters/rest/field_map.h"

#include <catch2/catch.hpp>

#include "adapters/common/entitlement_builder.h"

namespace {

using namespace shikaku;
using namespace shikaku::adapters;
using rest::FieldMap;

}  // namespace

TEST_CASE("the field map names every field that a record can have") {
    const auto map = FieldMap::make({});
    REQUIRE(map);
    for (const std::string_view name : EntitlementBuilder::fields()) {
        INFO(name);
        CHECK(std::ranges::count(map->of_record(), name, &FieldMap::Field::ours) == 1);
    }
    CHECK(map->of_record().size() == EntitlementBuilder::fields().size());
    CHECK(rest::join(map->records()) == "records");
}

TEST_CASE("the configuration changes single names") {
    const auto map = FieldMap::make({{"valid_from", "period.start"}, {"answer.records", "items"}});
    REQUIRE(map);
    const auto from = std::ranges::find(map->of_record(), "valid_from", &FieldMap::Field::ours);
    CHECK(from->path == rest::Path{"period", "start"});
    CHECK(map->records() == rest::Path{"items"});
    CHECK(map->link_key() == rest::Path{"linkKey"});
}

TEST_CASE("a bad field map is refused with the name of the field") {
    struct Bad {
        const char* ours;
        const char* path;
    };
    const auto bad = GENERATE(values<Bad>({{"valid_form", "x"},
                                           {"", "x"},
                                           {"records", "x"},
                                           {"valid_from", ""},
                                           {"valid_from", "."},
                                           {"valid_from", "a..b"},
                                           {"valid_from", ".a"},
                                           {"valid_from", "a."},
                                           {"valid_from", "a.b.c.d.e.f.g.h.i"}}));
    INFO(bad.ours << " = " << bad.path);
    const auto map = FieldMap::make({{bad.ours, bad.path}});
    REQUIRE_FALSE(map);
    CHECK(map.error().code == ErrorCode::bad_configuration);
    CHECK_THAT(map.error().detail, Catch::Matchers::Contains(std::string("'") + bad.ours + "'"));
}
