#include "gateway/audit/opening.h"

#include <algorithm>

#include "gateway/crypto/hash.h"

namespace shikaku::audit {

namespace {

constexpr std::string_view kContext = "log.detail";
constexpr std::size_t kSaltBytes = sizeof(Hash256);

using Context = std::array<std::uint8_t, kContext.size() + sizeof(Hash256)>;

Context context(const Hash256& commitment) {
    Context bytes{};
    const auto rest = std::ranges::copy(as_bytes(kContext), bytes.begin()).out;
    std::ranges::copy(commitment, rest);
    return bytes;
}

}  // namespace

SealedDetail seal_detail(const crypto::KeyRing& keys, std::string_view detail) {
    Bytes plain(kSaltBytes + detail.size());
    crypto::random_bytes(std::span(plain).first(kSaltBytes));
    std::ranges::copy(as_bytes(detail), plain.begin() + kSaltBytes);
    const Hash256 hash = crypto::sha256(plain);
    return {hash, keys.seal(context(hash), plain)};
}

Result<OpenedDetail> open_detail(const crypto::KeyRing& keys, const Hash256& commitment,
                                 BytesView sealed) {
    const auto plain = keys.open(context(commitment), sealed);
    if (!plain) return fail(plain.error());
    if (plain->size() < kSaltBytes || crypto::sha256(*plain) != commitment)
        return fail(ErrorCode::corrupt, "the detail is not what the entry commits to");
    OpenedDetail opened;
    std::ranges::copy(BytesView(*plain).first(kSaltBytes), opened.salt.begin());
    opened.detail = as_text(BytesView(*plain).subspan(kSaltBytes));
    return opened;
}

}  // namespace shikaku::audit
