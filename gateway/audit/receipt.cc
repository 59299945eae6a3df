#include "gateway/audit/receipt.h"

#include <algorithm>

#include "gateway/audit/decimal.h"
#include "gateway/audit/merkle.h"
#include "gateway/audit/opening.h"
#include "gateway/support/bounds.h"

namespace shikaku::audit {

namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::size_t kHashBytes = sizeof(Hash256);
// All parts, each with its size and salt.
constexpr std::size_t kExtraBytesMax = kLeafBytes + 1 +
                                       (bounds::kAuthoritiesPerQuestion + 2) * (4 + kHashBytes) +
                                       bounds::kLogDetailBytes;
constexpr std::size_t kProofHashesMax = 64;

std::unexpected<Error> malformed(const char* what) {
    return fail(ErrorCode::corrupt, std::string("receipt: ") + what);
}

// The text up to the next newline, which is taken off too; nullopt when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

Result<Bytes> parse_extra(std::string_view base64) {
    if (base64.size() > (kExtraBytesMax + 2) / 3 * 4) return malformed("extra data too long");
    auto bytes = from_base64(base64);
    if (!bytes || bytes->empty()) return malformed("malformed extra data");
    return std::move(*bytes);
}

// What a receipt shows, and how much of the entry that is.
using Shown = std::pair<Opened, Detail>;

Result<Shown> open_all(const Leaf& leaf, BytesView committed) {
    auto detail = check_detail(leaf, committed);
    if (!detail) return malformed("the detail is not what the entry commits to");
    return Shown{Opened::all, std::move(*detail)};
}

// Takes hashes and the opened part off an opening of one part; short of bytes it stays bad.
class PartReader {
  public:
    explicit PartReader(BytesView opening) : left_(opening) {}

    BytesView take(std::size_t size) {
        if (left_.size() < size) {
            good_ = false;
            return {};
        }
        const BytesView taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }
    Hash256 hash() {
        Hash256 out{};
        std::ranges::copy(take(kHashBytes), out.begin());
        return out;
    }
    // The last: all that is left.
    Part part() {
        const BytesView salt = take(kHashBytes);
        return {.salt = salt, .text = as_text(take(left_.size()))};
    }
    [[nodiscard]] bool good() const { return good_; }

  private:
    BytesView left_;
    bool good_ = true;
};

// How many hashes follow, and they, in the one order they may have.
Result<std::vector<Hash256>> take_places(PartReader& reader) {
    const BytesView count = reader.take(1);
    std::vector<Hash256> places;
    while (reader.good() && places.size() < count.front())
        places.push_back(reader.hash());
    if (!reader.good()) return malformed("the opening is too short");
    if (!std::ranges::is_sorted(places)) return malformed("the places are not in order");
    return places;
}

Result<Shown> open_asker(const Leaf& leaf, PartReader reader) {
    const Hash256 rest = reader.hash();
    SHIKAKU_TRY_LET(auto places, take_places(reader));
    const Part part = reader.part();
    if (!reader.good() || part.text.empty()) return malformed("the opening is too short");
    if (!is_place_count(places.size())) return malformed("a wrong number of places");
    if (commitment_of(part_hash(Role::asker, part), rest, places) != leaf.commitment)
        return malformed("the asker's part is not what the entry commits to");
    return Shown{Opened::asker, {.asker = std::string(part.text)}};
}

Result<Shown> open_authority(const Leaf& leaf, PartReader reader) {
    const Hash256 asker = reader.hash();
    const Hash256 rest = reader.hash();
    SHIKAKU_TRY_LET(auto places, take_places(reader));
    const Part part = reader.part();
    if (!reader.good() || part.text.empty()) return malformed("the opening is too short");
    places.push_back(part_hash(Role::authority, part));
    if (!is_place_count(places.size())) return malformed("a wrong number of places");
    if (commitment_of(asker, rest, places) != leaf.commitment)
        return malformed("the authority's part is not what the entry commits to");
    return Shown{Opened::authority, {.authorities = {std::string(part.text)}}};
}

Result<Shown> open(const Leaf& leaf, BytesView opening) {
    const BytesView rest = opening.subspan(1);
    switch (opening.front()) {
        case static_cast<std::uint8_t>(Opened::all):
            return open_all(leaf, rest);
        case static_cast<std::uint8_t>(Opened::asker):
            return open_asker(leaf, PartReader(rest));
        case static_cast<std::uint8_t>(Opened::authority):
            return open_authority(leaf, PartReader(rest));
        default:
            return malformed("an opening of an unknown form");
    }
}

}  // namespace

bool is_receipt(std::string_view text) {
    return text.starts_with(kFirstLine);
}

std::string format_receipt(const Receipt& receipt) {
    std::string text(kFirstLine);
    text += "\n";
    if (!receipt.extra.empty()) text.append(kExtra).append(to_base64(receipt.extra)).append("\n");
    text.append(kIndex).append(std::to_string(receipt.index)).append("\n");
    for (const Hash256& hash : receipt.proof)
        text.append(to_base64(hash)).append("\n");
    text.append("\n").append(receipt.checkpoint);
    return text;
}

Result<Receipt> parse_receipt(std::string_view text) {
    Receipt receipt;
    if (take_line(text) != kFirstLine) return malformed("not a tlog-proof of version 1");
    auto line = take_line(text);
    if (line && line->starts_with(kExtra)) {
        SHIKAKU_TRY_LET(auto extra, parse_extra(line->substr(kExtra.size())));
        receipt.extra = std::move(extra);
        line = take_line(text);
    }
    if (!line || !line->starts_with(kIndex)) return malformed("no index line");
    const auto index = parse_decimal(line->substr(kIndex.size()));
    if (!index) return malformed("malformed index");
    receipt.index = *index;
    while (true) {
        line = take_line(text);
        if (!line) return malformed("no empty line after the proof");
        if (line->empty()) break;
        const auto bytes = from_base64(*line);
        if (!bytes || bytes->size() != sizeof(Hash256)) return malformed("malformed proof hash");
        if (receipt.proof.size() == kProofHashesMax) return malformed("proof too long");
        std::ranges::copy(*bytes, receipt.proof.emplace_back().begin());
    }
    receipt.checkpoint = text;
    return receipt;
}

Bytes encode_opening(const Leaf& leaf, BytesView committed, Share share) {
    const auto bytes = encode(leaf);
    Bytes extra(bytes.begin(), bytes.end());
    const auto put = [&extra](BytesView more) {
        extra.insert(extra.end(), more.begin(), more.end());
    };
    if (share.opened == Opened::all) {
        if (leaf.version != kLeafWhole) extra.push_back(static_cast<std::uint8_t>(share.opened));
        put(committed);
        return extra;
    }
    const auto parts = leaf.version == kLeafWhole ? Result<Parts>(Parts{}) : read_parts(committed);
    if (!parts) return extra;
    const bool to_asker = share.opened == Opened::asker;
    const bool to_authority =
        share.opened == Opened::authority && share.authority < parts->authorities.size();
    const Part open = to_asker       ? parts->asker
                      : to_authority ? parts->authorities[share.authority]
                                     : Part{};
    if (open.text.empty()) return extra;

    auto places = authority_hashes(*parts);
    if (to_authority) places.erase(places.begin() + static_cast<std::ptrdiff_t>(share.authority));
    std::ranges::sort(places);
    extra.push_back(static_cast<std::uint8_t>(share.opened));
    if (to_authority) put(part_hash(Role::asker, parts->asker));
    put(part_hash(Role::rest, parts->rest));
    extra.push_back(static_cast<std::uint8_t>(places.size()));
    for (const Hash256& hash : places)
        put(hash);
    put(open.salt);
    put(as_bytes(open.text));
    return extra;
}

Result<OpenedEntry> decode_opening(std::uint64_t index, BytesView extra) {
    if (extra.size() < kLeafBytes) return malformed("the opening is too short");
    SHIKAKU_TRY_LET(auto leaf, decode_leaf(extra.first(kLeafBytes)));
    OpenedEntry entry{.index = index, .leaf = leaf, .opened = Opened::nothing, .detail = {}};
    const BytesView opening = extra.subspan(kLeafBytes);
    if (opening.empty()) return entry;
    SHIKAKU_TRY_LET(auto opened,
                    leaf.version == kLeafWhole ? open_all(leaf, opening) : open(leaf, opening));
    entry.opened = opened.first;
    entry.detail = std::move(opened.second);
    return entry;
}

Result<VerifiedReceipt> verify_receipt(std::string_view text, std::string_view vkey) {
    SHIKAKU_TRY_LET(const auto receipt, parse_receipt(text));
    SHIKAKU_TRY_LET(auto checkpoint, verify_checkpoint(receipt.checkpoint, vkey));
    if (receipt.extra.empty()) return malformed("no extra line, so no entry to check");
    SHIKAKU_TRY_LET(auto entry, decode_opening(receipt.index, receipt.extra));
    const auto leaf = leaf_hash(BytesView(receipt.extra).first(kLeafBytes));
    SHIKAKU_TRY(
        verify_inclusion(receipt.index, checkpoint.size, leaf, receipt.proof, checkpoint.root));
    return VerifiedReceipt{std::move(entry), std::move(checkpoint)};
}

}  // namespace shikaku::audit
