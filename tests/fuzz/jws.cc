// The compact form of a card token, before anything of it is believed.
#include "gateway/identity/jws.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const std::string_view compact = fuzz::Input(data, size).text();
    const auto jws = identity::parse_jws(compact);
    if (!jws) return 0;
    // One spelling: what was decoded encodes to what was sent.
    const auto dot = compact.rfind('.');
    fuzz::require(jws->signing_input == compact.substr(0, dot));
    fuzz::require(to_base64url(jws->signature) == compact.substr(dot + 1));
    fuzz::require(jws->signing_input.ends_with(to_base64url(as_bytes(jws->payload))));
    return 0;
}
