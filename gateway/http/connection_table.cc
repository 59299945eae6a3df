#include "gateway/http/connection_table.h"

#include <algorithm>
#include <utility>

#include "gateway/http/link.h"
#include "gateway/support/log.h"

namespace shikaku::http {
namespace {

constexpr std::size_t at(Bound bound) {
    return static_cast<std::size_t>(bound);
}

}  // namespace

ConnectionBounds ConnectionBounds::within(std::size_t descriptors, std::size_t live_sources) {
    constexpr std::size_t kAll =
        bounds::kConnections + bounds::kHandshakes + bounds::kConnectionsLeaving;
    const std::size_t free = descriptors - std::min(descriptors, bounds::kDescriptorsKept);
    const std::size_t to_sources = std::min(free / 2, live_sources * bounds::kSourceConnections);
    const std::size_t room = std::min(kAll, free - to_sources);
    const auto share = [room](std::size_t of) {
        return std::max<std::size_t>(1, of * room / kAll);
    };
    return {.total = share(bounds::kConnections),
            .per_certificate = share(bounds::kConnectionsPerCertificate),
            .per_address = share(bounds::kConnectionsPerAddress),
            .handshakes = share(bounds::kHandshakes),
            .handshakes_per_address = share(bounds::kHandshakesPerAddress),
            .leaving = share(bounds::kConnectionsLeaving)};
}

Network Network::of(const asio::ip::address& address) {
    if (address.is_v4()) return {.prefix = address.to_v4().to_uint(), .v6 = false};
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped())
        return {.prefix = asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_uint(),
                .v6 = false};
    return {.prefix = get_u64be(v6.to_bytes()), .v6 = true};
}

ClientKey client_without_certificate(const Network& network) {
    ClientKey key{};
    key[0] = network.v6 ? 6 : 4;
    for (std::size_t i = 0; i < 8; ++i)
        key[1 + i] = static_cast<std::uint8_t>(network.prefix >> (56 - 8 * i));
    return key;
}

void ConnectionTable::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
}

void ConnectionTable::count_overflow() {
    const Lock lock(*this);
    static_cast<void>(refuse(Bound::total));
}

std::string ConnectionTable::trouble() const {
    const std::lock_guard lock(mutex_);
    if (full_at_ == Clock::time_point{} || Clock::now() - full_at_ > bounds::kRefusalsRecent)
        return {};
    return std::to_string(open_) + " of " + std::to_string(bounds_.total) +
           " connections are open and none could be closed for a new client";
}

ConnectionTable::Lock::~Lock() {
    const std::vector<Line> lines = std::exchange(table_.lines_, {});
    lock_.unlock();
    for (const Line& line : lines)
        log_warn(line.what, {{"port", table_.metrics_.port},
                             {"bound", name(line.bound)},
                             {"times", line.times},
                             {"open", line.open},
                             {"handshakes", line.handshakes}});
}

// A burst of refusals is one line; what came since is counted in the next.
void ConnectionTable::tell(const char* what, Bound bound, Told& told) {
    ++told.since;
    const auto now = Clock::now();
    if (told.last != Clock::time_point{} && now - told.last < bounds::kRefusalsToldEvery) return;
    lines_.push_back({what, bound, std::exchange(told.since, 0), open_, handshakes_.size()});
    told.last = now;
}

bool ConnectionTable::refuse(Bound bound) {
    metrics_.refused(bound);
    if (bound == Bound::total) full_at_ = Clock::now();
    tell("connections refused", bound, refused_told_[at(bound)]);
    return false;
}

// Its place is free at once; its thread ends it as soon as it can.
void ConnectionTable::send_away(Place& place, Bound bound) {
    metrics_.closed_for_another(bound);
    tell("connections closed for others", bound, closed_told_[at(bound)]);
    forget(place);
    place.sent_away_.store(true, Place::kRelaxed);
    place.departing_ = true;
    place.departures_.places_.push_back(&place);
    if (place.departures_.places_.size() == 1) place.departures_.call_();
}

void ConnectionTable::resize(ClientLoad& client, const std::function<void()>& change) {
    by_size_.erase({client.places.size(), &client});
    change();
    if (!client.places.empty()) by_size_.emplace(client.places.size(), &client);
}

// The place no longer counts.
void ConnectionTable::forget(Place& place) {
    const auto address = addresses_.find(place.network_);
    switch (std::exchange(place.in_, Place::In::nothing)) {
        case Place::In::nothing:
            return;
        case Place::In::handshake:
            remove_handshake(place);
            break;
        case Place::In::open:
            --open_;
            --address->second.open;
            resize(*place.client_,
                   [&] { place.client_->places.erase({place.known_since_, &place}); });
            break;
    }
    if (address->second.open == 0 && address->second.handshakes.empty()) addresses_.erase(address);
}

void ConnectionTable::add_handshake(Place& place) {
    const Network key = place.network_.site();
    Site& site = sites_[key];
    auto& handshakes = addresses_[place.network_].handshakes;
    sites_by_size_.erase({site.handshakes, key});
    site.addresses.erase({handshakes.size(), place.network_});
    handshakes.insert(place.unfinished_);
    handshakes_.emplace(place.unfinished_, &place);
    site.addresses.emplace(handshakes.size(), place.network_);
    sites_by_size_.emplace(++site.handshakes, key);
}

void ConnectionTable::remove_handshake(Place& place) {
    const Network key = place.network_.site();
    Site& site = sites_.at(key);
    auto& handshakes = addresses_.at(place.network_).handshakes;
    sites_by_size_.erase({site.handshakes, key});
    site.addresses.erase({handshakes.size(), place.network_});
    handshakes.erase(place.unfinished_);
    handshakes_.erase(place.unfinished_);
    if (!handshakes.empty()) site.addresses.emplace(handshakes.size(), place.network_);
    if (--site.handshakes > 0) {
        sites_by_size_.emplace(site.handshakes, key);
    } else {
        sites_.erase(key);
    }
}

Place& ConnectionTable::one_too_many(const Address& newcomer) const {
    if (newcomer.handshakes.size() > bounds_.handshakes_per_address)
        return *handshakes_.at(*newcomer.handshakes.begin());
    const auto& [most, site] = *sites_by_size_.rbegin();
    if (most == 1) return *handshakes_.begin()->second;
    const Network& address = sites_.at(site).addresses.rbegin()->second;
    return *handshakes_.at(*addresses_.at(address).handshakes.begin());
}

// The first whose time is still as it was known; the others are put where they belong by now. The
// longest of the first bounds::kPlacesLookedAt where these have all changed; null: all are busy.
Place* ConnectionTable::longest_waiting(ClientLoad& client) {
    Place* longest = nullptr;
    std::int64_t longest_since = 0;
    const std::int64_t now = Place::now();
    const std::size_t looks = std::min(bounds::kPlacesLookedAt, 2 * client.places.size());
    for (std::size_t look = 0; look < looks; ++look) {
        const auto [known, place] = *client.places.begin();
        const std::int64_t since = place->idle_since_.load(Place::kRelaxed);
        if (since == known) return place;
        client.places.erase(client.places.begin());
        place->known_since_ = since == Place::kBusy ? now : since;
        client.places.emplace(place->known_since_, place);
        if (since == Place::kBusy || (longest != nullptr && since >= longest_since)) continue;
        longest = place;
        longest_since = since;
    }
    return longest;
}

// Closes the longest idle connection of the client with the most, or of the next, as long as they
// have more than the newcomer will.
bool ConnectionTable::make_room_for(const ClientLoad& newcomer) {
    constexpr int kClientsTried = 16;
    int tried = 0;
    for (auto each = by_size_.rbegin(); each != by_size_.rend() && tried < kClientsTried;
         ++each, ++tried) {
        if (each->first <= newcomer.places.size() + 1) return false;
        Place* const longest = longest_waiting(*each->second);
        if (longest == nullptr) continue;
        send_away(*longest, Bound::total);
        return true;
    }
    return false;
}

Place::~Place() {
    const std::lock_guard lock(table_.mutex_);
    table_.forget(*this);
    if (departing_) std::erase(departures_.places_, this);
    if (client_ != nullptr && --client_->attached == 0) table_.clients_.erase(entry_);
}

bool Place::begin_handshake() {
    const ConnectionTable::Lock lock(table_);
    if (table_.closed_) return false;
    unfinished_ = {.at_work = false, .number = table_.next_number_++};
    table_.add_handshake(*this);
    in_ = In::handshake;
    const auto& address = table_.addresses_.at(network_);
    if (address.handshakes.size() > table_.bounds_.handshakes_per_address ||
        table_.handshakes_.size() > table_.bounds_.handshakes)
        table_.send_away(table_.one_too_many(address), Bound::handshake);
    return true;
}

void Place::handshake_goes_on(bool at_work) {
    const std::lock_guard lock(table_.mutex_);
    if (in_ != In::handshake) return;
    table_.remove_handshake(*this);
    unfinished_.at_work = at_work;
    table_.add_handshake(*this);
}

bool Place::begin_full_handshake() {
    const ConnectionTable::Lock lock(table_);
    return !sent_away() &&
           (table_.of_networks_.take(network_.paced(), ConnectionTable::Clock::now()) ||
            table_.refuse(Bound::network_pace));
}

bool Place::enter(const ClientKey& key, Handshake handshake) {
    const ConnectionTable::Lock lock(table_);
    if (table_.closed_ || sent_away()) return false;
    table_.forget(*this);
    entry_ = table_.clients_.try_emplace(key).first;
    client_ = &entry_->second;
    ++client_->attached;
    if (handshake == Handshake::full &&
        !table_.of_clients_.take(key, ConnectionTable::Clock::now()))
        return table_.refuse(Bound::client_pace);
    if (client_->places.size() >= table_.bounds_.per_certificate)
        return table_.refuse(Bound::certificate);
    const auto address = table_.addresses_.find(network_);
    if (address != table_.addresses_.end() && address->second.open >= table_.bounds_.per_address)
        return table_.refuse(Bound::address);
    if (table_.open_ >= table_.bounds_.total && !table_.make_room_for(*client_))
        return table_.refuse(Bound::total);
    ++table_.open_;
    ++table_.addresses_[network_].open;
    idle();
    known_since_ = idle_since_.load(kRelaxed);
    table_.resize(*client_, [this] { client_->places.emplace(known_since_, this); });
    in_ = In::open;
    return true;
}

void Departures::see_off() {
    std::vector<Place*> places;
    {
        const std::lock_guard lock(table_.mutex_);
        places.swap(places_);
        for (Place* const place : places)
            place->departing_ = false;
    }
    // This thread is theirs: none of them goes before it is told to.
    for (Place* const place : places)
        place->link_.leave();
}

}  // namespace shikaku::http
