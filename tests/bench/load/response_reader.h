// Just enough HTTP/1.1 to know where an answer ends: status line, Content-Length or chunked, and
// whether the server will close. Servers under test are trusted to frame correctly.
#pragma once

#include <charconv>
#include <span>
#include <string>
#include <string_view>

namespace shikaku::bench {

class ResponseReader {
  public:
    enum class Progress : unsigned char { more, complete, broken };

    void clear() {
        used_ = 0;
        body_at_ = 0;
        length_ = 0;
        chunked_ = false;
    }
    // Where the next bytes go; then tell received() how many came.
    [[nodiscard]] std::span<char> space() {
        if (buffer_.size() - used_ < kReadBytes) {
            buffer_.resize(buffer_.size() * 2 + kReadBytes);
        }
        return std::span(buffer_).subspan(used_);
    }
    [[nodiscard]] Progress received(std::size_t bytes) {
        used_ += bytes;
        if (body_at_ == 0 && !read_head()) {
            return used_ > kHeadBytesMax ? Progress::broken : Progress::more;
        }
        if (status_ == 0) {
            return Progress::broken;
        }
        if (chunked_) {
            // Our bodies are JSON lines or text: no CRLF inside, so this is the last chunk.
            return text().ends_with("\r\n0\r\n\r\n") ? Progress::complete : Progress::more;
        }
        return used_ >= body_at_ + length_ ? Progress::complete : Progress::more;
    }

    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] bool closes() const { return closes_; }
    [[nodiscard]] std::string_view body() const { return text().substr(body_at_); }

  private:
    static constexpr std::size_t kReadBytes = 16 * 1024 + 256;  // a whole TLS record
    static constexpr std::size_t kHeadBytesMax = 64 * 1024;

    [[nodiscard]] std::string_view text() const { return {buffer_.data(), used_}; }

    bool read_head() {
        const std::size_t end = text().find("\r\n\r\n");
        if (end == std::string_view::npos) {
            return false;
        }
        const std::string_view head = text().substr(0, end + 2);
        body_at_ = end + 4;
        status_ = head.starts_with("HTTP/1.") && head.size() > 12 ? number_at(head, 9) : 0;
        closes_ = has_field(head, "\r\nconnection:", "close");
        chunked_ = has_field(head, "\r\ntransfer-encoding:", "chunked");
        const std::size_t length = find_field(head, "\r\ncontent-length:");
        length_ =
            length == std::string_view::npos
                ? 0
                : static_cast<std::size_t>(number_at(head, head.find_first_not_of(' ', length)));
        return true;
    }
    static int number_at(std::string_view text, std::size_t at) {
        int value = 0;
        if (at < text.size()) {
            std::from_chars(text.data() + at, text.data() + text.size(), value);
        }
        return value;
    }
    // Position behind the colon of the field whose lower-case name this is.
    static std::size_t find_field(std::string_view head, std::string_view name) {
        for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
             at = head.find("\r\n", at + 2)) {
            std::size_t matched = 0;
            while (matched < name.size() && at + matched < head.size() &&
                   lower(head[at + matched]) == name[matched]) {
                ++matched;
            }
            if (matched == name.size()) {
                return at + matched;
            }
        }
        return std::string_view::npos;
    }
    static bool has_field(std::string_view head, std::string_view name, std::string_view value) {
        const std::size_t at = find_field(head, name);
        return at != std::string_view::npos &&
               head.substr(at, head.find("\r\n", at) - at).find(value) != std::string_view::npos;
    }
    static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

    std::string buffer_;
    std::size_t used_ = 0;
    std::size_t body_at_ = 0;  // 0: the head is not complete
    std::size_t length_ = 0;
    int status_ = 0;
    bool chunked_ = false;
    bool closes_ = false;
};

}  // namespace shikaku::bench
