// CP932 (Windows-31J) to UTF-8 as the WHATWG Encoding Standard decodes Shift_JIS: JIS X 0208 with
// the NEC and IBM rows, half-width kana, and the user-defined area as U+E000-U+E757.
//
// The table is made once from the C library's converter; a test holds every cell against the
// standard's index. Thread-safe after that.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/support/result.h"

namespace shikaku::registry {

inline constexpr std::size_t kCp932Pointers = 60 * 188;

class Cp932Table {
  public:
    // bad_configuration when the C library has no CP932 converter.
    [[nodiscard]] static Result<const Cp932Table*> get();

    // The code point of a lead and a trail byte; 0 when there is none.
    [[nodiscard]] char16_t pair(std::uint8_t lead, std::uint8_t trail) const;
    [[nodiscard]] char16_t at(std::size_t pointer) const { return table_[pointer]; }

    [[nodiscard]] static bool is_lead(std::uint8_t byte) {
        return (byte >= 0x81 && byte <= 0x9F) || (byte >= 0xE0 && byte <= 0xFC);
    }

  private:
    static Result<Cp932Table> make();
    std::array<char16_t, kCp932Pointers> table_{};
};

}  // namespace shikaku::registry
