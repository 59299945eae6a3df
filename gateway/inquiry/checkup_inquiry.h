// A desk's question about checkups, from card token to proven answer: card token -> single use ->
// consent for checkups -> what authorities published -> log -> answer. Nothing is returned before
// its log entry is durable; nothing is kept but that entry. Used by many io threads.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "gateway/inquiry/card_gate.h"
#include "gateway/inquiry/checkup_entry.h"
#include "gateway/inquiry/checkup_question.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/sources.h"

namespace shikaku::inquiry {

struct ProvenCheckups {
    checkup::Answer answer;
    std::uint64_t index = 0;
    std::string receipt;  // empty unless asked for
};

class CheckupInquiry {
  public:
    struct Parts {
        const crypto::KeyRing& keys;
        audit::Log& log;
        const registry::Registry& registry;
        const sources::Sources& sources;  // whose policies say how old published data may be
        identity::ReplayGuard& replay_guard;
        const Clock& clock;
        ForgeryLimit& forgeries;
    };
    explicit CheckupInquiry(const Parts& parts);

    // Errors: those of Inquiry::ask().
    [[nodiscard]] boost::asio::awaitable<Result<ProvenCheckups>> ask(
        const Trust& trust, const identity::Caller& caller, std::string_view request_id,
        const CheckupQuestion& question, bool with_receipt);

  private:
    boost::asio::awaitable<Result<audit::Appended>> answer_first(const identity::Caller& caller,
                                                                 std::string_view request_id,
                                                                 const CheckupQuestion& question,
                                                                 const identity::CardToken& token,
                                                                 audit::TokenUse use,
                                                                 checkup::Answer& answer);
    boost::asio::awaitable<Result<ProvenCheckups>> finish(checkup::Answer answer,
                                                          std::uint64_t index, bool with_receipt);
    boost::asio::awaitable<Result<ProvenCheckups>> answer_again(std::uint64_t index,
                                                                bool with_receipt);
    boost::asio::awaitable<std::vector<checkup::Finding>> findings_about(
        const identity::CardToken& token) const;
    [[nodiscard]] checkup::Packs packs_of(const std::vector<checkup::Finding>& findings) const;
    [[nodiscard]] Result<checkup::Answer> answer_from_log(std::uint64_t index) const;

    Parts parts_;
    CardGate gate_;
};

}  // namespace shikaku::inquiry
