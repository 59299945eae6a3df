// A municipality's bytes as the client reads them, cut anywhere.
#include <optional>

#include "gateway/http/response_parser.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

constexpr std::size_t kBodyBytes = 4096;

struct Read {
    std::optional<ErrorCode> refused{};
    int status = 0;
    std::size_t headers = 0;
    std::string body{};
    bool keep_alive = false;

    bool operator==(const Read&) const = default;
};

Read read(std::string_view wire, std::size_t piece_bytes, bool head_request, bool announced) {
    http::ResponseParser parser(head_request, kBodyBytes);
    http::InputBuffer input;
    Result<bool> complete = false;
    fuzz::in_pieces(wire, piece_bytes, [&](std::string_view piece) {
        while (!piece.empty() && complete && !*complete) {
            const auto space = input.space();
            fuzz::require(!space.empty());
            const std::size_t count = piece.copy(space.data(), space.size());
            input.commit(count);
            piece.remove_prefix(count);
            complete = parser.take(input);
        }
        return complete && !*complete;
    });
    if (complete && !*complete) {
        const auto end = parser.end_of_stream(announced);
        if (!end) complete = fail(end.error());
    }
    if (!complete) return {.refused = complete.error().code};
    fuzz::require(parser.response().body.size() <= kBodyBytes);
    return {.status = parser.response().status,
            .headers = parser.response().headers.size(),
            .body = parser.response().body,
            .keep_alive = parser.keep_alive()};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t piece_bytes = 1 + input.choice() % 64;
    const unsigned kind = input.choice();
    const bool head_request = (kind & 1U) != 0;
    const bool announced = (kind & 2U) != 0;
    const std::string_view wire = input.text();
    fuzz::require(read(wire, piece_bytes, head_request, announced) ==
                  read(wire, wire.size() + 1, head_request, announced));
    return 0;
}
