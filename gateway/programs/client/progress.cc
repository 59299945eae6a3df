#include "gateway/programs/client/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace shikaku::programs {

Progress::Progress(std::ostream& out, std::uint64_t whole, bool terminal)
    : out_(out), whole_(std::max<std::uint64_t>(whole, 1)), terminal_(terminal) {}

void Progress::advance(std::uint64_t done, std::uint64_t rows) {
    const int percent = static_cast<int>(std::min(done, whole_) * 100 / whole_);
    const int step = terminal_ ? 1 : 10;
    if (shown_ >= 0 && percent < shown_ + step) return;
    shown_ = percent - percent % step;
    if (!terminal_) {
        out_ << fmt::format("{}%  {}行 / rows\n", shown_, rows) << std::flush;
        return;
    }
    constexpr int kWidth = 40;
    const auto filled = static_cast<std::size_t>(percent * kWidth / 100);
    out_ << fmt::format("\r[{}{}] {:>3}%  {}行 / rows ", std::string(filled, '#'),
                        std::string(kWidth - filled, '.'), percent, rows)
         << std::flush;
}

void Progress::finish() {
    if (terminal_ && shown_ >= 0) out_ << '\n' << std::flush;
}

}  // namespace shikaku::programs
