#include "gateway/audit/parts.h"

#include <algorithm>
#include <array>
#include <bit>

#include "gateway/crypto/hash.h"
#include "gateway/support/bounds.h"

namespace shikaku::audit {

namespace {

// 0x00 and 0x01 are the tree's, 0x02 to 0x04 those of Role.
constexpr std::uint8_t kCommitment = 5;

constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kSaltBytes = sizeof(Hash256);
constexpr std::size_t kPlacesMin = 4;
constexpr std::size_t kPlacesMax = bounds::kAuthoritiesPerQuestion;
static_assert(kPlacesMax == 16, "the format page says 4, 8 or 16");

BytesView byte(const std::uint8_t& value) {
    return {&value, 1};
}

std::size_t places_for(std::size_t authorities) {
    return std::max(kPlacesMin, std::bit_ceil(authorities));
}

// Returns the part's hash.
Hash256 put_part(Bytes& out, Role role, std::string_view text) {
    put_u32be(out, static_cast<std::uint32_t>(text.size()));
    out.resize(out.size() + kSaltBytes);
    const auto salt = std::span(out).last(kSaltBytes);
    crypto::random_bytes(salt);
    const Hash256 hash = part_hash(role, {.salt = salt, .text = text});
    const BytesView bytes = as_bytes(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
    return hash;
}

// Takes the next part off the front.
Result<Part> take_part(BytesView& bytes) {
    if (bytes.size() < kSizeBytes + kSaltBytes)
        return fail(ErrorCode::corrupt, "the detail ends within a part");
    const std::size_t size = get_u32be(bytes);
    const BytesView salt = bytes.subspan(kSizeBytes, kSaltBytes);
    bytes = bytes.subspan(kSizeBytes + kSaltBytes);
    if (bytes.size() < size) return fail(ErrorCode::corrupt, "the detail ends within a part");
    const Part part{.salt = salt, .text = as_text(bytes.first(size))};
    bytes = bytes.subspan(size);
    return part;
}

}  // namespace

std::size_t Detail::size() const {
    std::size_t bytes = rest.size() + asker.size();
    for (const std::string& text : authorities)
        bytes += text.size();
    return bytes;
}

std::string_view Detail::only() const {
    std::string_view found = rest;
    const auto look_at = [this, &found](const std::string& text) {
        if (text.size() == size()) found = text;
    };
    look_at(asker);
    std::ranges::for_each(authorities, look_at);
    return found.size() == size() ? found : std::string_view();
}

bool is_place_count(std::size_t count) {
    return count >= kPlacesMin && count <= kPlacesMax && std::has_single_bit(count);
}

LaidOut lay_out(const Detail& detail) {
    const std::size_t places = places_for(detail.authorities.size());
    LaidOut out;
    out.bytes.reserve((places + 2) * (kSizeBytes + kSaltBytes) + detail.size());
    const Hash256 asker = put_part(out.bytes, Role::asker, detail.asker);
    std::array<Hash256, kPlacesMax> hashes;
    for (std::size_t i = 0; i < places; ++i)
        hashes[i] =
            put_part(out.bytes, Role::authority,
                     i < detail.authorities.size() ? detail.authorities[i] : std::string_view());
    const Hash256 rest = put_part(out.bytes, Role::rest, detail.rest);
    out.commitment = commitment_of(asker, rest, std::span(hashes).first(places));
    return out;
}

Result<Parts> read_parts(BytesView laid_out) {
    std::vector<Part> all;
    all.reserve(kPlacesMin + 2);
    while (!laid_out.empty()) {
        if (all.size() == kPlacesMax + 2) return fail(ErrorCode::corrupt, "too many parts");
        SHIKAKU_TRY_LET(const auto part, take_part(laid_out));
        all.push_back(part);
    }
    if (all.size() < 2 || !is_place_count(all.size() - 2))
        return fail(ErrorCode::corrupt, "a detail of a wrong number of parts");
    Parts parts{.asker = all.front(), .rest = all.back()};
    all.pop_back();
    all.erase(all.begin());
    parts.authorities = std::move(all);
    return parts;
}

Detail detail_of(const Parts& parts) {
    Detail detail{.rest = std::string(parts.rest.text), .asker = std::string(parts.asker.text)};
    for (const Part& part : parts.authorities) {
        if (!part.text.empty()) detail.authorities.emplace_back(part.text);
    }
    return detail;
}

Hash256 part_hash(Role role, const Part& part) {
    if (part.text.empty()) {
        Hash256 hash;
        std::ranges::copy(part.salt, hash.begin());
        return hash;
    }
    const auto prefix = static_cast<std::uint8_t>(role);
    return crypto::sha256({byte(prefix), part.salt, as_bytes(part.text)});
}

std::vector<Hash256> authority_hashes(const Parts& parts) {
    std::vector<Hash256> hashes;
    hashes.reserve(parts.authorities.size());
    for (const Part& part : parts.authorities)
        hashes.push_back(part_hash(Role::authority, part));
    return hashes;
}

Hash256 commitment_of(const Hash256& asker, const Hash256& rest, std::span<Hash256> authorities) {
    std::ranges::sort(authorities);
    const auto* const first = reinterpret_cast<const std::uint8_t*>(authorities.data());
    return crypto::sha256(
        {byte(kCommitment), asker, rest, BytesView(first, authorities.size() * sizeof(Hash256))});
}

Hash256 commitment_of(const Parts& parts) {
    auto authorities = authority_hashes(parts);
    return commitment_of(part_hash(Role::asker, parts.asker), part_hash(Role::rest, parts.rest),
                         authorities);
}

}  // namespace shikaku::audit
