#include "gateway/http/client_pool.h"

#include "gateway/support/bounds.h"

namespace shikaku::http {

std::optional<TlsStream::Parked> ClientPool::take() {
    const Lock lock(mutex_);
    const auto oldest = std::chrono::steady_clock::now() - bounds::kClientIdleTime;
    while (!idle_.empty()) {
        Idle idle = std::move(idle_.back());
        idle_.pop_back();
        if (idle.since >= oldest && idle.connection.still_open()) return std::move(idle.connection);
    }
    return std::nullopt;
}

void ClientPool::give(TlsStream::Parked connection) {
    const Lock lock(mutex_);
    if (idle_.size() >= bounds::kSourceConnections) idle_.erase(idle_.begin());
    idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

}  // namespace shikaku::http
