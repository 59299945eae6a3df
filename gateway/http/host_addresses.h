// The addresses of one host, looked up beside the requests that need them: each look-up is a thread
// of its own, one a host and bounds::kNameLookups in all, others wait for one of these; so a name
// server that is slow or dead holds up nobody but those who have never heard of its host, and the
// longer it is, the less often it is asked.
//
// Addresses are looked up anew from half of their life on, and used while that takes or fails, up
// to bounds::kNameOldUpTo. An IP literal is its own address. Any thread may call; nothing waits. A
// look-up cannot be cancelled (getaddrinfo): one that is under way when its host goes ends unheard.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/result.h"

namespace shikaku::http {

using Addresses = std::vector<boost::asio::ip::address>;
// Blocks; any thread.
using Resolve = std::function<Result<Addresses>(const std::string& host)>;
[[nodiscard]] Result<Addresses> resolve_by_system(const std::string& host);

class HostAddresses {
  public:
    using Time = std::chrono::steady_clock::time_point;
    struct Times {
        std::chrono::milliseconds life = bounds::kNameLife;
        std::chrono::milliseconds old_up_to = bounds::kNameOldUpTo;
        std::chrono::milliseconds retry = bounds::kNameRetry;
        std::chrono::milliseconds retry_max = bounds::kNameRetryMax;
    };

    explicit HostAddresses(std::string host, Resolve resolve = resolve_by_system)
        : HostAddresses(std::move(host), std::move(resolve), Times{}) {}
    HostAddresses(std::string host, Resolve resolve, Times times);

    // What the process knows of this host already: all that live at the same time share one look-up
    // and its addresses, so that a reload forgets none.
    [[nodiscard]] static HostAddresses shared(const std::string& host,
                                              Resolve resolve = resolve_by_system);

    struct Now {
        Addresses addresses;
        std::optional<Time> first_since;  // none yet: since when the first look-up is under way
    };
    // Begins a look-up when it is time for one.
    [[nodiscard]] Now get(Time now);
    // The addresses did not lead anywhere: the host may have moved.
    void doubt(Time now);

    struct State;  // of host_addresses.cc

  private:
    explicit HostAddresses(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;  // look-ups may outlive the object
};

}  // namespace shikaku::http
