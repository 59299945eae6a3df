// What was read from clients' certificates, once for all connections of a client. Of one thread.
#pragma once

#include <memory>
#include <unordered_map>

#include "gateway/crypto/certificate.h"

namespace shikaku::http {

class PeerCertificates {
  public:
    // bad_key: not a certificate.
    [[nodiscard]] Result<std::shared_ptr<const crypto::Certificate>> of(BytesView der);

  private:
    struct FirstBytes {
        std::size_t operator()(const Hash256& hash) const { return get_u64be(hash); }
    };
    std::unordered_map<Hash256, std::weak_ptr<const crypto::Certificate>, FirstBytes> known_;
    std::size_t clear_out_at_ = 64;
};

}  // namespace shikaku::http
