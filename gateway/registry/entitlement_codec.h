// The bytes of an entitlement inside a sealed registry row. Compact, because a question opens one
// and a publication writes a million; changed_at and revoked_at are not in it (generations say
// them).
//
//   version u8 = 1 | flags u8 | valid_from, valid_to i32be days since 1970
//   [payer number, 8 digits] [cap u32be] [birth date i32be]          as the flags say
//   seven texts: history key, certificate type, scheme, recipient number, name, segment, income
//   segment count u8, that many conditions | count u8, that many institution codes of 10 digits
//
// A text is u16be length and UTF-8. The same entitlement gives the same bytes.
#pragma once

#include "gateway/domain/entitlement.h"
#include "gateway/support/bytes.h"

namespace shikaku::registry {

void encode_entitlement(const domain::Entitlement& entitlement, Bytes& out);  // appends
// corrupt: encode_entitlement cannot have written this.
[[nodiscard]] Result<domain::Entitlement> decode_entitlement(BytesView bytes);

}  // namespace shikaku::registry
