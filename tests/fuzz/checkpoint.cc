// A signed checkpoint or note as somebody hands it over, behind the verifier key on the first line.
#include "gateway/audit/checkpoint.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    fuzz::Input input(data, size);
    const std::string_view vkey = input.text_until('\n');
    const std::string_view note = input.text();
    const auto text = audit::verify_note(note, vkey);
    if (text) fuzz::require(text->ends_with('\n') && note.starts_with(*text));
    const auto checkpoint = audit::verify_checkpoint(note, vkey);
    if (!checkpoint) return 0;
    fuzz::require(text.has_value());
    fuzz::require(audit::is_key_name(checkpoint->origin) && vkey.starts_with(checkpoint->origin));
    return 0;
}
