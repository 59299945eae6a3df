// Bytes received but not yet understood: one TLS record at most, and more than the longest head.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace shikaku::http {

class InputBuffer {
  public:
    [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    // Room for the next read; moves what is left to the front.
    [[nodiscard]] std::span<char> space() {
        if (begin_ > 0) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        return {bytes_.get() + end_, kBytes - end_};
    }
    void commit(std::size_t received) { end_ += received; }
    void consume(std::size_t understood) {
        begin_ += understood;
        if (begin_ == end_) begin_ = end_ = 0;
    }

  private:
    static constexpr std::size_t kBytes = 16 * 1024;

    std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(kBytes);
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace shikaku::http
