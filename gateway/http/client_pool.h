// Connections to one server that wait for their next request, belonging to no io_context meanwhile.
// At most bounds::kSourceConnections, each for at most bounds::kClientIdleTime. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "gateway/http/tls_stream.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::http {

class ClientPool {
  public:
    // The one used last that still seems open.
    [[nodiscard]] std::optional<TlsStream::Parked> take();
    void give(TlsStream::Parked connection);

  private:
    struct Idle {
        TlsStream::Parked connection;
        std::chrono::steady_clock::time_point since;
    };

    Mutex mutex_;
    std::vector<Idle> idle_ SHIKAKU_GUARDED_BY(mutex_);  // the longest idle first
};

}  // namespace shikaku::http
