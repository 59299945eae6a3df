// C2SP tlog-proof: one entry's proof of inclusion in a signed tree, and what Shikaku puts into its
// `extra` line: the entry, and the parts of it that its reader may see. Pure functions; everything
// parsed is untrusted. The grammar of `extra` is in gateway/docs/audit-format.md, section 4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/audit/checkpoint.h"
#include "gateway/audit/entry.h"

namespace shikaku::audit {

struct Receipt {
    std::uint64_t index = 0;
    Bytes extra;  // empty: no extra line
    std::vector<Hash256> proof;
    std::string checkpoint;
};

[[nodiscard]] bool is_receipt(
    std::string_view text);  // rather than a checkpoint, by its first line
[[nodiscard]] std::string format_receipt(const Receipt& receipt);
[[nodiscard]] Result<Receipt> parse_receipt(std::string_view text);  // corrupt

// Which part of an entry a receipt opens.
struct Share {
    Opened opened = Opened::nothing;
    std::size_t authority = 0;  // which of the detail's authorities
};
// `committed`: what open_detail() gave. A share the entry does not have opens nothing.
[[nodiscard]] Bytes encode_opening(const Leaf& leaf, BytesView committed, Share share);
// Also checks that what is open is what the leaf commits to. corrupt.
[[nodiscard]] Result<OpenedEntry> decode_opening(std::uint64_t index, BytesView extra);

struct VerifiedReceipt {
    OpenedEntry entry;
    Checkpoint checkpoint;
};
// Everything, offline: form, opening, inclusion, and the checkpoint's signature by the vkey.
[[nodiscard]] Result<VerifiedReceipt> verify_receipt(std::string_view text, std::string_view vkey);

}  // namespace shikaku::audit
