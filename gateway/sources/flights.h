// Look-ups at live sources: equal ones in flight are merged, each authority is asked at most
// bounds::kSourceConnections times at once (others wait their turn, in order), and each look-up has
// ended for those who wait when its deadline is there, whether or not the adapter has noticed. Who
// has more time than the one who asked first then asks again. An adapter that goes on keeps its
// place until it is done; what it says then still goes to `heard`.
//
// Any thread may join. Look-ups run on the executor of whoever asked first.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "gateway/sources/connection.h"

namespace shikaku::sources {

class Flights {
  public:
    using Outcome = Result<adapters::Records>;
    using Landed = std::move_only_function<void(std::shared_ptr<const Outcome>)>;
    // Called once for every answer of an adapter, before those who wait get it; may amend it.
    using Heard =
        std::function<void(const Connected&, const adapters::Inquiry&, adapters::Records&)>;

    explicit Flights(Heard heard);
    ~Flights();

    // `landed` is called once, from any thread and perhaps before join() returns, and must not
    // block. source_timeout: nothing was heard before this inquiry's own deadline.
    void join(boost::asio::any_io_executor executor, Connected connected, adapters::Inquiry inquiry,
              Landed landed);

    // idle, answering or failing.
    [[nodiscard]] std::string_view state(domain::AuthorityCode authority) const;

  private:
    struct Flight;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::sources
