// The few encodings that tokens need, and OpenSSL errors as exceptions.
#pragma once

#include <openssl/err.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace shikaku::bench {

inline std::string base64url(std::span<const std::uint8_t> bytes) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = bits << 8 | byte;
        held += 8;
        while (held >= 6) {
            held -= 6;
            text += kAlphabet[bits >> held & 63U];
        }
    }
    if (held > 0) {
        text += kAlphabet[bits << (6 - held) & 63U];
    }
    return text;
}

inline std::string base64url(std::string_view text) {
    return base64url(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

// The link key of a numbered synthetic person; publications and tokens agree on it.
inline std::string link_key(std::uint64_t person) {
    const std::string name = "bench" + std::to_string(person);
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), hash.data());
    return base64url(hash);
}

[[noreturn]] inline void fail_with_openssl(const std::string& what) {
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    throw std::runtime_error(what + ": " + reason.data());
}

}  // namespace shikaku::bench
