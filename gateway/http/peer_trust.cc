#include "gateway/http/peer_trust.h"

namespace shikaku::http {

void PeerTrust::know() {
    if (link_.stream().is_tls()) until_ = TlsContext::trusted_until(link_.stream().tls());
}

bool PeerTrust::holds() {
    if (link_.stream().is_tls() && generation_ != server_.tls.generation()) {
        const auto current = server_.tls.get();
        generation_ = current.generation;
        const auto until =
            current.context ? current.context->trusts_peer_of(link_.stream().tls()) : std::nullopt;
        if (!until) {
            server_.metrics.trust_lost_by_reload.Increment();
            until_ = 0;
            return lost();
        }
        until_ = *until;
    }
    if (server_.options.now() < until_) return true;
    server_.metrics.trust_expired.Increment();
    remember_refusal(link_.stream().tls(), TlsRefusal::expired);
    return lost();
}

bool PeerTrust::lost() {
    if (const RefusedPeer* refused = refusal_of(link_.stream().tls()))
        server_.metrics.refused(refused->why);
    return false;
}

std::string_view PeerTrust::lost_because() const {
    const RefusedPeer* refused = refusal_of(link_.stream().tls());
    return name(refused == nullptr ? TlsRefusal::bad_certificate : refused->why);
}

void PeerTrust::tell_refused_handshake() {
    const RefusedPeer* refused = refusal_of(link_.stream().tls());
    if (refused == nullptr) return;
    server_.metrics.refused(refused->why);
    tell_lost();
}

void PeerTrust::tell_lost() const {
    const RefusedPeer* refused = refusal_of(link_.stream().tls());
    const auto& tell = server_.options.tls_refused;
    if (refused == nullptr || !tell) return;
    boost::system::error_code gone;
    const auto from = link_.stream().socket().remote_endpoint(gone).address();
    tell(who(*refused, from), name(refused->why));
}

}  // namespace shikaku::http
