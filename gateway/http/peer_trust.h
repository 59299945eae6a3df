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
    // Expiry ends a connection as it would have refused it. What ended it is counted: whoever
    // asks ends the connection, and tells.
    [[nodiscard]] bool holds();
    // Why it does not, by a name of tls_refusal.h.
    [[nodiscard]] std::string_view lost_because() const;
    // Counts and tells what a handshake refused; nothing when nothing was.
    void tell_refused_handshake();
    // Tells ServerOptions::tls_refused of who does not hold any more.
    void tell_lost() const;

  private:
    [[nodiscard]] bool lost();

    ServerState& server_;
    Link& link_;
    unsigned generation_ = 0;
    std::time_t until_ = std::numeric_limits<std::time_t>::max();
};

}  // namespace shikaku::http
