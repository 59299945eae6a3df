// The desk's question from token to proven answer; the straight line of the product:
// card token -> single use -> sources -> decide -> log -> answer. Nothing is returned before its
// log entry is durable. Used by many io threads; per-question state lives in the coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/identity/caller.h"
#include "gateway/inquiry/answering.h"
#include "gateway/inquiry/card_gate.h"
#include "gateway/inquiry/question.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/sources.h"

namespace shikaku::inquiry {

// An answer, and where in the log it is proven.
struct Proven {
    Answer answer;
    std::uint64_t index = 0;
    std::string receipt;  // empty unless asked for
};

class Inquiry {
  public:
    struct Parts {
        const crypto::KeyRing& keys;
        audit::Log& log;
        registry::Registry& registry;
        sources::Sources& sources;
        identity::ReplayGuard& replay_guard;
        const Clock& clock;
        ForgeryLimit& forgeries;
    };
    explicit Inquiry(const Parts& parts)
        : parts_(parts),
          gate_({.keys = parts.keys,
                 .log = parts.log,
                 .replay_guard = parts.replay_guard,
                 .clock = parts.clock,
                 .forgeries = parts.forgeries}) {}

    // Errors: token_*, personal_number_refused, audit_unavailable, overloaded; rate_limited: too
    // many forged tokens came from the caller.
    [[nodiscard]] boost::asio::awaitable<Result<Proven>> ask(const Trust& trust,
                                                             const identity::Caller& caller,
                                                             std::string_view request_id,
                                                             const Question& question,
                                                             bool with_receipt);

  private:
    boost::asio::awaitable<Result<audit::Appended>> answer_first(
        const identity::Caller& caller, std::string_view request_id, const Question& question,
        const identity::CardToken& token, audit::TokenUse use, Answer& answer);
    boost::asio::awaitable<Result<Proven>> answer_again(std::uint64_t index, bool with_receipt);
    boost::asio::awaitable<Result<Proven>> finish(Answer answer, std::uint64_t index,
                                                  bool with_receipt);
    [[nodiscard]] Result<Answer> answer_from_log(std::uint64_t index) const;

    Parts parts_;
    CardGate gate_;
};

}  // namespace shikaku::inquiry
