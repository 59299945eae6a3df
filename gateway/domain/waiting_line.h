// Whose turn it is among the questions that wait: on one thread for the processor, at one source
// for a connection. A higher priority goes first; within one, clients take turns, so that a
// thousand questions of one clinic do not delay the one of another by more than one of them. What
// has waited too long is sent away, lowest priority first: it would be answered too late, and the
// time is better spent on others. How long that is depends on the line, as in CoDel: one that only
// has come at once is worked off, one that stands is kept short, so that those who are answered are
// answered soon. An emergency is never sent away. Bounded; no clock and no thread of its own; under
// its owner's lock, if it has one.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "gateway/domain/query.h"
#include "gateway/support/bounds.h"

namespace shikaku::domain {

class WaitingLine {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using ClientKey = std::uint64_t;

    // Who waits for the answer: a person at the desk, or the rest of a batch, which has time.
    enum class Patience : std::uint8_t { desk, batch };

    struct ByAge;
    struct OfClient;
    template <class Tag>
    using Hook =
        boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                         boost::intrusive::link_mode<boost::intrusive::safe_link>>;

    // A question's place; stays where it is in memory while it is in the line.
    struct Place : Hook<ByAge>, Hook<OfClient> {
        ClientKey client = 0;
        Priority priority = Priority::walk_in;
        Patience patience = Patience::desk;
        Time since{};
    };

    struct Bounds {
        std::size_t at_once = bounds::kQuestionsAtOnce;
        std::size_t at_once_per_client = bounds::kQuestionsAtOncePerClient;
        std::size_t at_once_for_emergencies = std::numeric_limits<std::size_t>::max();
        std::size_t waiting = bounds::kQuestionsWaiting;
        std::size_t waiting_per_client = bounds::kQuestionsWaitingPerClient;
        std::size_t idle_clients_kept = bounds::kIdleClientsKept;
    };

    explicit WaitingLine(const Bounds& bounds) : bounds_(bounds) {}
    WaitingLine() : WaitingLine(Bounds()) {}

    // Puts it in and gives nullptr; or gives the one that has to go because there is no room: this
    // one, or one of lower priority that was in the line.
    [[nodiscard]] Place* join(Place& place, Time now);
    // The next that has waited too long; it is out of the line.
    [[nodiscard]] Place* take_late(Time now);
    // Takes out one that waits no more.
    void leave(Place& place);
    // Whose turn it is; it is out of the line and counts as begun. nullptr: nobody, for now.
    [[nodiscard]] Place* take_next();

    // Without the line, when nobody is in it. False: it has to join.
    [[nodiscard]] bool begin(ClientKey key, Priority priority);
    // One that had begun has been answered.
    void end(ClientKey key);

    [[nodiscard]] bool empty() const { return waiting_ == 0; }
    [[nodiscard]] std::size_t waiting() const { return waiting_; }
    [[nodiscard]] std::size_t at_once() const { return at_once_; }

  private:
    static constexpr std::size_t kPriorities = 4;
    static constexpr std::size_t kPatiences = 2;
    template <class T, class Tag>
    using List = boost::intrusive::list<T, boost::intrusive::base_hook<Hook<Tag>>,
                                        boost::intrusive::constant_time_size<false>>;

    struct InRound;
    // What one client waits for in one priority; in the round while there is something.
    struct Lane : Hook<InRound> {
        List<Place, OfClient> places;
    };
    struct Client {
        std::array<Lane, kPriorities> lanes;
        std::size_t at_once = 0;
        std::size_t waiting = 0;
    };
    struct Class {
        List<Lane, InRound> round;
        std::array<List<Place, ByAge>, kPatiences> by_age;
        Time stands_since{};  // while somebody waits
        [[nodiscard]] bool empty() const { return by_age[0].empty() && by_age[1].empty(); }
    };

    [[nodiscard]] Class& of(Priority priority) {
        return classes_[static_cast<std::size_t>(priority)];
    }
    void leave(Place& place, Client& client);
    void forget_if_idle(std::unordered_map<ClientKey, Client>::iterator client);
    [[nodiscard]] std::size_t at_once_for(Priority priority) const {
        return priority == Priority::emergency ? bounds_.at_once_for_emergencies : bounds_.at_once;
    }
    [[nodiscard]] Place* lowest_below(Priority priority);
    [[nodiscard]] static bool is_late(const Class& line, const Place& place, Time now);

    const Bounds bounds_;
    std::unordered_map<ClientKey, Client> clients_;  // outlives the lists that its lanes are in
    std::array<Class, kPriorities> classes_;
    std::size_t waiting_ = 0;
    std::size_t at_once_ = 0;
};

}  // namespace shikaku::domain
