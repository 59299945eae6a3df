#include "gateway/sources/connection.h"

#include "gateway/crypto/hash.h"

namespace shikaku::sources {

Connected connected(std::shared_ptr<adapters::Adapter> adapter, Policy policy) {
    std::string text(adapter->kind());
    text += '\0';
    text += adapter->configuration();
    const Hash256 source = crypto::sha256(as_bytes(text));
    return {.adapter = std::move(adapter), .policy = policy, .source = source};
}

}  // namespace shikaku::sources
