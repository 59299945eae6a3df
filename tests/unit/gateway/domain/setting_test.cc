#include "gateway/domain/setting.h"

#include <catch2/catch.hpp>
#include <set>

namespace shikaku::domain {
namespace {

TEST_CASE("every setting is read from its own name") {
    std::set<std::string_view> names;
    for (const Setting setting : kAllSettings) {
        CHECK(parse_setting(name(setting)) == setting);
        CHECK(names.insert(name(setting)).second);
    }
    CHECK(name(Setting::outpatient) == "outpatient");
    CHECK(name(Setting::dental_inpatient) == "dental_inpatient");
    CHECK(name(Setting::acupuncture) == "acupuncture");
}

TEST_CASE("unknown settings are refused") {
    for (const auto* bad : {"", "Outpatient", "outpatient ", "out", "dental", "通院"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_setting(bad));
    }
}

}  // namespace
}  // namespace shikaku::domain
