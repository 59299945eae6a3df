#include "gateway/audit/record_key.h"

#include <algorithm>
#include <memory>

#include "gateway/crypto/hash.h"

namespace shikaku::audit {

namespace {

constexpr std::string_view kPurpose = "shikaku: records of log.entries";

}  // namespace

storage::RecordKey record_key(const crypto::KeyRing& keys) {
    auto derived = keys.blind(crypto::BlindPurpose::audit, as_bytes(kPurpose));
    const auto key = std::make_shared<const crypto::HmacKey>(derived);
    crypto::wipe(derived);
    return [key](std::initializer_list<BytesView> parts) {
        const Hash256 whole = key->mac(parts);
        storage::RecordMac mac{};
        std::copy_n(whole.begin(), mac.size(), mac.begin());
        return mac;
    };
}

}  // namespace shikaku::audit
