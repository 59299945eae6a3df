// Refusals are entries of the log: the first of a kind durable before it or an equal one is said,
// later ones as one entry with their count when its window is over (denial_tally.h), and at the
// end. Beyond the tally's bounds they are said before they are in the log, counted by their code;
// 429 and 503 have bounds of their own, so that a crowd hides nobody who asks what he may not.
//
// A process that is killed loses what it counted since: at most bounds::kDenialWindow of it. Any
// thread may refuse. Contexts that refuse must have stopped before a Denials goes, and it must go
// before the log.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/audit/log.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::api {

class DenialTally;
struct DenialKind;

struct Refused {
    std::string caller;  // label, or "certificate:<sha256>"
    std::string request_id;
    std::string route;  // the pattern, never the path
    Error error;
};

class Denials {
  public:
    Denials(audit::Log& log, const Clock& clock);
    ~Denials();  // as finish()
    Denials(const Denials&) = delete;
    Denials& operator=(const Denials&) = delete;

    // Gives the error to answer with: the refused one, or audit_unavailable when it could not be
    // logged. Our own failures (5xx) say nothing about access: they go to the process log, and
    // those that every request has until log or clock are well again only to a metric.
    [[nodiscard]] boost::asio::awaitable<Error> refuse(Refused refused);
    // A handshake was refused; never blocks. `who`: "certificate:<sha256>" or "address:<prefix>".
    // Kept apart from requests: whoever makes up certificates crowds out nobody's refusals.
    void refuse_handshake(std::string who, std::string_view reason);
    // A connection ends because its client is not believed any more (told with the handshakes), or
    // because there is no place for it (told with 429 and 503), and may be told so: as refuse().
    [[nodiscard]] boost::asio::awaitable<Status> end_untrusted(std::string who,
                                                               std::string_view reason);
    [[nodiscard]] boost::asio::awaitable<Status> end_without_place(std::string who);

    // Writes the entries of windows that are over; as a thread does every
    // bounds::kDenialCheckEvery.
    void write_what_is_over();
    // Writes all that was counted and waits for it.
    void finish();

  private:
    struct State;
    struct Writer;
    class First;
    [[nodiscard]] boost::asio::awaitable<Status> told(DenialTally& tally, const DenialKind& kind,
                                                      audit::Detail detail);
    [[nodiscard]] boost::asio::awaitable<Status> ended(DenialTally& tally, DenialKind kind);
    [[nodiscard]] boost::asio::awaitable<Status> first_told(const DenialTally& tally,
                                                            const DenialKind& kind);
    std::shared_ptr<State> state_;  // callbacks of the log may come later
    std::unique_ptr<Writer> writer_;
};

}  // namespace shikaku::api
