// Uploaded bytes to UTF-8, piece by piece: CP932 (cp932.h), or UTF-8 with or without a byte order
// mark, checked. A byte that means nothing becomes kUndecodable, which no UTF-8 text has, so that
// its cell can be refused; commas, quotes and line ends around it stay what they are. A character
// cut off at the end is a file fault (file_fault.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::registry {

class Cp932Table;

inline constexpr char kUndecodable = '\xFF';

class TextDecoder {
  public:
    enum class Charset : std::uint8_t { utf8, cp932 };
    [[nodiscard]] static Result<TextDecoder> make(Charset charset);

    void feed(std::string_view bytes, std::string& out);  // appends
    [[nodiscard]] Status finish() const;

  private:
    TextDecoder(Charset charset, const Cp932Table* table) : charset_(charset), table_(table) {}
    void feed_utf8(std::string_view bytes, std::string& out);
    void feed_cp932(std::string_view bytes, std::string& out);
    void append_cp932(std::uint8_t byte, std::string& out);

    Charset charset_;
    const Cp932Table* table_;
    std::string rest_;  // UTF-8: the beginning of a character; CP932: a lead byte
    std::uint64_t line_ = 1;
    bool at_start_ = true;
};

// Which of the two character sets the bytes of a whole file speak for, whatever its label says: a
// file read in the wrong one comes out as other characters, without any fault. ASCII speaks for
// neither, half-width katakana hardly.
class CharsetEvidence {
  public:
    void feed(std::string_view bytes);
    [[nodiscard]] bool is_utf8() const { return utf8_ > cp932_ + neither_; }
    // More than one pair of bytes: one may be a slip in a row, which is refused by itself.
    [[nodiscard]] bool is_cp932() const { return cp932_ > utf8_ + 1; }
    [[nodiscard]] bool all_utf8() const { return cp932_ + neither_ == 0; }

  private:
    std::string rest_;         // the beginning of a character
    std::uint64_t utf8_ = 0;   // characters of three or four bytes
    std::uint64_t cp932_ = 0;  // pairs of bytes that are no UTF-8
    std::uint64_t neither_ = 0;
};

// utf8_as_cp932 or cp932_as_utf8 (file_fault.h): the file is not what its label says.
[[nodiscard]] Status check_charset(TextDecoder::Charset label, const CharsetEvidence& evidence);

}  // namespace shikaku::registry
