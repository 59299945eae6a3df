#include "gateway/audit/checkpoint.h"

#include <algorithm>

#include "gateway/audit/decimal.h"
#include "gateway/support/text.h"

namespace shikaku::audit {

namespace {

std::unexpected<Error> malformed(const char* what) {
    return fail(ErrorCode::corrupt, std::string("checkpoint: ") + what);
}

}  // namespace

SignedCheckpoint sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
    const auto text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                      to_base64(checkpoint.root) + "\n";
    return {checkpoint, sign_note(text, checkpoint.origin, key)};
}

Result<Checkpoint> verify_checkpoint(std::string_view note, std::string_view vkey) {
    SHIKAKU_TRY_LET(auto text, verify_note(note, vkey));
    text.pop_back();  // the final newline that every note text has
    const auto lines = split(text, '\n');
    if (lines.size() < 3) return malformed("fewer than three lines");
    if (std::ranges::any_of(lines, [](std::string_view line) { return line.empty(); }))
        return malformed("an empty line");
    const auto size = parse_decimal(lines[1]);
    if (!size) return malformed("malformed size");
    const auto root = from_base64(lines[2]);
    Checkpoint checkpoint{std::string(lines[0]), *size, {}};
    if (!root || root->size() != checkpoint.root.size()) return malformed("malformed root");
    std::ranges::copy(*root, checkpoint.root.begin());
    if (checkpoint.origin != vkey.substr(0, vkey.find('+')))
        return malformed("the origin is not the key's name");
    return checkpoint;
}

}  // namespace shikaku::audit
