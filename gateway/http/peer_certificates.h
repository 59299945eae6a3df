// What was read from clients' certificates, once for all connections of a client; remembered when
// they are closed, for reading costs a quarter of a resumed handshake. Of one thread.
#pragma once

#include <memory>
#include <unordered_map>

#include "gateway/crypto/certificate.h"
#include "gateway/support/bounds.h"

namespace shikaku::http {

class PeerCertificates {
  public:
    // With `at_most` remembered, all are forgotten for the next one.
    explicit PeerCertificates(std::size_t at_most = bounds::kPeerCertificates)
        : at_most_(at_most) {}

    // bad_key: not a certificate.
    [[nodiscard]] Result<std::shared_ptr<const crypto::Certificate>> of(BytesView der);

  private:
    struct FirstBytes {
        std::size_t operator()(const Hash256& hash) const { return get_u64be(hash); }
    };
    const std::size_t at_most_;
    std::unordered_map<Hash256, std::shared_ptr<const crypto::Certificate>, FirstBytes> known_;
};

}  // namespace shikaku::http
