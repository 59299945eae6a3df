// What a check says when a fact it needs may be missing.
#pragma once

#include <cstdint>

namespace shikaku::domain {

enum class Answered : std::uint8_t { yes, no, unknown };

}  // namespace shikaku::domain
