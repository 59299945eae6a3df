// Asks the right authorities at the same time, within one deadline, and says how fresh each answer
// is.
//
// Whom: the authority of residence, its prefecture when that one takes part, and every authority
// that has published something about the person. Published data is one read of the registry for all
// of them. A live source is asked unless the cache holds a fresh answer; equal look-ups in flight
// are merged; what it says goes sealed into the cache. A source that fails or is late,
// and one that is paused because it did so too often (breaker.h), is answered from the cache while
// its policy allows (stale), else it is beyond_policy or unavailable. Nothing here decides about
// eligibility.
//
// ask() may run on many threads at once; the executor of the asking coroutine is one thread or a
// strand. Contexts that ask must have stopped before a Sources goes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/domain/query.h"
#include "gateway/domain/waiting_line.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/breaker.h"
#include "gateway/sources/cache.h"
#include "gateway/sources/connection.h"
#include "gateway/support/bounds.h"

namespace shikaku::sources {

// What a question needs of the registry; see registry.h.
struct Published {
    std::function<storage::Reply<std::vector<registry::PublishedFor>>(const Hash256&)> find_all;
    std::function<std::optional<registry::InForce>(domain::AuthorityCode)> in_force;
};

class Sources {
  public:
    Sources(const registry::Registry& registry, Cache& cache, const Clock& clock);
    Sources(Published published, Cache& cache, const Clock& clock,
            std::chrono::milliseconds question_time = bounds::kQuestionTime,
            Breaker::Pauses pauses = {});
    ~Sources();
    // Connections are replaced as a whole; questions being answered keep the old ones.
    void replace(std::shared_ptr<const Connections> connections);
    [[nodiscard]] std::shared_ptr<const Connections> connections() const;

    // How an authority's source did when it was last asked: not_connected, idle (not asked since
    // the start), answering, failing, paused (failed too often in a row: only probes ask it).
    [[nodiscard]] std::string_view state(domain::AuthorityCode authority) const;

    struct About {
        Hash256 link_key{};
        std::optional<domain::LinkageCheck> linkage{};  // of the secret it was made with
        std::optional<domain::AuthorityCode> residence;
        domain::Date service_date;
        std::string request_id;
        domain::WaitingLine::ClientKey client = 0;  // whose question it is: sources are shared out
        domain::Priority priority = domain::Priority::walk_in;
    };
    // Never fails as a whole: every trouble is in the finding of its authority. In code order, at
    // most bounds::kAuthoritiesPerQuestion.
    [[nodiscard]] boost::asio::awaitable<std::vector<domain::Finding>> ask(About about);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::sources
