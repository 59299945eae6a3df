#include "gateway/audit/receipt.h"

#include <algorithm>

#include "gateway/audit/decimal.h"
#include "gateway/audit/merkle.h"
#include "gateway/support/bounds.h"

namespace shikaku::audit {

namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::size_t kSaltBytes = sizeof(Hash256);
constexpr std::size_t kExtraBytesMax = kLeafBytes + kSaltBytes + bounds::kLogDetailBytes;
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
        auto extra = parse_extra(line->substr(kExtra.size()));
        if (!extra) return fail(std::move(extra.error()));
        receipt.extra = std::move(*extra);
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

Bytes encode_opening(const OpenedEntry& entry) {
    const auto leaf = encode(entry.leaf);
    Bytes extra(leaf.begin(), leaf.end());
    if (entry.erased) return extra;
    extra.insert(extra.end(), entry.salt.begin(), entry.salt.end());
    extra.insert(extra.end(), entry.detail.begin(), entry.detail.end());
    return extra;
}

Result<OpenedEntry> decode_opening(std::uint64_t index, BytesView extra) {
    if (extra.size() < kLeafBytes) return malformed("the opening is too short");
    auto leaf = decode_leaf(extra.first(kLeafBytes));
    if (!leaf) return fail(std::move(leaf.error()));
    OpenedEntry entry{.index = index, .leaf = *leaf, .salt = {}, .detail = {}};
    entry.erased = extra.size() == kLeafBytes;
    if (entry.erased) return entry;
    if (extra.size() < kLeafBytes + kSaltBytes) return malformed("the opening is too short");
    std::ranges::copy(extra.subspan(kLeafBytes, kSaltBytes), entry.salt.begin());
    entry.detail = as_text(extra.subspan(kLeafBytes + kSaltBytes));
    if (commitment(entry.salt, entry.detail) != entry.leaf.commitment)
        return malformed("the detail is not what the entry commits to");
    return entry;
}

Result<VerifiedReceipt> verify_receipt(std::string_view text, std::string_view vkey) {
    const auto receipt = parse_receipt(text);
    if (!receipt) return fail(receipt.error());
    auto checkpoint = verify_checkpoint(receipt->checkpoint, vkey);
    if (!checkpoint) return fail(std::move(checkpoint.error()));
    if (receipt->extra.empty()) return malformed("no extra line, so no entry to check");
    auto entry = decode_opening(receipt->index, receipt->extra);
    if (!entry) return fail(std::move(entry.error()));
    const auto leaf = leaf_hash(BytesView(receipt->extra).first(kLeafBytes));
    SHIKAKU_TRY(
        verify_inclusion(receipt->index, checkpoint->size, leaf, receipt->proof, checkpoint->root));
    return VerifiedReceipt{std::move(*entry), std::move(*checkpoint)};
}

}  // namespace shikaku::audit
