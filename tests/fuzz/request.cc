// A client's bytes as the server reads them: head, framing guard, body. Wherever the network cuts
// them, they say the same.
#include <optional>

#include "gateway/http/body_decoder.h"
#include "gateway/http/request_parser.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

constexpr std::uint64_t kBodyBytes = 4096;

struct Read {
    std::optional<ErrorCode> refused{};
    bool whole = false;
    std::string head{};  // what was understood of it
    std::string body{};
    std::size_t taken = 0;

    bool operator==(const Read&) const = default;
};

std::string describe(const http::Request& request, const http::RequestParser& parser) {
    std::string out(name(request.method));
    const http::Framing& framing = parser.framing();
    out += ' ' + request.path + '?' + request.query + (parser.keep_alive() ? "+" : "-") +
           (framing.chunked ? "c" : "l") + std::to_string(framing.content_length);
    for (const http::Header& header : request.headers)
        out += '\n' + header.name + ':' + header.value;
    return out;
}

Read read(std::string_view wire, std::size_t piece_bytes) {
    Read result;
    http::RequestParser parser;
    http::Request request;
    std::optional<http::BodyDecoder> body;
    std::vector<char> received;  // of the head
    const auto take = [&](std::string_view piece) {
        if (!body) {
            const std::size_t before = received.size();
            received.insert(received.end(), piece.begin(), piece.end());
            const std::vector<char> exact(received.begin(), received.end());
            const auto length = parser.parse({exact.data(), exact.size()}, request);
            if (!length) {
                result.refused = length.error().code;
                return false;
            }
            if (!*length) return true;
            fuzz::require(**length > before && **length <= received.size());
            result.head = describe(request, parser);
            const http::Framing& framing = parser.framing();
            body = framing.chunked ? http::BodyDecoder::chunked(kBodyBytes)
                                   : http::BodyDecoder::counted(framing.content_length);
            piece.remove_prefix(**length - before);
            result.taken = **length;
        }
        const auto taken = body->decode(piece, result.body);
        if (!taken) {
            result.refused = taken.error().code;
            return false;
        }
        fuzz::require(body->done() || *taken == piece.size());
        result.taken += *taken;
        result.whole = body->done();
        return !result.whole;
    };
    fuzz::in_pieces(wire, piece_bytes, take);
    if (result.refused) {
        // How far one gets before the refusal depends on the pieces.
        result.body.clear();
        result.taken = 0;
    }
    return result;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t piece_bytes = 1 + input.choice() % 64;
    const std::string_view wire = input.text();
    fuzz::require(read(wire, piece_bytes) == read(wire, wire.size() + 1));
    return 0;
}
