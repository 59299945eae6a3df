// C2SP signed-note and tlog-checkpoint with Ed25519 (gateway/docs/audit-format.md). Pure functions.
//
// Parsing is strict: a malformed line anywhere refuses the whole note, signatures by unknown keys
// are ignored, a wrong signature by the known key refuses the note. Errors: corrupt with what is
// wrong; bad_key for a malformed verifier key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/crypto/signature.h"
#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

namespace shikaku::audit {

struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Hash256 root{};
};

struct SignedCheckpoint {
    Checkpoint checkpoint;
    std::string text;  // the whole note, byte for byte
};

// Not empty, valid UTF-8, no control characters, no Unicode spaces, no plus sign.
[[nodiscard]] bool is_key_name(std::string_view name);

// "<name>+<hex key id>+<base64(0x01 || public key)>"
[[nodiscard]] std::string make_vkey(std::string_view name, BytesView ed25519_public);

// `text` ends with a newline; the key is Ed25519.
[[nodiscard]] std::string sign_note(std::string_view text, std::string_view key_name,
                                    const crypto::SigningKey& key);
[[nodiscard]] SignedCheckpoint sign_checkpoint(const Checkpoint& checkpoint,
                                               const crypto::SigningKey& key);

// The note's text when at least one signature line is by the vkey and right; other lines are kept
// out of the judgement as the specification asks.
[[nodiscard]] Result<std::string> verify_note(std::string_view note, std::string_view vkey);
// Also: the origin is the key's name, so that one key cannot speak for two logs.
[[nodiscard]] Result<Checkpoint> verify_checkpoint(std::string_view note, std::string_view vkey);

}  // namespace shikaku::audit
