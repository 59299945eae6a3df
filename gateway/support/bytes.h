// Bytes and their text forms. Decoders are strict: no whitespace, no missing or superfluous
// padding, no non-zero trailing bits, nothing accepted twice under different spellings.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shikaku {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;
using Hash256 = std::array<std::uint8_t, 32>;

[[nodiscard]] inline BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] std::string to_hex(BytesView bytes);
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

// RFC 4648 section 4, padded.
[[nodiscard]] std::string to_base64(BytesView bytes);
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

// RFC 4648 section 5 without padding, as JOSE uses it.
[[nodiscard]] std::string to_base64url(BytesView bytes);
[[nodiscard]] std::optional<Bytes> from_base64url(std::string_view text);
// The same into a caller's buffer of at least 3/4 of the text's size; nothing is allocated.
[[nodiscard]] std::optional<std::size_t> from_base64url(std::string_view text,
                                                        std::span<std::uint8_t> out);

// Big-endian numbers, as every on-disk and wire format of ours uses them.
void put_u16be(Bytes& out, std::uint16_t value);
void put_u32be(Bytes& out, std::uint32_t value);
void put_u64be(Bytes& out, std::uint64_t value);
[[nodiscard]] std::uint16_t get_u16be(BytesView in);  // in.size() >= 2
[[nodiscard]] std::uint32_t get_u32be(BytesView in);  // in.size() >= 4
[[nodiscard]] std::uint64_t get_u64be(BytesView in);  // in.size() >= 8

}  // namespace shikaku
