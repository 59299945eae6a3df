// The last TLS session with one server, kept by a client so that its next connection can resume it.
// Thread-safe.
#pragma once

#include <memory>

#include "gateway/support/thread_safety.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace shikaku::http {

class TlsSessionSlot {
  public:
    // Offers the session, if there is one, and collects what the server issues on this connection.
    // The slot must outlive it.
    void attach(ssl_st* connection);
    void store(ssl_session_st* session);  // takes one reference

  private:
    Mutex mutex_;
    std::shared_ptr<ssl_session_st> session_ SHIKAKU_GUARDED_BY(mutex_);
};

// Makes the connections of a client context hand new sessions to the slot they are attached to.
void keep_sessions_in_slots(ssl_ctx_st* context);

}  // namespace shikaku::http
