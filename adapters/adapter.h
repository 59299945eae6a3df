// The port every municipal adapter implements. Adding a municipality means writing one of these (or
// configuring one that exists) without touching gateway/; see adapters/README.md.
//
// Called from several io threads at once. An adapter answers before its deadline, holds no personal
// data beyond the call, and puts none into errors or logs. What it can say:
//   - records with entitlements: everything the authority knows about the person, past, present and
//     future, whatever the service date, because the answer is kept for the next question;
//   - records without: "this authority knows no subsidy of this person" (no_record);
//   - an Error: source_unavailable, source_timeout, source_refused or source_malformed. An error
//     leads to `unknown` at the desk, never to "not eligible".
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/entitlement.h"
#include "gateway/domain/query.h"
#include "gateway/support/bytes.h"

namespace shikaku::adapters {

namespace asio = boost::asio;

// Whom the question is about: link key = HMAC-SHA256(linkage secret, 個人番号).
struct LookUp {
    domain::AuthorityCode authority;
    Hash256 link_key{};
    domain::Date service_date;  // for systems that ask for one; never to leave rows out
    std::string request_id;     // for the source's own log
    std::chrono::steady_clock::time_point deadline;
};

struct Records {
    std::vector<domain::Entitlement> entitlements;
    Instant as_of{};         // when the source says this was true
    bool ambiguous = false;  // the source matched several people
};

class Adapter {
  public:
    virtual ~Adapter() = default;
    // Stable name of the kind, shown to desks: "published", "rest", ...
    [[nodiscard]] virtual std::string_view kind() const = 0;
    // Everything its answers depend on, as configured: which system is asked, and how its answers
    // are read. Answers given under another configuration are not taken for this one's.
    [[nodiscard]] virtual std::string configuration() const = 0;
    // published: read from data the authority gave us; live: asked from its system just now.
    [[nodiscard]] virtual domain::Freshness freshness() const = 0;
    [[nodiscard]] virtual asio::awaitable<Result<Records>> look_up(const LookUp& lookup) = 0;
};

}  // namespace shikaku::adapters
