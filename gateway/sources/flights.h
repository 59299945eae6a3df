// Look-ups at live sources: equal ones in flight are merged, each authority is asked at most
// bounds::kSourceConnections times at once (others wait their turn by priority, and fair between
// clients; domain/waiting_line.h), and each look-up has ended for those who wait when its deadline
// is there, whether or not the adapter has noticed. Who has more time than the one who asked first
// then asks again. An adapter that goes on keeps its place until it is done; what it says then
// still goes to `heard`.
//
// A look-up that has less than `airtime` left is not begun: that a source does not answer in no
// time is no failure of the source.
//
// A source that failed too often in a row is paused (breaker.h): but for one probe at a time,
// look-ups end at once with source_unavailable.
//
// Any thread may join. Look-ups run on the executor of whoever asked first.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "gateway/domain/waiting_line.h"
#include "gateway/sources/breaker.h"
#include "gateway/sources/connection.h"

namespace shikaku::sources {

class Flights {
  public:
    using Outcome = Result<adapters::Records>;
    using Landed = std::move_only_function<void(std::shared_ptr<const Outcome>)>;
    // Called once for every answer of an adapter, before those who wait get it; may amend it.
    using Heard =
        std::function<void(const Connected&, const adapters::LookUp&, adapters::Records&)>;

    // Whose question it is for, and how urgent that is.
    struct Asker {
        domain::WaitingLine::ClientKey client = 0;
        domain::Priority priority = domain::Priority::walk_in;
    };

    explicit Flights(Heard heard, Breaker::Pauses pauses = {},
                     std::chrono::milliseconds airtime = {});
    ~Flights();

    // `landed` is called once, from any thread and perhaps before join() returns, and must not
    // block. source_timeout: nothing was heard before this lookup's own deadline.
    void join(boost::asio::any_io_executor executor, Connected connected, adapters::LookUp lookup,
              Asker asker, Landed landed);

    // idle, answering, failing or paused.
    [[nodiscard]] std::string_view state(domain::AuthorityCode authority) const;

  private:
    struct Flight;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::sources
