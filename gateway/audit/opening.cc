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

std::unexpected<Error> not_committed_to() {
    return fail(ErrorCode::corrupt, "the detail is not what the entry commits to");
}

}  // namespace

SealedDetail seal_detail(const crypto::KeyRing& keys, const Detail& detail) {
    const LaidOut plain = lay_out(detail);
    return {plain.commitment, keys.seal(context(plain.commitment), plain.bytes)};
}

Result<OpenedDetail> open_detail(const crypto::KeyRing& keys, const Leaf& leaf, BytesView sealed) {
    SHIKAKU_TRY_LET(auto plain, keys.open(context(leaf.commitment), sealed));
    SHIKAKU_TRY_LET(auto detail, check_detail(leaf, plain));
    return OpenedDetail{.committed = std::move(plain), .detail = std::move(detail)};
}

Result<Detail> check_detail(const Leaf& leaf, BytesView committed) {
    if (leaf.version == kLeafWhole) {
        if (committed.size() < kSaltBytes || crypto::sha256(committed) != leaf.commitment)
            return not_committed_to();
        return Detail{.rest = std::string(as_text(committed.subspan(kSaltBytes)))};
    }
    SHIKAKU_TRY_LET(const auto parts, read_parts(committed));
    if (commitment_of(parts) != leaf.commitment) return not_committed_to();
    return detail_of(parts);
}

}  // namespace shikaku::audit
