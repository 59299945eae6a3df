// Until when a connection's client is believed: to the first end of what its certificate rests on,
// and judged anew once after each reload. Belongs to the connection's thread.
#pragma once

#include <ctime>
#include <limits>

#include "gateway/http/link.h"
#include "gateway/http/server_state.h"

namespace shikaku::http {

class PeerTrust {
  public:
    PeerTrust(ServerState& server, Link& link) : server_(server), link_(link) {}

    // The connection was accepted under that generation of the context.
    void begin(unsigned generation) { generation_ = generation; }
    // The handshake is over.
    void know();
    // Expiry ends a connection as it would have refused it. What ended it is counted and told.
    [[nodiscard]] bool holds();
    // Tells what OpenSSL, or holds(), refused; nothing when nothing was.
    void tell_refusal();

  private:
    ServerState& server_;
    Link& link_;
    unsigned generation_ = 0;
    std::time_t until_ = std::numeric_limits<std::time_t>::max();
};

}  // namespace shikaku::http
