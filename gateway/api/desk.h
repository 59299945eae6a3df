// The desk's question from token to proven answer; the straight line of the product (design.md 3):
// card token -> single use -> sources -> decide -> log -> answer. Nothing is returned before its
// log entry is durable. Used by many io threads; per-question state lives in the coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "gateway/api/answering.h"
#include "gateway/api/question.h"
#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/identity/caller.h"
#include "gateway/identity/card_token.h"
#include "gateway/identity/replay_guard.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/sources.h"

namespace shikaku::api {

// What a SIGHUP can change about who is believed; swapped as a whole.
struct Trust {
    std::shared_ptr<const identity::Issuers> issuers;
    identity::Withdrawn withdrawn;
    std::optional<domain::LinkageCheck> linkage{};  // the only linkage secret, when it is set
    std::string audience = "shikaku";
};

class Desk {
  public:
    struct Parts {
        const crypto::KeyRing& keys;
        audit::Log& log;
        registry::Registry& registry;
        sources::Sources& sources;
        identity::ReplayGuard& replay_guard;
        const Clock& clock;
        std::string log_origin;
    };
    explicit Desk(Parts parts) : parts_(std::move(parts)) {}

    // The body of the answer. Errors: token_*, personal_number_refused, audit_unavailable,
    // overloaded.
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> ask(const Trust& trust,
                                                                  const identity::Caller& caller,
                                                                  std::string_view request_id,
                                                                  const Question& question,
                                                                  bool with_receipt);

  private:
    boost::asio::awaitable<Result<audit::Appended>> answer_first(
        const identity::Caller& caller, std::string_view request_id, const Question& question,
        const identity::CardToken& token, audit::TokenUse use, Answer& answer);
    boost::asio::awaitable<Result<std::string>> finish(const Question& question, Answer answer,
                                                       std::uint64_t index, bool with_receipt);
    [[nodiscard]] Result<Answer> answer_from_log(std::uint64_t index) const;

    Parts parts_;
};

}  // namespace shikaku::api
