// Uploaded bytes to UTF-8, piece by piece: CP932 (cp932.h), or UTF-8 with or without a byte order
// mark, checked. Nothing is ever replaced: a byte that means nothing, a NUL, or a character cut off
// at the end is a file fault (file_fault.h) that names the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::registry {

class Cp932Table;

class TextDecoder {
  public:
    enum class Charset : std::uint8_t { utf8, cp932 };
    [[nodiscard]] static Result<TextDecoder> make(Charset charset);

    // Appends the decoded text to `out`.
    [[nodiscard]] Status feed(std::string_view bytes, std::string& out);
    [[nodiscard]] Status finish() const;

  private:
    TextDecoder(Charset charset, const Cp932Table* table) : charset_(charset), table_(table) {}
    Status feed_utf8(std::string_view bytes, std::string& out);
    Status feed_cp932(std::string_view bytes, std::string& out);
    Status append_cp932(std::uint8_t byte, std::string& out);
    Status count_lines(std::string_view text);

    Charset charset_;
    const Cp932Table* table_;
    std::string rest_;  // UTF-8: the beginning of a character; CP932: a lead byte
    std::uint64_t line_ = 1;
    bool at_start_ = true;
};

// Appends one code point of the basic plane.
void append_utf8(std::string& out, char16_t code_point);

}  // namespace shikaku::registry
