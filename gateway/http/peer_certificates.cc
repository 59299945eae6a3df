#include "gateway/http/peer_certificates.h"

#include "gateway/crypto/hash.h"

namespace shikaku::http {

Result<std::shared_ptr<const crypto::Certificate>> PeerCertificates::of(BytesView der) {
    const Hash256 hash = crypto::sha256(der);
    if (const auto known = known_.find(hash); known != known_.end()) return known->second;
    SHIKAKU_TRY_LET(auto read, crypto::Certificate::from_der(der));
    if (known_.size() >= at_most_) known_.clear();
    auto certificate = std::make_shared<const crypto::Certificate>(std::move(read));
    return known_.emplace(hash, std::move(certificate)).first->second;
}

}  // namespace shikaku::http
