#include "gateway/audit/entry.h"

#include <algorithm>
#include <limits>

#include "gateway/support/names.h"

namespace shikaku::audit {

namespace {

using enum Kind;
constexpr auto kKinds = std::to_array<Named<Kind>>({{eligibility, "eligibility"},
                                                    {denial, "denial"},
                                                    {publication, "publication"},
                                                    {scheme_change, "scheme_change"},
                                                    {registry_switch, "registry_switch"},
                                                    {audit_search, "audit_search"},
                                                    {audit_export, "audit_export"},
                                                    {operator_action, "operator_action"},
                                                    {start, "start"},
                                                    {stop, "stop"},
                                                    {checkups, "checkups"}});

}  // namespace

std::string_view name(Kind kind) {
    return name_in(kKinds, kind);
}

std::optional<Kind> parse_kind(std::string_view text) {
    return value_in(kKinds, text);
}

std::array<std::uint8_t, kLeafBytes> encode(const Leaf& leaf) {
    std::array<std::uint8_t, kLeafBytes> bytes{};
    bytes[0] = leaf.version;
    const auto time = static_cast<std::uint64_t>(leaf.time.time_since_epoch().count());
    for (std::size_t i = 0; i < 8; ++i)
        bytes[1 + i] = static_cast<std::uint8_t>(time >> (8 * (7 - i)));
    bytes[9] = static_cast<std::uint8_t>(leaf.kind);
    std::ranges::copy(leaf.commitment, bytes.begin() + 10);
    return bytes;
}

Result<Leaf> decode_leaf(BytesView bytes) {
    if (bytes.size() != kLeafBytes) return fail(ErrorCode::corrupt, "a leaf of the wrong size");
    if (bytes[0] != kLeafWhole && bytes[0] != kLeafInParts)
        return fail(ErrorCode::corrupt, "a leaf of an unknown version");
    const auto time = get_u64be(bytes.subspan(1, 8));
    if (time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return fail(ErrorCode::corrupt, "a leaf with an impossible time");
    if (name(static_cast<Kind>(bytes[9])).empty())
        return fail(ErrorCode::corrupt, "a leaf of an unknown kind");
    Leaf leaf;
    leaf.version = bytes[0];
    leaf.time = Instant(std::chrono::milliseconds(static_cast<std::int64_t>(time)));
    leaf.kind = static_cast<Kind>(bytes[9]);
    std::ranges::copy(bytes.subspan(10), leaf.commitment.begin());
    return leaf;
}

}  // namespace shikaku::audit
