#include "gateway/audit/pack_version.h"

#include "gateway/crypto/hash.h"

namespace shikaku::audit {

namespace {

constexpr std::size_t kShortDigits = 16;

}  // namespace

std::string pack_version(std::string_view pack) {
    return to_hex(crypto::sha256(as_bytes(pack)));
}

bool is_version_of(std::string_view version, std::string_view pack) {
    const std::string whole = pack_version(pack);
    return version == whole || version == std::string_view(whole).substr(0, kShortDigits);
}

}  // namespace shikaku::audit
