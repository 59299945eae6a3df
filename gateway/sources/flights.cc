#include "gateway/sources/flights.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/sources/lookup_metrics.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::sources {

namespace asio = boost::asio;

using adapters::Adapter;
using adapters::Inquiry;
using adapters::Records;

// Kept alive by its handlers alone, so that its timer never outlives the context it belongs to.
struct Flights::Flight {
    struct Waiting {
        asio::any_io_executor executor;
        Inquiry inquiry;
        Landed landed;
    };

    Flight(asio::any_io_executor on, Connected at, Inquiry about)
        : executor(std::move(on)),
          connected(std::move(at)),
          inquiry(std::move(about)),
          deadline(executor, inquiry.deadline) {}

    asio::any_io_executor executor;
    Connected connected;
    Inquiry inquiry;
    asio::steady_timer deadline;    // used on `executor` only
    asio::cancellation_signal cut;  // used on `executor` only
    std::chrono::steady_clock::time_point started{};
    std::vector<Waiting> waiting;  // by Impl::mutex
    bool landed = false;           // by Impl::mutex
};

namespace {

using Key = std::tuple<domain::AuthorityCode, Hash256, Hash256>;

Key key_of(const Connected& connected, const Inquiry& inquiry) {
    return {inquiry.authority, connected.source, inquiry.link_key};
}

Error late() {
    return {ErrorCode::source_timeout, "no answer before the deadline"};
}

Result<Records> checked(Result<Records> said) {
    if (said && said->entitlements.size() > bounds::kEntitlementsPerAuthority)
        return fail(ErrorCode::source_malformed, "more entitlements than one person can have");
    return said;
}

}  // namespace

struct Flights::Impl {
    // One authority's places, and who waits for one.
    struct Gate {
        std::size_t flying = 0;
        std::deque<std::weak_ptr<Flight>> queue;
        std::string_view state = "idle";
    };

    explicit Impl(Heard listener) : heard(std::move(listener)) {}

    void join(asio::any_io_executor executor, Connected connected, Inquiry inquiry, Landed landed);
    void arm(const std::shared_ptr<Flight>& flight);
    void take_off(const std::shared_ptr<Flight>& flight);
    void fly(const std::shared_ptr<Flight>& flight);
    void arrive(const std::shared_ptr<Flight>& flight, Result<Records> said);
    void land(const std::shared_ptr<Flight>& flight, Result<Records> said);
    void free_place(domain::AuthorityCode authority);

    Heard heard;
    LookupMetrics metrics;
    std::mutex mutex;
    std::map<Key, std::weak_ptr<Flight>> in_flight;
    std::map<domain::AuthorityCode, Gate> gates;
};

namespace {

asio::awaitable<Result<Records>> look_up(std::shared_ptr<Adapter> adapter, Inquiry inquiry) {
    co_return co_await adapter->look_up(inquiry);
}

}  // namespace

void Flights::Impl::arm(const std::shared_ptr<Flight>& flight) {
    flight->deadline.async_wait([this, flight](boost::system::error_code error) {
        if (error) return;
        land(flight, fail(late()));
        flight->cut.emit(asio::cancellation_type::terminal);
    });
}

// A look-up whose turn has come, unless its deadline came first.
void Flights::Impl::take_off(const std::shared_ptr<Flight>& flight) {
    bool too_late = false;
    {
        const std::lock_guard lock(mutex);
        too_late = flight->landed;
    }
    if (too_late)
        free_place(flight->inquiry.authority);
    else
        fly(flight);
}

void Flights::Impl::fly(const std::shared_ptr<Flight>& flight) {
    flight->started = std::chrono::steady_clock::now();
    auto done = [this, flight](std::exception_ptr thrown, Result<Records> said) {
        if (thrown) said = fail(ErrorCode::source_unavailable, "the adapter ended by an exception");
        arrive(flight, std::move(said));
    };
    asio::co_spawn(flight->executor, look_up(flight->connected.adapter, flight->inquiry),
                   asio::bind_cancellation_slot(flight->cut.slot(), std::move(done)));
}

void Flights::Impl::arrive(const std::shared_ptr<Flight>& flight, Result<Records> said) {
    said = checked(std::move(said));
    if (!said && std::chrono::steady_clock::now() >= flight->inquiry.deadline)
        said = fail(late());  // whatever the adapter says about having been cut off
    metrics.count(said, std::chrono::steady_clock::now() - flight->started);
    if (said) heard(flight->connected, flight->inquiry, *said);
    land(flight, std::move(said));
    flight->deadline.cancel();
    free_place(flight->inquiry.authority);
}

// Tells everyone who waits, once; from now on an equal question starts a new look-up. That the time
// of the one who asked first has run out is no news for those who have more.
void Flights::Impl::land(const std::shared_ptr<Flight>& flight, Result<Records> said) {
    std::vector<Flight::Waiting> waiting;
    bool changed = false;
    const bool ran_out = !said && std::chrono::steady_clock::now() >= flight->inquiry.deadline;
    const std::string_view state = said ? "answering" : "failing";
    {
        const std::lock_guard lock(mutex);
        if (flight->landed) return;
        flight->landed = true;
        waiting = std::move(flight->waiting);
        const auto mine = in_flight.find(key_of(flight->connected, flight->inquiry));
        if (mine != in_flight.end() && mine->second.lock() == flight) in_flight.erase(mine);
        Gate& gate = gates[flight->inquiry.authority];
        std::erase_if(gate.queue, [&flight](const auto& one) { return one.lock() == flight; });
        changed = std::exchange(gate.state, state) != state;
    }
    if (changed && said)
        log_info("source answers", {{"authority", flight->inquiry.authority.text()}});
    else if (changed)
        log_warn("source fails", {{"authority", flight->inquiry.authority.text()},
                                  {"error", name(said.error().code)},
                                  {"detail", said.error().detail},
                                  {"place", said.error().pointer}});
    const auto outcome = std::make_shared<const Outcome>(std::move(said));
    // Who has the most time asks first, and the others join.
    const auto deadline_of = [](const Flight::Waiting& one) { return one.inquiry.deadline; };
    std::ranges::sort(waiting, std::greater(), deadline_of);
    for (Flight::Waiting& one : waiting) {
        if (!ran_out || one.inquiry.deadline <= flight->inquiry.deadline) {
            one.landed(outcome);
            continue;
        }
        const auto executor = one.executor;
        asio::post(executor, [this, connected = flight->connected, one = std::move(one)]() mutable {
            join(std::move(one.executor), std::move(connected), std::move(one.inquiry),
                 std::move(one.landed));
        });
    }
}

void Flights::Impl::free_place(domain::AuthorityCode authority) {
    std::shared_ptr<Flight> next;
    {
        const std::lock_guard lock(mutex);
        Gate& gate = gates[authority];
        while (!next && !gate.queue.empty()) {
            next = gate.queue.front().lock();
            gate.queue.pop_front();
        }
        if (!next) --gate.flying;
    }
    if (next) asio::post(next->executor, [this, next] { take_off(next); });
}

void Flights::Impl::join(asio::any_io_executor executor, Connected connected, Inquiry inquiry,
                         Landed landed) {
    std::shared_ptr<Flight> flight;
    bool may_fly = false, may_wait = false;
    {
        const std::lock_guard lock(mutex);
        std::weak_ptr<Flight>& place = in_flight[key_of(connected, inquiry)];
        Flight::Waiting me{executor, inquiry, std::move(landed)};
        if (const auto other = place.lock(); other && !other->landed) {
            other->waiting.push_back(std::move(me));
            return;
        }
        flight =
            std::make_shared<Flight>(std::move(executor), std::move(connected), std::move(inquiry));
        flight->waiting.push_back(std::move(me));
        place = flight;
        Gate& gate = gates[flight->inquiry.authority];
        may_fly = gate.flying < bounds::kSourceConnections;
        may_wait = !may_fly && gate.queue.size() < bounds::kSourceWaiting;
        if (may_fly) ++gate.flying;
        if (may_wait) gate.queue.push_back(flight);
    }
    if (!may_fly && !may_wait) {
        metrics.turned_away();
        land(flight, fail(ErrorCode::source_unavailable, "too many look-ups are waiting"));
        return;
    }
    arm(flight);
    if (may_fly) fly(flight);
}

Flights::Flights(Heard heard) : impl_(std::make_unique<Impl>(std::move(heard))) {}
Flights::~Flights() = default;

void Flights::join(asio::any_io_executor executor, Connected connected, Inquiry inquiry,
                   Landed landed) {
    impl_->join(std::move(executor), std::move(connected), std::move(inquiry), std::move(landed));
}

std::string_view Flights::state(domain::AuthorityCode authority) const {
    const std::lock_guard lock(impl_->mutex);
    const auto gate = impl_->gates.find(authority);
    return gate == impl_->gates.end() ? "idle" : gate->second.state;
}

}  // namespace shikaku::sources
