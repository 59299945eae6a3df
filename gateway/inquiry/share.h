// Who may see what of a log entry.
#pragma once

#include "gateway/audit/receipt.h"
#include "gateway/identity/caller.h"

namespace shikaku::inquiry {

// What of an entry its reader may see: auditors all, who asked the asker's part, an authority its
// own. not_your_data: nothing. An answer of version 1 cannot be opened in parts, so that others
// than auditors get the proof without the opening.
[[nodiscard]] Result<audit::Share> share_of(const identity::Caller& caller,
                                            const audit::OpenedEntry& entry);

}  // namespace shikaku::inquiry
