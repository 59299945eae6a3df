#include "gateway/domain/setting.h"

#include <cstddef>

#include "gateway/support/names.h"

namespace shikaku::domain {
namespace {

// In the order of kAllSettings.
constexpr auto kNames = std::to_array<std::string_view>(
    {"outpatient", "inpatient", "pharmacy", "dental_outpatient", "dental_inpatient", "home_nursing",
     "judo_therapy", "acupuncture"});
static_assert(kNames.size() == kAllSettings.size() &&
              !is_enumerator<static_cast<Setting>(kAllSettings.size())>());

}  // namespace

std::string_view name(Setting setting) {
    return kNames[static_cast<std::size_t>(setting)];
}

std::optional<Setting> parse_setting(std::string_view text) {
    for (const Setting setting : kAllSettings) {
        if (name(setting) == text) return setting;
    }
    return std::nullopt;
}

}  // namespace shikaku::domain
