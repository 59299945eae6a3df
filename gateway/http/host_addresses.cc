#include "gateway/http/host_addresses.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <deque>
#include <map>
#include <system_error>
#include <thread>

#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::http {
namespace {

namespace ip = boost::asio::ip;

void count(bool found) {
    static auto& good = counter("shikaku_name_lookups_total", "Host names looked up, by result",
                                {{"result", "found"}});
    static auto& bad = counter("shikaku_name_lookups_total", "Host names looked up, by result",
                               {{"result", "failed"}});
    (found ? good : bad).Increment();
}

std::optional<ip::address> address_of(const sockaddr& from) {
    if (from.sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &from, sizeof four);
        return ip::address_v4(ntohl(four.sin_addr.s_addr));
    }
    if (from.sa_family != AF_INET6) return std::nullopt;
    sockaddr_in6 six{};
    std::memcpy(&six, &from, sizeof six);
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
    return ip::address_v6(bytes, six.sin6_scope_id);
}

}  // namespace

Result<Addresses> resolve_by_system(const std::string& host) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); error != 0)
        return fail(ErrorCode::source_unavailable, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    Addresses addresses;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next)
        if (const auto address = address_of(*one->ai_addr)) addresses.push_back(*address);
    return addresses;
}

struct HostAddresses::State {
    State(std::string name, Resolve by, Times how_long)
        : host(std::move(name)), resolve(std::move(by)), times(how_long) {}

    // `self` is this: a look-up may outlive everyone who asked for it.
    void begin(const std::shared_ptr<State>& self, Time now) SHIKAKU_REQUIRES(mutex);
    void ended(Result<Addresses> said);

    const std::string host;
    const Resolve resolve;
    const Times times;
    bool literal = false;
    Mutex mutex;
    Addresses addresses SHIKAKU_GUARDED_BY(mutex);
    Time found SHIKAKU_GUARDED_BY(mutex){};  // when these were
    std::optional<Time> begun SHIKAKU_GUARDED_BY(mutex);
    std::chrono::steady_clock::time_point began SHIKAKU_GUARDED_BY(mutex){};  // by the real clock
    // From `begun` to the next.
    std::chrono::milliseconds pause SHIKAKU_GUARDED_BY(mutex) = times.retry;
    bool running SHIKAKU_GUARDED_BY(mutex) = false;  // or waits for a thread
    bool ended_once SHIKAKU_GUARDED_BY(mutex) = false;
    bool failing SHIKAKU_GUARDED_BY(mutex) = false;
};

namespace {

using SharedState = std::shared_ptr<HostAddresses::State>;

// Of all hosts. Never destroyed: threads that look up may outlive everything else.
struct Process {
    Mutex mutex;  // may be taken under that of a state
    int threads SHIKAKU_GUARDED_BY(mutex) = 0;
    std::deque<std::weak_ptr<HostAddresses::State>> waiting SHIKAKU_GUARDED_BY(mutex);
    std::map<std::string, std::weak_ptr<HostAddresses::State>> hosts SHIKAKU_GUARDED_BY(mutex);
};

Process& process() {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): owned by the process
    static auto* const instance = new Process();
    return *instance;
}

void look_up(const SharedState& state) {
    Result<Addresses> said = fail(ErrorCode::source_unavailable, "look-up failed");
    try {
        said = state->resolve(state->host);
    } catch (const std::exception& e) {
        said = fail(ErrorCode::source_unavailable, e.what());
    }
    state->ended(std::move(said));
}

// The next that still matters to somebody; nullptr: none, and the thread is counted out.
SharedState next_waiting() {
    Process& all = process();
    const Lock lock(all.mutex);
    while (!all.waiting.empty()) {
        auto next = all.waiting.front().lock();
        all.waiting.pop_front();
        if (next) return next;
    }
    --all.threads;
    return nullptr;
}

}  // namespace

void HostAddresses::State::ended(Result<Addresses> said) {
    const bool good = said && !said->empty();
    count(good);
    bool changed = false;
    {
        const Lock lock(mutex);
        running = false;
        ended_once = true;
        changed = std::exchange(failing, !good) == good;
        // One that hangs keeps a thread at most half of the time.
        const auto took = std::chrono::steady_clock::now() - began;
        pause = good ? times.retry : std::min(pause * 2, std::max(times.retry, times.retry_max));
        if (took > bounds::kNameFirstWait)
            pause = std::max(pause, std::chrono::ceil<std::chrono::milliseconds>(took * 2));
        if (good) {
            addresses = std::move(*said);
            found = std::chrono::steady_clock::now();
        }
    }
    if (changed && !good)
        log_warn("host name cannot be resolved; addresses found before are used",
                 {{"host", host}, {"reason", said ? "no address" : said.error().detail}});
    else if (changed)
        log_info("host name is resolved again", {{"host", host}});
}

HostAddresses::HostAddresses(std::string host, Resolve resolve, Times times)
    : state_(std::make_shared<State>(std::move(host), std::move(resolve), times)) {
    boost::system::error_code is_a_name;
    const auto literal = ip::make_address(state_->host, is_a_name);
    state_->literal = !is_a_name;
    if (!state_->literal) return;
    const Lock lock(state_->mutex);
    state_->addresses = {literal};
}

void HostAddresses::State::begin(const std::shared_ptr<State>& self, Time now) {
    if (literal || running) return;
    if (begun && now - *begun < pause) return;
    Process& all = process();
    const Lock lock(all.mutex);
    begun = now;
    began = std::chrono::steady_clock::now();
    running = true;
    if (all.threads >= bounds::kNameLookups) {
        all.waiting.push_back(self);
        return;
    }
    try {
        std::thread([next = self]() mutable {
            for (; next; next = next_waiting())
                look_up(next);
        }).detach();
        ++all.threads;
    } catch (const std::system_error&) {  // no thread to be had: the next one who asks tries again
        running = false;
    }
}

HostAddresses HostAddresses::shared(const std::string& host, Resolve resolve) {
    Process& all = process();
    const Lock lock(all.mutex);
    std::erase_if(all.hosts, [](const auto& one) { return one.second.expired(); });
    auto& known = all.hosts[host];
    if (auto state = known.lock()) return HostAddresses(std::move(state));
    HostAddresses made(host, std::move(resolve));
    known = made.state_;
    return made;
}

HostAddresses::Now HostAddresses::get(Time now) {
    const Lock lock(state_->mutex);
    if (state_->literal) return {.addresses = state_->addresses, .first_since = {}};
    const auto age = now - state_->found;
    if (state_->addresses.empty() || age >= state_->times.life / 2) state_->begin(state_, now);
    if (!state_->addresses.empty() && age < state_->times.old_up_to)
        return {.addresses = state_->addresses, .first_since = {}};
    const bool is_first = state_->running && !state_->ended_once;
    return {.addresses = {}, .first_since = is_first ? state_->begun : std::nullopt};
}

void HostAddresses::doubt(Time now) {
    const Lock lock(state_->mutex);
    state_->begin(state_, now);
}

}  // namespace shikaku::http
