#include "tests/bench/load/attack.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace shikaku::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t kOpenedInARow = 250;
constexpr int kEventsAtOnce = 256;

// What they send.
struct Words {
    std::string ask;     // for a large answer
    std::string upload;  // all of a body but its last minute
};

Words words(const std::string& host) {
    constexpr std::size_t kBody = 4 * 1024 * 1024 - 1;
    constexpr std::size_t kHeldBack = 60;
    const std::string begin = "POST /v1/eligibility/batch HTTP/1.1\r\nHost: " + host +
                              "\r\nContent-Type: application/x-ndjson\r\nContent-Length: ";
    return {.ask = "GET /openapi.json HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
            .upload =
                begin + std::to_string(kBody) + "\r\n\r\n" + std::string(kBody - kHeldBack, '\n')};
}

void trickle(RawConnection& connection, const Words& words) {
    if (!connection.has_sent() || connection.is_sending())
        connection.send(words.upload);
    else
        connection.send("\n");
}

void ask_without_reading(RawConnection& connection, const Words& words) {
    constexpr int kInARow = 16;
    for (int i = 0; i < kInARow && connection.send(words.ask); ++i) {
    }
}

void update_keys(RawConnection& connection, const Words& /*words*/) {
    constexpr int kInARow = 64;
    for (int i = 0; i < kInARow && connection.update_keys(); ++i) {
    }
}

struct Kind {
    std::string_view name;
    Greeting greeting;
    Reads reads = Reads::all;
    bool leaves = false;  // as soon as it has got so far
    void (*act)(RawConnection&, const Words&) = nullptr;
    milliseconds every{0};  // that it acts; 0: without pause
};

constexpr std::array<Kind, 7> kKinds{{
    {.name = "mute", .greeting = Greeting::none},
    {.name = "idle", .greeting = Greeting::tls},
    {.name = "client-hellos", .greeting = Greeting::client_hello, .leaves = true},
    {.name = "handshakes", .greeting = Greeting::tls, .leaves = true},
    {.name = "key-updates", .greeting = Greeting::tls, .act = update_keys},
    {.name = "trickling-bodies", .greeting = Greeting::tls, .act = trickle, .every = 1s},
    {.name = "deaf",
     .greeting = Greeting::tls,
     .reads = Reads::nothing,
     .act = ask_without_reading,
     .every = 10ms},
}};

class Attack {
  public:
    Attack(const Endpoint& endpoint, const Kind& kind, const AttackOptions& options)
        : endpoint_(endpoint),
          kind_(kind),
          options_(options),
          words_(words(endpoint.host)),
          epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t i = 0; i < options.connections; ++i) {
            connections_.push_back(std::make_unique<RawConnection>(tally_));
            to_open_.push_back(static_cast<std::uint32_t>(i));
        }
    }
    Attack(const Attack&) = delete;
    Attack& operator=(const Attack&) = delete;
    ~Attack() { close(epoll_); }

    AttackResult run() {
        const auto begin = SteadyClock::now();
        const bool restless = kind_.act != nullptr && kind_.every == 0ms;
        auto acts_at = begin;
        while (SteadyClock::now() - begin < options_.duration) {
            open_some();
            wait(to_open_.empty() && !restless ? 1ms : 0ms);
            const auto now = SteadyClock::now();
            if (kind_.act == nullptr || now < acts_at) continue;
            acts_at = now + kind_.every;
            for (const auto& connection : connections_) {
                if (connection->ready()) kind_.act(*connection, words_);
            }
        }
        const std::chrono::duration<double> took = SteadyClock::now() - begin;
        return {.tally = tally_, .open_at_end = still_there(), .seconds = took.count()};
    }

  private:
    void open_some() {
        for (std::size_t i = 0; i < kOpenedInARow && !to_open_.empty(); ++i) {
            const std::uint32_t id = to_open_.back();
            to_open_.pop_back();
            const auto address = static_cast<std::uint32_t>(1 + id % options_.addresses);
            connections_[id]->open(endpoint_, epoll_, id, address, kind_.greeting, kind_.reads);
        }
    }

    void wait(milliseconds at_most) {
        std::array<epoll_event, kEventsAtOnce> events{};
        const int count =
            epoll_wait(epoll_, events.data(), kEventsAtOnce, static_cast<int>(at_most.count()));
        for (int i = 0; i < count; ++i) {
            const std::uint32_t id = events[static_cast<std::size_t>(i)].data.u32;
            handle(id, connections_[id]->advance());
        }
    }

    void handle(std::uint32_t id, RawConnection::Event event) {
        switch (event) {
            case RawConnection::Event::nothing:
                return;
            case RawConnection::Event::ready:
                ++tally_.ready;
                if (kind_.leaves) reopen(id);
                return;
            case RawConnection::Event::ended:
                ++tally_.ended;
                reopen(id);
                return;
        }
    }

    void reopen(std::uint32_t id) {
        connections_[id]->drop();
        to_open_.push_back(id);
    }

    [[nodiscard]] std::size_t still_there() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(connections_, [this](const auto& connection) {
                return kind_.greeting == Greeting::none ? connection->is_open()
                                                        : connection->ready();
            }));
    }

    const Endpoint& endpoint_;
    const Kind& kind_;
    const AttackOptions& options_;
    const Words words_;
    int epoll_;
    Tally tally_;
    std::vector<std::unique_ptr<RawConnection>> connections_;
    std::vector<std::uint32_t> to_open_;
};

}  // namespace

std::vector<std::string> attacks() {
    std::vector<std::string> names;
    for (const Kind& kind : kKinds)
        names.emplace_back(kind.name);
    return names;
}

AttackResult attack(const EndpointOptions& endpoint, const AttackOptions& options) {
    const auto* const kind = std::ranges::find(kKinds, options.kind, &Kind::name);
    if (kind == kKinds.end()) throw std::runtime_error("no such attack: " + options.kind);
    const Endpoint target = make_endpoint(endpoint);
    return Attack(target, *kind, options).run();
}

}  // namespace shikaku::bench
