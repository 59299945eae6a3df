// Uploaded bytes to UTF-8, cut anywhere: the same text, and nothing but UTF-8 and the mark of what
// could not be read.
#include "gateway/registry/text_decoder.h"

#include "gateway/support/text.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;
using registry::TextDecoder;

std::string decode(TextDecoder::Charset charset, std::string_view bytes, std::size_t piece_bytes,
                   bool& whole) {
    auto decoder = TextDecoder::make(charset).value();
    registry::CharsetEvidence evidence;
    std::string out;
    fuzz::in_pieces(bytes, piece_bytes, [&](std::string_view piece) {
        decoder.feed(piece, out);
        evidence.feed(piece);
        return true;
    });
    whole = decoder.finish().has_value();
    fuzz::require(!evidence.is_utf8() || !evidence.is_cp932());
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const unsigned choice = input.choice();
    const auto charset =
        (choice & 1U) != 0 ? TextDecoder::Charset::cp932 : TextDecoder::Charset::utf8;
    bool whole = false;
    bool whole_in_pieces = false;
    std::string text = decode(charset, input.text(), input.text().size() + 1, whole);
    fuzz::require(text == decode(charset, input.text(), 1 + (choice >> 1U), whole_in_pieces));
    fuzz::require(whole == whole_in_pieces);
    std::erase(text, registry::kUndecodable);
    fuzz::require(is_valid_utf8(text));
    return 0;
}
