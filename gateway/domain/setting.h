// Where care happens, as the claim distinguishes it (docs/contract.md 3.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace shikaku::domain {

enum class Setting : std::uint8_t {
    outpatient,         // 通院(医科)
    inpatient,          // 入院(医科)
    pharmacy,           // 調剤
    dental_outpatient,  // 歯科通院
    dental_inpatient,   // 歯科入院
    home_nursing,       // 訪問看護
    judo_therapy,       // 柔道整復
    acupuncture,        // はり・きゅう・あん摩マッサージ
};

inline constexpr auto kAllSettings =
    std::to_array<Setting>({Setting::outpatient, Setting::inpatient, Setting::pharmacy,
                            Setting::dental_outpatient, Setting::dental_inpatient,
                            Setting::home_nursing, Setting::judo_therapy, Setting::acupuncture});

[[nodiscard]] std::string_view name(Setting setting);
[[nodiscard]] std::optional<Setting> parse_setting(std::string_view text);

}  // namespace shikaku::domain
