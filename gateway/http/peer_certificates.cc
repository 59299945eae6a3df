#include "gateway/http/peer_certificates.h"

#include <algorithm>

#include "gateway/crypto/hash.h"

namespace shikaku::http {

Result<std::shared_ptr<const crypto::Certificate>> PeerCertificates::of(BytesView der) {
    if (known_.size() >= clear_out_at_) {
        std::erase_if(known_, [](const auto& one) { return one.second.expired(); });
        clear_out_at_ = std::max(clear_out_at_, 2 * known_.size());
    }
    auto& known = known_[crypto::sha256(der)];
    if (auto certificate = known.lock()) return certificate;
    auto read = crypto::Certificate::from_der(der);
    if (!read) return fail(std::move(read.error()));
    auto certificate = std::make_shared<const crypto::Certificate>(std::move(*read));
    known = certificate;
    return certificate;
}

}  // namespace shikaku::http
