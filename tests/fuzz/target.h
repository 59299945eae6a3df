// What fuzz targets share. A target is one function over one input: replay.cc calls it with files,
// or has libFuzzer call it with inputs of its own making. It must return from any input; what has
// to hold besides is said with require().
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <source_location>
#include <string_view>
#include <vector>

#include "gateway/support/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace shikaku::fuzz {

// Ends the program in every build: the input that was there when it ended is the finding.
void require(bool holds, std::source_location where = std::source_location::current());

// An input whose first bytes may be taken as choices, the rest as what is read.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

    std::uint8_t choice() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    // Up to the separator, which is taken too.
    std::string_view text_until(char separator) {
        const std::string_view all = text();
        const std::string_view taken = all.substr(0, all.find(separator));
        rest_ = rest_.subspan(std::min(taken.size() + 1, rest_.size()));
        return taken;
    }
    [[nodiscard]] BytesView bytes() const { return rest_; }
    [[nodiscard]] std::string_view text() const { return as_text(rest_); }

  private:
    BytesView rest_;
};

// Gives the text in pieces, each in an allocation of its own so that a read past it is seen, until
// `take` says false.
template <class Take>
void in_pieces(std::string_view text, std::size_t piece_bytes, Take take) {
    while (!text.empty()) {
        const auto piece = text.substr(0, piece_bytes);
        const std::vector<char> copy(piece.begin(), piece.end());
        if (!take(std::string_view(copy.data(), copy.size()))) return;
        text.remove_prefix(piece.size());
    }
}

}  // namespace shikaku::fuzz
