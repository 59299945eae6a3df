// C2SP tlog-proof: one entry's proof of inclusion in a signed tree, and what Shikaku puts into its
// `extra` line: the opening of the entry. Pure functions; everything parsed is untrusted.
//
//   extra = leaf (42) || salt (32) || detail      (gateway/docs/audit-format.md)
//   extra = leaf (42)                             when the detail was erased or is withheld
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

[[nodiscard]] Bytes encode_opening(const OpenedEntry& entry);
// Also checks that salt and detail give the leaf's commitment. corrupt.
[[nodiscard]] Result<OpenedEntry> decode_opening(std::uint64_t index, BytesView extra);

struct VerifiedReceipt {
    OpenedEntry entry;
    Checkpoint checkpoint;
};
// Everything, offline: form, opening, inclusion, and the checkpoint's signature by the vkey.
[[nodiscard]] Result<VerifiedReceipt> verify_receipt(std::string_view text, std::string_view vkey);

}  // namespace shikaku::audit
