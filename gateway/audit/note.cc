#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "gateway/audit/checkpoint.h"
#include "gateway/crypto/hash.h"
#include "gateway/support/text.h"

namespace shikaku::audit {

namespace {

constexpr std::uint8_t kEd25519[] = {0x01};
constexpr std::string_view kDash = "\u2014 ";
constexpr std::size_t kSignaturesMax = 100;
constexpr std::size_t kNoteBytesMax = 64 * 1024;
constexpr std::size_t kKeyIdBytes = 4;

constexpr auto kUnicodeSpaces = std::to_array<std::string_view>(
    {" ",      "\u00a0", "\u0085", "\u1680", "\u2000", "\u2001", "\u2002",
     "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
     "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"});

struct NoteKey {
    std::string name;
    Bytes id;
    crypto::VerifyKey key;
};

struct NoteSignature {
    std::string_view name;
    Bytes id;
    Bytes signature;
};

struct ParsedNote {
    std::string_view text;
    std::vector<NoteSignature> signatures;
};

Bytes key_id(std::string_view name, BytesView ed25519_public) {
    const auto hash = crypto::sha256({as_bytes(name), as_bytes("\n"), kEd25519, ed25519_public});
    return {hash.begin(), hash.begin() + kKeyIdBytes};
}

Result<NoteKey> parse_vkey(std::string_view vkey) {
    const auto refuse = [](const char* what) {
        return fail(ErrorCode::bad_key, std::string("verifier key: ") + what);
    };
    const auto first = vkey.find('+');
    const auto second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
    if (second == std::string_view::npos) return refuse("not <name>+<id>+<key>");
    const auto name = vkey.substr(0, first);
    const auto id = from_hex(vkey.substr(first + 1, second - first - 1));
    const auto encoded = from_base64(vkey.substr(second + 1));
    if (!is_key_name(name)) return refuse("malformed name");
    if (!id || id->size() != kKeyIdBytes) return refuse("malformed key id");
    if (!encoded || encoded->size() != 33 || encoded->front() != kEd25519[0])
        return refuse("not an Ed25519 note key");
    const auto public_key = BytesView(*encoded).subspan(1);
    if (*id != key_id(name, public_key)) return refuse("the key id is another key's");
    SHIKAKU_TRY_LET(auto key, crypto::VerifyKey::from_ed25519(public_key));
    return NoteKey{std::string(name), *id, std::move(key)};
}

std::unexpected<Error> malformed(const char* what) {
    return fail(ErrorCode::corrupt, std::string("note: ") + what);
}

Result<NoteSignature> parse_signature(std::string_view line) {
    if (!line.starts_with(kDash)) return malformed("a signature line without its dash");
    line.remove_prefix(kDash.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return malformed("a signature line without a key name");
    const auto name = line.substr(0, space);
    const auto bytes = from_base64(line.substr(space + 1));
    if (!is_key_name(name)) return malformed("a malformed key name");
    if (!bytes || bytes->size() <= kKeyIdBytes) return malformed("a malformed signature");
    return NoteSignature{name,
                         {bytes->begin(), bytes->begin() + kKeyIdBytes},
                         {bytes->begin() + kKeyIdBytes, bytes->end()}};
}

Result<ParsedNote> parse_note(std::string_view note) {
    if (note.size() > kNoteBytesMax) return malformed("too long");
    if (!is_valid_utf8(note)) return malformed("not UTF-8");
    if (std::ranges::any_of(
            note, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }))
        return malformed("control characters");
    const auto split_at = note.rfind("\n\n");
    if (split_at == std::string_view::npos) return malformed("no signatures");
    ParsedNote parsed;
    parsed.text = note.substr(0, split_at + 1);
    auto lines = note.substr(split_at + 2);
    if (!lines.ends_with('\n')) return malformed("no signatures");
    lines.remove_suffix(1);
    for (const auto line : split(lines, '\n')) {
        if (parsed.signatures.size() == kSignaturesMax) return malformed("too many signatures");
        SHIKAKU_TRY_LET(auto signature, parse_signature(line));
        parsed.signatures.push_back(std::move(signature));
    }
    return parsed;
}

}  // namespace

bool is_key_name(std::string_view name) {
    if (name.empty() || name.contains('+') || !is_valid_utf8(name)) return false;
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        return false;
    return std::ranges::none_of(kUnicodeSpaces,
                                [name](std::string_view space) { return name.contains(space); });
}

std::string make_vkey(std::string_view name, BytesView ed25519_public) {
    Bytes encoded(std::begin(kEd25519), std::end(kEd25519));
    encoded.insert(encoded.end(), ed25519_public.begin(), ed25519_public.end());
    return std::string(name) + "+" + to_hex(key_id(name, ed25519_public)) + "+" +
           to_base64(encoded);
}

std::string sign_note(std::string_view text, std::string_view key_name,
                      const crypto::SigningKey& key) {
    const auto public_key = key.ed25519_public();
    Bytes line = key_id(key_name, public_key.value());
    const auto signature = key.sign(crypto::Algorithm::EdDSA, as_bytes(text));
    line.insert(line.end(), signature.begin(), signature.end());
    return std::string(text) + "\n" + std::string(kDash) + std::string(key_name) + " " +
           to_base64(line) + "\n";
}

Result<std::string> verify_note(std::string_view note, std::string_view vkey) {
    SHIKAKU_TRY_LET(const auto key, parse_vkey(vkey));
    SHIKAKU_TRY_LET(const auto parsed, parse_note(note));
    bool signed_by_key = false;
    for (const auto& signature : parsed.signatures) {
        if (signature.name != key.name || signature.id != key.id) continue;
        if (!key.key.verify(crypto::Algorithm::EdDSA, as_bytes(parsed.text), signature.signature))
            return malformed("the signature is wrong");
        signed_by_key = true;
    }
    if (!signed_by_key) return malformed("no signature by this key");
    return std::string(parsed.text);
}

}  // namespace shikaku::audit
