#include "gateway/domain/waiting_line.h"

#include <algorithm>
#include <ranges>

namespace shikaku::domain {
namespace {

// From the one that goes last.
constexpr std::array kLowestFirst = {Priority::bulk, Priority::scheduled, Priority::walk_in};

std::chrono::milliseconds waits_at_most(Priority priority) {
    switch (priority) {
        case Priority::emergency:
            break;
        case Priority::walk_in:
            return bounds::kWalkInWaits;
        case Priority::scheduled:
            return bounds::kScheduledWaits;
        case Priority::bulk:
            return bounds::kBulkWaits;
    }
    return std::chrono::milliseconds::max();
}

}  // namespace

bool WaitingLine::is_late(const Class& line, const Place& place, Time now) {
    const auto waited = now - place.since;
    if (place.patience == Patience::batch) return waited > bounds::kQuestionTime;
    const bool stands = now - line.stands_since > bounds::kStandingAfter;
    return waited > (stands ? waits_at_most(place.priority) : bounds::kBurstWaits);
}

WaitingLine::Place* WaitingLine::lowest_below(Priority priority) {
    for (const Priority lower : kLowestFirst) {
        if (lower <= priority) return nullptr;
        for (auto& places : of(lower).by_age) {
            if (!places.empty()) return &places.back();
        }
    }
    return nullptr;
}

WaitingLine::Place* WaitingLine::join(Place& place, Time now) {
    const bool emergency = place.priority == Priority::emergency;
    Place* gone = nullptr;
    if (waiting_ >= bounds_.waiting) {
        gone = lowest_below(place.priority);
        if (gone == nullptr && !emergency) return &place;
    }
    if (const auto known = clients_.find(place.client);
        !emergency && known != clients_.end() &&
        known->second.waiting >= bounds_.waiting_per_client)
        return &place;
    const auto client = clients_.try_emplace(place.client).first;
    if (gone != nullptr) {
        const auto other = clients_.find(gone->client);
        leave(*gone, other->second);
        if (other != client) forget_if_idle(other);
    }

    Class& line = of(place.priority);
    if (line.empty()) line.stands_since = now;
    place.since = now;
    line.by_age[static_cast<std::size_t>(place.patience)].push_back(place);
    Lane& lane = client->second.lanes[static_cast<std::size_t>(place.priority)];
    lane.places.push_back(place);
    if (!lane.Hook<InRound>::is_linked()) line.round.push_back(lane);
    ++client->second.waiting;
    ++waiting_;
    return gone;
}

void WaitingLine::leave(Place& place, Client& client) {
    Class& line = of(place.priority);
    auto& by_age = line.by_age[static_cast<std::size_t>(place.patience)];
    by_age.erase(by_age.iterator_to(place));
    Lane& lane = client.lanes[static_cast<std::size_t>(place.priority)];
    lane.places.erase(lane.places.iterator_to(place));
    if (lane.places.empty()) line.round.erase(line.round.iterator_to(lane));
    --client.waiting;
    --waiting_;
}

void WaitingLine::leave(Place& place) {
    const auto client = clients_.find(place.client);
    leave(place, client->second);
    forget_if_idle(client);
}

void WaitingLine::forget_if_idle(std::unordered_map<ClientKey, Client>::iterator client) {
    const bool idle = client->second.waiting == 0 && client->second.at_once == 0;
    if (idle && clients_.size() > bounds_.idle_clients_kept) clients_.erase(client);
}

WaitingLine::Place* WaitingLine::take_late(Time now) {
    for (const Priority priority : kLowestFirst) {
        Class& line = of(priority);
        for (auto& places : line.by_age) {
            if (places.empty() || !is_late(line, places.front(), now)) continue;
            Place& place = places.front();
            leave(place);
            return &place;
        }
    }
    return nullptr;
}

WaitingLine::Place* WaitingLine::take_next() {
    for (const Priority priority :
         {Priority::emergency, Priority::walk_in, Priority::scheduled, Priority::bulk}) {
        const bool emergency = priority == Priority::emergency;
        if (at_once_ >= at_once_for(priority)) return nullptr;
        auto& round = of(priority).round;
        for (auto lane = round.begin(); lane != round.end(); ++lane) {
            Place& place = lane->places.front();
            Client& client = clients_.find(place.client)->second;
            if (!emergency && client.at_once >= bounds_.at_once_per_client) continue;
            leave(place, client);
            if (!client.lanes[static_cast<std::size_t>(priority)].places.empty())
                round.splice(round.end(), round, lane);
            ++client.at_once;
            ++at_once_;
            return &place;
        }
    }
    return nullptr;
}

bool WaitingLine::begin(ClientKey key, Priority priority) {
    const bool emergency = priority == Priority::emergency;
    if (waiting_ != 0 || at_once_ >= at_once_for(priority)) return false;
    Client& client = clients_[key];
    if (!emergency && client.at_once >= bounds_.at_once_per_client) return false;
    ++client.at_once;
    ++at_once_;
    return true;
}

void WaitingLine::end(ClientKey key) {
    const auto client = clients_.find(key);
    --client->second.at_once;
    --at_once_;
    forget_if_idle(client);
}

}  // namespace shikaku::domain
