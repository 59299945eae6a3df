#include "gateway/registry/text_decoder.h"

#include <algorithm>

#include "gateway/registry/cp932.h"
#include "gateway/registry/file_fault.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string line_text(std::uint64_t line) {
    return "line " + std::to_string(line);
}

// Length of the beginning of a character at the end of the text, 0 when the text ends with a whole
// one.
std::size_t incomplete_tail(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte < 0x80) return 0;
        if (byte < 0xC0) continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return length > back ? back : 0;
    }
    return 0;
}

// As many bytes as a character that begins so has, when they are that character; 0 otherwise.
std::size_t whole_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    return is_valid_utf8(text.substr(0, length)) ? length : 0;
}

void append_checked(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = whole_character(text);
        if (length == 0)
            out += kUndecodable;
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

bool is_cp932_trail(unsigned char byte) {
    return byte >= 0x40 && byte <= 0xFC && byte != 0x7F;
}

std::uint64_t lines_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

Result<TextDecoder> TextDecoder::make(Charset charset) {
    if (charset == Charset::utf8) return TextDecoder(charset, nullptr);
    SHIKAKU_TRY_LET(const auto table, Cp932Table::get());
    return TextDecoder(charset, table);
}

void TextDecoder::feed(std::string_view bytes, std::string& out) {
    const std::size_t before = out.size();
    charset_ == Charset::utf8 ? feed_utf8(bytes, out) : feed_cp932(bytes, out);
    line_ += lines_in(std::string_view(out).substr(before));
}

void TextDecoder::feed_utf8(std::string_view bytes, std::string& out) {
    std::string joined;
    if (!rest_.empty() || at_start_) {
        joined = std::move(rest_);
        joined += bytes;
        bytes = joined;
        rest_.clear();
    }
    if (at_start_) {
        if (bytes.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(bytes)) {
            rest_ = bytes;
            return;
        }
        at_start_ = false;
        if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    }
    const std::size_t tail = incomplete_tail(bytes);
    rest_ = bytes.substr(bytes.size() - tail);
    bytes.remove_suffix(tail);
    if (is_valid_utf8(bytes)) {
        out += bytes;
    } else {
        append_checked(out, bytes);
    }
}

void TextDecoder::append_cp932(std::uint8_t byte, std::string& out) {
    if (!rest_.empty()) {
        const char16_t found = table_->pair(static_cast<std::uint8_t>(rest_[0]), byte);
        rest_.clear();
        if (found != 0) return append_utf8(out, found);
        out += kUndecodable;  // the lead; what follows may be a comma or a line end
        if (is_cp932_trail(byte) && byte >= 0x80) return;
    }
    if (byte <= 0x80) {
        append_utf8(out, byte);
    } else if (byte >= 0xA1 && byte <= 0xDF) {
        append_utf8(out, static_cast<char16_t>(0xFF61 + (byte - 0xA1)));
    } else if (Cp932Table::is_lead(byte)) {
        rest_ = static_cast<char>(byte);
    } else {
        out += kUndecodable;
    }
}

void TextDecoder::feed_cp932(std::string_view bytes, std::string& out) {
    std::size_t i = 0;
    while (i < bytes.size()) {
        if (rest_.empty()) {
            const std::size_t start = i;
            while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80)
                ++i;
            out.append(bytes, start, i - start);
            if (i == bytes.size()) break;
        }
        append_cp932(static_cast<std::uint8_t>(bytes[i++]), out);
    }
}

Status TextDecoder::finish() const {
    if (rest_.empty()) return {};
    return fail(file_fault(FileFault::cut_character, line_text(line_)));
}

void CharsetEvidence::feed(std::string_view bytes) {
    std::string joined;
    if (!rest_.empty()) {
        joined = std::move(rest_);
        joined += bytes;
        bytes = joined;
    }
    rest_.clear();
    constexpr std::size_t kLongest = 4;
    while (!bytes.empty()) {
        const auto lead = static_cast<unsigned char>(bytes[0]);
        if (lead < 0x80) {
            bytes.remove_prefix(1);
            continue;
        }
        const bool half_pair = bytes.size() == 1 && Cp932Table::is_lead(lead);
        if (half_pair || (bytes.size() < kLongest && incomplete_tail(bytes) == bytes.size())) break;
        const std::size_t length = whole_character(bytes);
        const bool pair = bytes.size() > 1 && Cp932Table::is_lead(lead) &&
                          is_cp932_trail(static_cast<unsigned char>(bytes[1]));
        if (length >= 3) {
            ++utf8_;
        } else if (length == 0) {
            ++(pair ? cp932_ : neither_);
        }
        bytes.remove_prefix(length > 0 ? length : pair ? 2 : 1);
    }
    rest_ = bytes;
}

Status check_charset(TextDecoder::Charset label, const CharsetEvidence& evidence) {
    using enum TextDecoder::Charset;
    if (label == cp932 && evidence.is_utf8()) return fail(file_fault(FileFault::utf8_as_cp932, {}));
    if (label == utf8 && evidence.is_cp932()) return fail(file_fault(FileFault::cp932_as_utf8, {}));
    return {};
}

}  // namespace shikaku::registry
