#include "gateway/support/bytes.h"

namespace shikaku {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Values of an alphabet's characters; everything else has the high bit set, so that one test after
// OR-ing a whole group finds any stranger in it.
constexpr std::uint8_t kStranger = 0x80;
using DecodeTable = std::array<std::uint8_t, 256>;

consteval DecodeTable decode_table(std::string_view alphabet) {
    DecodeTable table{};
    table.fill(kStranger);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}

constexpr DecodeTable kBase64Values = decode_table(kBase64);
constexpr DecodeTable kBase64UrlValues = decode_table(kBase64Url);

consteval DecodeTable hex_table() {
    DecodeTable table = decode_table(kHexDigits);
    for (std::size_t i = 10; i < 16; ++i) {
        table[static_cast<std::size_t>("0123456789ABCDEF"[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}

constexpr DecodeTable kHexValues = hex_table();

std::uint32_t value_of(const DecodeTable& table, char c) {
    return table[static_cast<unsigned char>(c)];
}

constexpr std::size_t unpadded_size(std::size_t characters) {
    return characters * 3 / 4;
}

std::string encode(BytesView bytes, std::string_view alphabet, bool padded) {
    const std::size_t left = bytes.size() % 3;
    const std::size_t characters = (bytes.size() * 4 + 2) / 3;
    std::string out(padded ? (bytes.size() + 2) / 3 * 4 : characters, '=');
    char* to = out.data();
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U |
                                    static_cast<std::uint32_t>(bytes[i + 1]) << 8U | bytes[i + 2];
        *to++ = alphabet[group >> 18U];
        *to++ = alphabet[group >> 12U & 63U];
        *to++ = alphabet[group >> 6U & 63U];
        *to++ = alphabet[group & 63U];
    }
    if (left > 0) {
        std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
        if (left == 2) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
        *to++ = alphabet[group >> 18U];
        *to++ = alphabet[group >> 12U & 63U];
        if (left == 2) *to++ = alphabet[group >> 6U & 63U];
    }
    return out;
}

// `text` without padding; `out` holds unpadded_size(text.size()) bytes.
bool decode(std::string_view text, const DecodeTable& table, std::uint8_t* out) {
    const std::size_t whole = text.size() / 4 * 4;
    std::uint32_t seen = 0;
    std::size_t i = 0;
    for (; i < whole; i += 4) {
        const std::uint32_t a = value_of(table, text[i]);
        const std::uint32_t b = value_of(table, text[i + 1]);
        const std::uint32_t c = value_of(table, text[i + 2]);
        const std::uint32_t d = value_of(table, text[i + 3]);
        seen |= a | b | c | d;
        const std::uint32_t group = a << 18U | b << 12U | c << 6U | d;
        *out++ = static_cast<std::uint8_t>(group >> 16U);
        *out++ = static_cast<std::uint8_t>(group >> 8U);
        *out++ = static_cast<std::uint8_t>(group);
    }
    const std::size_t left = text.size() - whole;
    if (left == 1) return false;
    if (left > 1) {
        const std::uint32_t a = value_of(table, text[i]);
        const std::uint32_t b = value_of(table, text[i + 1]);
        const std::uint32_t c = left == 3 ? value_of(table, text[i + 2]) : 0;
        seen |= a | b | c;
        const std::uint32_t trailing_bits = left == 3 ? c & 0x03U : b & 0x0fU;
        if (trailing_bits != 0) return false;
        *out++ = static_cast<std::uint8_t>(a << 2U | b >> 4U);
        if (left == 3) *out++ = static_cast<std::uint8_t>(b << 4U | c >> 2U);
    }
    return (seen & kStranger) == 0;
}

template <class Number>
void put_big_endian(Bytes& out, Number value) {
    for (std::size_t i = sizeof(Number); i-- > 0;) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

template <class Number>
Number get_big_endian(BytesView in) {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        value = static_cast<Number>(static_cast<std::uint64_t>(value) << 8U | in[i]);
    }
    return value;
}

}  // namespace

std::string to_hex(BytesView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out += kHexDigits[byte >> 4U];
        out += kHexDigits[byte & 0x0fU];
    }
    return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes out(text.size() / 2);
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint32_t high = value_of(kHexValues, text[2 * i]);
        const std::uint32_t low = value_of(kHexValues, text[2 * i + 1]);
        seen |= high | low;
        out[i] = static_cast<std::uint8_t>(high << 4U | low);
    }
    if ((seen & kStranger) != 0) return std::nullopt;
    return out;
}

std::string to_base64(BytesView bytes) {
    return encode(bytes, kBase64, true);
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with("==")) {
        text.remove_suffix(2);
    } else if (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    Bytes out(unpadded_size(text.size()));
    if (!decode(text, kBase64Values, out.data())) return std::nullopt;
    return out;
}

std::string to_base64url(BytesView bytes) {
    return encode(bytes, kBase64Url, false);
}

std::optional<Bytes> from_base64url(std::string_view text) {
    Bytes out(unpadded_size(text.size()));
    if (!decode(text, kBase64UrlValues, out.data())) return std::nullopt;
    return out;
}

std::optional<std::size_t> from_base64url(std::string_view text, std::span<std::uint8_t> out) {
    const std::size_t size = unpadded_size(text.size());
    if (out.size() < size) return std::nullopt;
    if (!decode(text, kBase64UrlValues, out.data())) return std::nullopt;
    return size;
}

void put_u16be(Bytes& out, std::uint16_t value) {
    put_big_endian(out, value);
}
void put_u32be(Bytes& out, std::uint32_t value) {
    put_big_endian(out, value);
}
void put_u64be(Bytes& out, std::uint64_t value) {
    put_big_endian(out, value);
}
std::uint16_t get_u16be(BytesView in) {
    return get_big_endian<std::uint16_t>(in);
}
std::uint32_t get_u32be(BytesView in) {
    return get_big_endian<std::uint32_t>(in);
}
std::uint64_t get_u64be(BytesView in) {
    return get_big_endian<std::uint64_t>(in);
}

}  // namespace shikaku
