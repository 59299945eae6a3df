#include "gateway/http/tls_session_slot.h"

#include <openssl/ssl.h>

namespace shikaku::http {
namespace {

int slot_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

// Returning 1 takes over the reference.
int on_new_session(SSL* connection, SSL_SESSION* session) {
    auto* slot = static_cast<TlsSessionSlot*>(SSL_get_ex_data(connection, slot_index()));
    if (slot == nullptr) return 0;
    slot->store(session);
    return 1;
}

}  // namespace

void TlsSessionSlot::attach(SSL* connection) {
    SSL_set_ex_data(connection, slot_index(), this);
    const Lock lock(mutex_);
    if (session_ && SSL_SESSION_is_resumable(session_.get()) == 1)
        SSL_set_session(connection, session_.get());
}

void TlsSessionSlot::store(SSL_SESSION* session) {
    std::shared_ptr<SSL_SESSION> kept(session, SSL_SESSION_free);
    const Lock lock(mutex_);
    session_.swap(kept);
}

void keep_sessions_in_slots(SSL_CTX* context) {
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, on_new_session);
}

}  // namespace shikaku::http
