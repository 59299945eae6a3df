#include "gateway/inquiry/card_gate.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/audit/await.h"
#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"

namespace shikaku::inquiry {

namespace asio = boost::asio;

using identity::ReplayGuard;
using State = ReplayGuard::Claim::State;

// A forged token is the one request that costs us much more than its sender: who has sent too many
// is not believed for a while. An emergency is; there are few of them.
Result<identity::CardToken> CardGate::believe(const Trust& trust, const identity::Caller& caller,
                                              std::string_view compact,
                                              domain::Priority priority) const {
    static auto& forged = counter("shikaku_forged_tokens_total",
                                  "Card tokens of which nothing but the signature was wrong");
    SHIKAKU_TRY(parts_.clock.trusted());
    SHIKAKU_TRY_LET(auto unchecked,
                    identity::UncheckedToken::read(compact, *trust.issuers, trust.audience,
                                                   caller.certificate, parts_.clock.now()));
    if (priority != domain::Priority::emergency)
        SHIKAKU_TRY(parts_.forgeries.may_check_signature(caller));
    if (auto right = unchecked.check_signature(); !right) {
        forged.Increment();
        parts_.forgeries.count_forged(caller);
        return fail(std::move(right.error()));
    }
    auto token = std::move(unchecked).open();
    if (token && domain::differ(token->linkage_check, trust.linkage))
        return fail(ErrorCode::token_invalid,
                    "claim linkage_check is another linkage secret's than this gateway's");
    return token;
}

audit::TokenUse CardGate::use_of(const identity::Caller& caller, const identity::CardToken& token,
                                 std::string_view request) const {
    const auto blind = [this](std::string_view text) {
        return parts_.keys.blind(crypto::BlindPurpose::token, as_bytes(text));
    };
    std::string name = token.issuer;
    name += '\0';
    name += token.token_id;
    std::string whole(as_text(caller.certificate));
    whole += request;

    audit::TokenUse use{.expires_s = token.expires_s};
    std::ranges::copy_n(blind(name).begin(), use.key.size(), use.key.begin());
    std::ranges::copy_n(blind(whole).begin(), use.request.size(), use.request.begin());
    return use;
}

ReplayGuard::Claim CardGate::claim(const audit::TokenUse& use) const {
    return parts_.replay_guard.claim(use.key, use.request, use.expires_s, parts_.clock.now());
}

asio::awaitable<ReplayGuard::Claim> CardGate::claim_when_answered(audit::TokenUse use) const {
    const auto deadline = std::chrono::steady_clock::now() + bounds::kQuestionTime * 2;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    ReplayGuard::Claim claimed = claim(use);
    while (claimed.state == State::in_progress && std::chrono::steady_clock::now() < deadline) {
        timer.expires_after(bounds::kRepeatPoll);
        auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error) break;
        claimed = claim(use);
    }
    co_return claimed;
}

Result<CardGate::Earlier> CardGate::settle(const ReplayGuard::Claim& claim) const {
    switch (claim.state) {
        case State::first:
            return Earlier();
        case State::repeat:
            return Earlier(claim.index);
        case State::replayed:
            return fail(ErrorCode::token_replayed);
        case State::full:
        case State::in_progress:
            break;
    }
    return fail(ErrorCode::overloaded, "too many card tokens in use");
}

asio::awaitable<Result<std::string>> CardGate::receipt(std::uint64_t index) const {
    SHIKAKU_CO_TRY(co_await audit::covered(parts_.log, index));
    co_return parts_.log.receipt(index, {.opened = audit::Opened::asker});
}

}  // namespace shikaku::inquiry
