// From a card token to the one answer that it may have, whatever is asked: believed, used once, and
// within a minute answered again from the log. Used by many io threads.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/domain/query.h"
#include "gateway/identity/caller.h"
#include "gateway/identity/card_token.h"
#include "gateway/identity/replay_guard.h"
#include "gateway/inquiry/forgery_limit.h"

namespace shikaku::inquiry {

// What a SIGHUP can change about who is believed; swapped as a whole.
struct Trust {
    std::shared_ptr<const identity::Issuers> issuers;
    identity::Withdrawn withdrawn;
    std::optional<domain::LinkageCheck> linkage{};  // the only linkage secret, when it is set
    std::string audience = "shikaku";
};

// Of a token, until it is answered: otherwise, whatever happens, the token may be used again.
class FirstUse {
  public:
    FirstUse(identity::ReplayGuard& guard, const identity::TokenKey& token)
        : guard_(guard), token_(token) {}
    ~FirstUse() {
        if (!answered_) guard_.release(token_);
    }
    FirstUse(const FirstUse&) = delete;
    FirstUse& operator=(const FirstUse&) = delete;
    void answered(std::uint64_t log_index, Instant now) {
        guard_.answered(token_, log_index, now);
        answered_ = true;
    }

  private:
    identity::ReplayGuard& guard_;
    identity::TokenKey token_;
    bool answered_ = false;
};

class CardGate {
  public:
    struct Parts {
        const crypto::KeyRing& keys;
        audit::Log& log;
        identity::ReplayGuard& replay_guard;
        const Clock& clock;
        ForgeryLimit& forgeries;
    };
    explicit CardGate(const Parts& parts) : parts_(parts) {}

    // Errors: token_*, personal_number_refused; rate_limited: too many forged tokens came from the
    // caller; clock_not_trusted.
    [[nodiscard]] Result<identity::CardToken> believe(const Trust& trust,
                                                      const identity::Caller& caller,
                                                      std::string_view compact,
                                                      domain::Priority priority) const;

    // `request`: everything beside the certificate that can change the answer. It makes two uses
    // of one token the same request.
    [[nodiscard]] audit::TokenUse use_of(const identity::Caller& caller,
                                         const identity::CardToken& token,
                                         std::string_view request) const;

    // Empty: it is the first use, and the caller makes a FirstUse of it; else the index of the
    // entry that answered it. token_replayed; overloaded.
    using Earlier = std::optional<std::uint64_t>;
    [[nodiscard]] Result<Earlier> settle(const identity::ReplayGuard::Claim& claim) const;
    [[nodiscard]] identity::ReplayGuard::Claim claim(const audit::TokenUse& use) const;
    // The first use of this token is being answered at this moment, on another connection: waits
    // for it.
    [[nodiscard]] boost::asio::awaitable<identity::ReplayGuard::Claim> claim_when_answered(
        audit::TokenUse use) const;
    [[nodiscard]] FirstUse first_use(const audit::TokenUse& use) const {
        return {parts_.replay_guard, use.key};
    }

    // Waits until the entry is in the published tree.
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> receipt(std::uint64_t index) const;

  private:
    Parts parts_;
};

}  // namespace shikaku::inquiry
