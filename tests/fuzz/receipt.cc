// A receipt as somebody hands it over: the log's verifier key on the first line, the receipt behind
// it. One spelling, and what a proven receipt opens is what its leaf commits to.
#include "gateway/audit/receipt.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    fuzz::Input input(data, size);
    const std::string_view vkey = input.text_until('\n');
    const std::string_view text = input.text();
    const auto receipt = audit::parse_receipt(text);
    const auto verified = audit::verify_receipt(text, vkey);
    if (!receipt) {
        fuzz::require(!verified);
        return 0;
    }
    fuzz::require(audit::format_receipt(*receipt) == text);
    (void)audit::decode_opening(receipt->index, receipt->extra);
    if (verified) fuzz::require(verified->entry.index < verified->checkpoint.size);
    return 0;
}
