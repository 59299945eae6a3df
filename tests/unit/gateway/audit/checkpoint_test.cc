#include "gateway/audit/checkpoint.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace shikaku;
using namespace shikaku::audit;

namespace {

// The published example of signed notes.
const std::string kVkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string kText = "This is an example message.\n";
const std::string kSignature =
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
const std::string kLine = "\u2014 example.com/foo " + kSignature + "\n";
const std::string kNote = kText + "\n" + kLine;

struct Signer {
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    std::string name = "shikaku.example/log";
    [[nodiscard]] std::string vkey() const { return make_vkey(name, key.ed25519_public().value()); }
};

std::string with(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the published note verifies under its key, and the key can be made again") {
    const auto text = verify_note(kNote, kVkey);
    REQUIRE(text);
    CHECK(*text == kText);
    const auto public_key = from_base64("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").value();
    CHECK(make_vkey("example.com/foo", BytesView(public_key).subspan(1)) == kVkey);
}

TEST_CASE("signatures by others are ignored, before and after ours") {
    const std::string other = "\u2014 witness.example AAAAAAAAAAAA\n";
    const std::string same_name = "\u2014 example.com/foo AAAAAAAAAAAA\n";
    const std::string same_id = "\u2014 example.com/bar " + kSignature + "\n";
    for (const auto& line : {other, same_name, same_id}) {
        CHECK(verify_note(kText + "\n" + line + kLine, kVkey));
        CHECK(verify_note(kNote + line, kVkey));
        CHECK(verify_note(kText + "\n" + line, kVkey).error().code == ErrorCode::corrupt);
    }
    std::string many;
    for (int i = 0; i < 16; ++i)
        many += other;
    CHECK(verify_note(kText + "\n" + many + kLine, kVkey));
}

TEST_CASE("a text with empty lines ends at the last one") {
    const Signer signer;
    const std::string text = "first\n\nsecond\n\n\n";
    const auto note = sign_note(text, signer.name, signer.key);
    CHECK(verify_note(note, signer.vkey()).value() == text);
}

TEST_CASE("bad notes are refused") {
    const std::pair<const char*, std::string> cases[] = {
        {"empty", ""},
        {"only text", kText},
        {"no blank line", kText + kLine},
        {"no signature lines", kText + "\n"},
        {"no newline at the end", kNote.substr(0, kNote.size() - 1)},
        {"empty line after the signatures", kNote + "\n"},
        {"changed text", with(kNote, "example message", "exemple message")},
        {"text longer by a line", "x\n" + kNote},
        {"changed signature", with(kNote, "srV1", "srV2")},
        {"wrong signature beside the right one", kNote + with(kLine, "srV1", "srV2")},
        {"hyphen for the dash", with(kNote, "\u2014", "-")},
        {"en dash", with(kNote, "\u2014", "\u2013")},
        {"no space after the dash", with(kNote, "\u2014 ", "\u2014")},
        {"two spaces after the dash", with(kNote, "\u2014 ", "\u2014  ")},
        {"two spaces before the signature", with(kNote, "foo ", "foo  ")},
        {"no signature", with(kNote, kSignature, "")},
        {"space after the signature", with(kNote, kSignature, kSignature + " ")},
        {"carriage return", with(kNote, kSignature, kSignature + "\r")},
        {"tab in the text", "\t" + kNote},
        {"not base64", with(kNote, "Uw2Q", "Uw2*")},
        {"base64 without padding", with(kNote, "=", "")},
        {"base64url", with(kNote, "srV1", "sr-_")},
        {"signature of a key id only", kNote + "\u2014 other AAAAAA==\n"},
        {"escape in another's name", kNote + "\u2014 a\x1b" + "b AAAAAAAAAAAA\n"},
        {"plus in another's name", kNote + "\u2014 a+b AAAAAAAAAAAA\n"},
        {"Unicode space in another's name", kNote + "\u2014 a\u3000b AAAAAAAAAAAA\n"},
        {"no-break space in another's name", kNote + "\u2014 a\u00a0b AAAAAAAAAAAA\n"},
        {"not UTF-8", "\xff" + kNote},
        {"NUL", std::string(1, '\0') + kNote},
        {"too long", std::string(70'000, 'x') + "\n" + kNote},
    };
    for (const auto& [what, note] : cases) {
        INFO(what);
        const auto verified = verify_note(note, kVkey);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == ErrorCode::corrupt);
    }
    std::string many = kText + "\n";
    for (int i = 0; i < 101; ++i)
        many += "\u2014 witness.example AAAAAAAAAAAA\n";
    CHECK_FALSE(verify_note(many + kLine, kVkey));
}

TEST_CASE("a well signed text with control characters is refused, a line feed is none") {
    const Signer signer;
    for (const char control : {'\x01', '\x09', '\x0b', '\x0d', '\x1b', '\x1f'}) {
        CAPTURE(static_cast<int>(control));
        const auto text = std::string("a") + control + "b\n";
        CHECK_FALSE(verify_note(sign_note(text, signer.name, signer.key), signer.vkey()));
    }
    CHECK(verify_note(sign_note("a\nb\n", signer.name, signer.key), signer.vkey()));
}

TEST_CASE("bad verifier keys are refused") {
    for (const auto& vkey : {
             std::string(),
             std::string("example.com/foo"),
             std::string("+"),
             std::string("++"),
             std::string("example.com/foo+530d903a"),
             with(kVkey, "foo", "fop"),
             with(kVkey, "530d903a", "530d903b"),
             with(kVkey, "530d903a", "530d903"),
             with(kVkey, "530d903a", "530d903a00"),
             with(kVkey, "530d903a", ""),
             with(kVkey, "Aeky", "Auky"),
             with(kVkey, "U2k", "U2"),
             with(kVkey, "U2k", "U2kAAAA"),
             kVkey + " ",
             " " + kVkey,
             with(kVkey, "example.com", "example com"),
             with(kVkey, "example.com", ""),
             kVkey.substr(3),
             kVkey + "\n",
         }) {
        INFO(vkey);
        const auto verified = verify_note(kNote, vkey);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == ErrorCode::bad_key);
    }
}

TEST_CASE("a checkpoint is signed and read back the same") {
    const Signer signer;
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        Checkpoint checkpoint{signer.name, size, {}};
        checkpoint.root.fill(0xab);
        const auto made = sign_checkpoint(checkpoint, signer.key);
        const auto read = verify_checkpoint(made.text, signer.vkey());
        REQUIRE(read);
        CHECK(read->origin == signer.name);
        CHECK(read->size == size);
        CHECK(read->root == checkpoint.root);
    }
}

TEST_CASE("well signed texts that are no checkpoints of this log are refused") {
    const Signer signer;
    const std::string root = to_base64(Hash256{});
    const std::string good = "shikaku.example/log\n5\n" + root + "\n";
    REQUIRE(verify_checkpoint(sign_note(good, signer.name, signer.key), signer.vkey()));
    CHECK(
        verify_checkpoint(sign_note(good + "extension\n", signer.name, signer.key), signer.vkey()));
    for (const auto& text : {
             std::string("shikaku.example/log\n5\n"),
             std::string("\n5\n" + root + "\n"),
             with(good, "\n5\n", "\n05\n"),
             with(good, "\n5\n", "\n+5\n"),
             with(good, "\n5\n", "\n-5\n"),
             with(good, "\n5\n", "\n5 \n"),
             with(good, "\n5\n", "\n\n"),
             with(good, "\n5\n", "\n0x5\n"),
             with(good, "\n5\n", "\n18446744073709551616\n"),
             with(good, root, ""),
             with(good, root, root.substr(1)),
             with(good, root, to_base64(Bytes(31))),
             with(good, root, to_base64(Bytes(33))),
             with(good, "log", "other-log"),
             good + "\n",
             good + "\nextension\n",
             std::string("\n"),
             std::string("\n\n\n"),
         }) {
        INFO(text);
        const auto verified =
            verify_checkpoint(sign_note(text, signer.name, signer.key), signer.vkey());
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == ErrorCode::corrupt);
    }
}

TEST_CASE("key names") {
    for (const char* name : {"a", "shikaku.example/log", "八王子", "PeterNeumann"})
        CHECK(is_key_name(name));
    for (const char* name : {"", " ", "a b", "a+b", "a\tb", "a\nb", "a\u3000b", "a\u2003",
                             "\u00a0a", "\u0085", "\xff", "a\u2028"})
        CHECK_FALSE(is_key_name(name));
}
