// The keys of card issuers.
#include "gateway/identity/issuers.h"

#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const fuzz::MemoryFile file(fuzz::Input(data, size).text());
    const auto issuers = identity::Issuers::load({{"https://issuer.example", file.path()}});
    if (issuers) fuzz::require((*issuers)->usable() > 0);
    return 0;
}
