// A client certificate, and the role that it names.
#include "gateway/crypto/certificate.h"

#include "gateway/identity/caller.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const auto certificate = crypto::Certificate::from_der(fuzz::Input(data, size).bytes());
    if (!certificate) return 0;
    const auto caller = identity::identify(*certificate, {});
    if (!caller) return 0;
    fuzz::require(!certificate->is_authority);
    // Whoever gets in can be withdrawn.
    fuzz::require(identity::is_label(caller->label()));
    fuzz::require(!identity::identify(*certificate, {caller->label()}));
    return 0;
}
