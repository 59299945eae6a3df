#include "gateway/sources/flights.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/sources/source_watch.h"
#include "gateway/support/bounds.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::sources {

namespace asio = boost::asio;

using adapters::Adapter;
using adapters::LookUp;
using adapters::Records;

// Kept alive by its handlers alone, so that its timer never outlives the context it belongs to.
struct Flights::Flight {
    struct Waiting {
        asio::any_io_executor executor;
        LookUp lookup;
        Asker asker;
        Landed landed;
    };

    Flight(asio::any_io_executor on, Connected at, LookUp about, Asker whose)
        : executor(std::move(on)),
          connected(std::move(at)),
          lookup(std::move(about)),
          asker(whose),
          deadline(executor, lookup.deadline) {}

    std::uint64_t number = 0;
    asio::any_io_executor executor;
    Connected connected;
    LookUp lookup;
    Asker asker;                    // by Impl::mutex; as urgent as the most urgent who waits
    asio::steady_timer deadline;    // used on `executor` only
    asio::cancellation_signal cut;  // used on `executor` only
    std::chrono::steady_clock::time_point started{};
    bool flew = false;                      // used on `executor` only
    Breaker::Turn as = Breaker::Turn::ask;  // by Impl::mutex
    std::vector<Waiting> waiting;           // by Impl::mutex
    bool landed = false;                    // by Impl::mutex
};

namespace {

using Key = std::tuple<domain::AuthorityCode, Hash256, Hash256>;

Key key_of(const Connected& connected, const LookUp& lookup) {
    return {lookup.authority, connected.source, lookup.link_key};
}

Error late() {
    return {ErrorCode::source_timeout, "no answer before the deadline"};
}

Error crowded() {
    return {ErrorCode::source_unavailable, "too many look-ups are waiting"};
}

Error paused() {
    return {ErrorCode::source_unavailable, "not asked: it failed too often in a row"};
}

// Not answering and answering too late cost everyone who asks; a refusal or a broken answer is
// there at once.
bool costs_time(const Error& error) {
    return error.code == ErrorCode::source_unavailable || error.code == ErrorCode::source_timeout;
}

Result<Records> checked(Result<Records> said) {
    if (said && said->entitlements.size() > bounds::kEntitlementsPerAuthority)
        return fail(ErrorCode::source_malformed, "more entitlements than one person can have");
    return said;
}

}  // namespace

struct Flights::Impl {
    // A flight's place in the line; may outlive it, when its context goes.
    struct Place : domain::WaitingLine::Place {
        std::uint64_t number = 0;
        std::weak_ptr<Flight> flight;
    };

    // One authority's places, and who waits for one.
    struct Gate {
        Gate(domain::AuthorityCode authority, Breaker::Pauses pauses)
            : breaker(pauses), watch(authority) {}

        // nullptr: `flight` waits. Else who has no place any more: it, or one that is less urgent.
        [[nodiscard]] std::shared_ptr<Flight> queue(const std::shared_ptr<Flight>& flight);
        // Waits no more, if it did.
        void leave(const Flight& flight);
        // Those whose turn it is now.
        [[nodiscard]] std::vector<std::shared_ptr<Flight>> next();

        std::map<std::uint64_t, Place> places;  // by number of the flight; outlives the line
        domain::WaitingLine line{
            {.at_once = bounds::kSourceConnections,
             .at_once_per_client = bounds::kSourceConnectionsPerClient,
             .at_once_for_emergencies =
                 bounds::kSourceConnections + bounds::kSourceConnectionsForEmergencies,
             .waiting = bounds::kSourceWaiting,
             .waiting_per_client = bounds::kSourceWaitingPerClient,
             .idle_clients_kept = 0}};
        std::string_view state = "idle";
        Breaker breaker;
        Hash256 source{};  // that the breaker is about
        SourceWatch watch;
    };

    Impl(Heard listener, Breaker::Pauses pauses_of_one, std::chrono::milliseconds airtime_min)
        : heard(std::move(listener)), pauses(pauses_of_one), airtime(airtime_min) {}

    [[nodiscard]] Gate& gate_of(domain::AuthorityCode authority) SHIKAKU_REQUIRES(mutex);
    [[nodiscard]] Gate& gate_to(const Connected& connected, domain::AuthorityCode authority)
        SHIKAKU_REQUIRES(mutex);
    void judge(Gate& gate, const Flight& flight, const Result<Records>& said)
        SHIKAKU_REQUIRES(mutex);

    void join(asio::any_io_executor executor, Connected connected, LookUp lookup, Asker asker,
              Landed landed);
    void hurry(Gate& gate, const std::shared_ptr<Flight>& flight, domain::Priority priority)
        SHIKAKU_REQUIRES(mutex);
    void arm(const std::shared_ptr<Flight>& flight);
    void take_off(const std::shared_ptr<Flight>& flight);
    void fly(const std::shared_ptr<Flight>& flight);
    void arrive(const std::shared_ptr<Flight>& flight, Result<Records> said);
    void land(const std::shared_ptr<Flight>& flight, Result<Records> said);
    void turn_away(const std::shared_ptr<Flight>& flight);
    void free_place(const Flight& flight);
    void take_off(const std::vector<std::shared_ptr<Flight>>& next);

    Heard heard;
    const Breaker::Pauses pauses;
    const std::chrono::milliseconds airtime;
    Mutex mutex;
    std::uint64_t flights SHIKAKU_GUARDED_BY(mutex) = 0;
    std::map<Key, std::weak_ptr<Flight>> in_flight SHIKAKU_GUARDED_BY(mutex);
    std::map<domain::AuthorityCode, Gate> gates SHIKAKU_GUARDED_BY(mutex);
    std::minstd_rand random SHIKAKU_GUARDED_BY(mutex){std::random_device()()};
};

namespace {

asio::awaitable<Result<Records>> look_up(std::shared_ptr<Adapter> adapter, LookUp lookup) {
    co_return co_await adapter->look_up(lookup);
}

}  // namespace

std::shared_ptr<Flights::Flight> Flights::Impl::Gate::queue(const std::shared_ptr<Flight>& flight) {
    Place& place = places[flight->number];
    place.number = flight->number;
    place.client = flight->asker.client;
    place.priority = flight->asker.priority;
    place.flight = flight;
    auto* const gone = static_cast<Place*>(line.join(place, std::chrono::steady_clock::now()));
    if (gone == nullptr) return nullptr;
    auto whose = gone->flight.lock();
    places.erase(gone->number);
    return whose;
}

void Flights::Impl::Gate::leave(const Flight& flight) {
    const auto mine = places.find(flight.number);
    if (mine == places.end()) return;
    line.leave(mine->second);
    places.erase(mine);
}

std::vector<std::shared_ptr<Flights::Flight>> Flights::Impl::Gate::next() {
    std::vector<std::shared_ptr<Flight>> going;
    while (auto* const place = static_cast<Place*>(line.take_next())) {
        if (auto flight = place->flight.lock())
            going.push_back(std::move(flight));
        else
            line.end(place->client);  // its context has gone
        places.erase(place->number);
    }
    return going;
}

Flights::Impl::Gate& Flights::Impl::gate_of(domain::AuthorityCode authority) {
    return gates.try_emplace(authority, authority, pauses).first->second;
}

// What another source of the authority did before says nothing about this one.
Flights::Impl::Gate& Flights::Impl::gate_to(const Connected& connected,
                                            domain::AuthorityCode authority) {
    Gate& gate = gate_of(authority);
    if (std::exchange(gate.source, connected.source) != connected.source)
        gate.breaker = Breaker(pauses);
    return gate;
}

// A look-up that never had its turn says nothing about the source, unless it was to be the probe.
void Flights::Impl::judge(Gate& gate, const Flight& flight, const Result<Records>& said) {
    const auto now = std::chrono::steady_clock::now();
    if (said)
        gate.watch.answers(now);
    else
        gate.watch.fails(now, said.error());
    if (flight.connected.source != gate.source) return;
    if (said || (flight.flew && !costs_time(said.error()))) {
        gate.breaker.answered();
    } else if (flight.flew || flight.as == Breaker::Turn::probe) {
        const double jitter = std::uniform_real_distribution(0.0, 1.0)(random);
        const auto pause = gate.breaker.failed(now, flight.lookup.link_key, flight.as,
                                               flight.connected.policy.pause_after, jitter);
        if (pause) gate.watch.pauses(now, *pause);
    }
    gate.watch.show(gate.breaker.state());
}

void Flights::Impl::arm(const std::shared_ptr<Flight>& flight) {
    flight->deadline.async_wait([this, flight](boost::system::error_code error) {
        if (error) return;
        land(flight, fail(late()));
        flight->cut.emit(asio::cancellation_type::terminal);
    });
}

// A look-up whose turn has come, unless its deadline came first, or is too near.
void Flights::Impl::take_off(const std::shared_ptr<Flight>& flight) {
    const bool no_time = flight->lookup.deadline - std::chrono::steady_clock::now() < airtime;
    bool too_late = no_time;
    {
        const Lock lock(mutex);
        too_late = too_late || flight->landed;
        if (!too_late && flight->as == Breaker::Turn::ask)
            flight->as =
                gate_of(flight->lookup.authority).breaker.turn(std::chrono::steady_clock::now());
    }
    if (!too_late && flight->as != Breaker::Turn::refuse) return fly(flight);
    land(flight, fail(no_time ? late() : paused()));
    flight->deadline.cancel();
    free_place(*flight);
}

void Flights::Impl::fly(const std::shared_ptr<Flight>& flight) {
    flight->flew = true;
    flight->started = std::chrono::steady_clock::now();
    auto done = [this, flight](std::exception_ptr thrown, Result<Records> said) {
        if (thrown) said = fail(ErrorCode::source_unavailable, "the adapter ended by an exception");
        arrive(flight, std::move(said));
    };
    asio::co_spawn(flight->executor, look_up(flight->connected.adapter, flight->lookup),
                   asio::bind_cancellation_slot(flight->cut.slot(), std::move(done)));
}

void Flights::Impl::arrive(const std::shared_ptr<Flight>& flight, Result<Records> said) {
    said = checked(std::move(said));
    if (!said && std::chrono::steady_clock::now() >= flight->lookup.deadline)
        said = fail(late());  // whatever the adapter says about having been cut off
    {
        const Lock lock(mutex);
        gate_of(flight->lookup.authority)
            .watch.looked_up(said, std::chrono::steady_clock::now() - flight->started);
    }
    if (said) heard(flight->connected, flight->lookup, *said);
    land(flight, std::move(said));
    flight->deadline.cancel();
    free_place(*flight);
}

// Tells everyone who waits, once; from now on an equal question starts a new look-up. That the time
// of the one who asked first has run out is no news for those who have more.
void Flights::Impl::land(const std::shared_ptr<Flight>& flight, Result<Records> said) {
    std::vector<Flight::Waiting> waiting;
    const bool ran_out = !said && std::chrono::steady_clock::now() >= flight->lookup.deadline;
    const std::string_view state = said ? "answering" : "failing";
    {
        const Lock lock(mutex);
        if (flight->landed) return;
        flight->landed = true;
        waiting = std::move(flight->waiting);
        const auto mine = in_flight.find(key_of(flight->connected, flight->lookup));
        if (mine != in_flight.end() && mine->second.lock() == flight) in_flight.erase(mine);
        Gate& gate = gate_of(flight->lookup.authority);
        gate.leave(*flight);
        gate.state = state;
        if (flight->as != Breaker::Turn::refuse) judge(gate, *flight, said);
    }
    const auto outcome = std::make_shared<const Outcome>(std::move(said));
    // Who has the most time asks first, and the others join.
    const auto deadline_of = [](const Flight::Waiting& one) { return one.lookup.deadline; };
    std::ranges::sort(waiting, std::greater(), deadline_of);
    for (Flight::Waiting& one : waiting) {
        if (!ran_out || one.lookup.deadline <= flight->lookup.deadline) {
            one.landed(outcome);
            continue;
        }
        const auto executor = one.executor;
        asio::post(executor, [this, connected = flight->connected, one = std::move(one)]() mutable {
            join(std::move(one.executor), std::move(connected), std::move(one.lookup), one.asker,
                 std::move(one.landed));
        });
    }
}

void Flights::Impl::free_place(const Flight& flight) {
    std::vector<std::shared_ptr<Flight>> next;
    {
        const Lock lock(mutex);
        Gate& gate = gate_of(flight.lookup.authority);
        gate.line.end(flight.asker.client);
        next = gate.next();
    }
    take_off(next);
}

void Flights::Impl::take_off(const std::vector<std::shared_ptr<Flight>>& next) {
    for (const auto& flight : next)
        asio::post(flight->executor, [this, flight] { take_off(flight); });
}

// One that waited, and has no place any more.
void Flights::Impl::turn_away(const std::shared_ptr<Flight>& flight) {
    asio::post(flight->executor, [this, flight] {
        land(flight, fail(crowded()));
        flight->deadline.cancel();
    });
}

// Somebody more urgent waits for what is in the line already: it moves up.
void Flights::Impl::hurry(Gate& gate, const std::shared_ptr<Flight>& flight,
                          domain::Priority priority) {
    if (priority >= flight->asker.priority || !gate.places.contains(flight->number)) return;
    gate.leave(*flight);
    flight->asker.priority = priority;
    if (const auto gone = gate.queue(flight)) turn_away(gone);
}

void Flights::Impl::join(asio::any_io_executor executor, Connected connected, LookUp lookup,
                         Asker asker, Landed landed) {
    std::shared_ptr<Flight> flight, gone;
    std::vector<std::shared_ptr<Flight>> next;
    bool may_fly = false, is_paused = false;
    {
        const Lock lock(mutex);
        const Key key = key_of(connected, lookup);
        if (const auto found = in_flight.find(key); found != in_flight.end()) {
            if (const auto other = found->second.lock(); other && !other->landed) {
                other->waiting.push_back(
                    {std::move(executor), std::move(lookup), asker, std::move(landed)});
                Gate& gate = gate_of(other->lookup.authority);
                hurry(gate, other, asker.priority);
                return take_off(gate.next());
            }
        }
        Gate& gate = gate_to(connected, lookup.authority);
        const Breaker::Turn turn = gate.breaker.turn(std::chrono::steady_clock::now());
        is_paused = turn == Breaker::Turn::refuse;
        if (is_paused) {
            gate.watch.not_asked();
        } else {
            Flight::Waiting me{executor, lookup, asker, std::move(landed)};
            flight = std::make_shared<Flight>(std::move(executor), std::move(connected),
                                              std::move(lookup), asker);
            flight->number = ++flights;
            flight->as = turn;
            flight->waiting.push_back(std::move(me));
            in_flight[key] = flight;
            may_fly = gate.line.begin(asker.client, asker.priority);
            if (!may_fly) {
                gone = gate.queue(flight);
                if (gone) gate.watch.turned_away();
                next = gate.next();
            }
        }
    }
    // NOLINTNEXTLINE(bugprone-use-after-move): moved only where the source is not paused
    if (is_paused) return landed(std::make_shared<const Outcome>(fail(paused())));
    if (gone == flight) return land(flight, fail(crowded()));
    if (gone) turn_away(gone);
    arm(flight);
    if (may_fly) take_off(flight);
    take_off(next);
}

Flights::Flights(Heard heard, Breaker::Pauses pauses, std::chrono::milliseconds airtime)
    : impl_(std::make_unique<Impl>(std::move(heard), pauses, airtime)) {}
Flights::~Flights() = default;

void Flights::join(asio::any_io_executor executor, Connected connected, LookUp lookup, Asker asker,
                   Landed landed) {
    impl_->join(std::move(executor), std::move(connected), std::move(lookup), asker,
                std::move(landed));
}

std::string_view Flights::state(domain::AuthorityCode authority) const {
    const Lock lock(impl_->mutex);
    const auto gate = impl_->gates.find(authority);
    if (gate == impl_->gates.end()) return "idle";
    return gate->second.breaker.state() == Breaker::State::closed ? gate->second.state : "paused";
}

}  // namespace shikaku::sources
