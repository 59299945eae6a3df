#include "tests/bench/load/runner.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/bench/load/connection.h"

namespace shikaku::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kSpinNs = 300'000;
constexpr std::uint64_t kPauseNs = 10'000'000;
constexpr int kEventsAtOnce = 256;
constexpr std::uint64_t kLostMax = 1000;
constexpr std::uint64_t kPatienceNs = 5'000'000'000;
constexpr auto kOpenTime = std::chrono::seconds(60);
constexpr std::size_t kShownBytes = 300;

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(SteadyClock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1));
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// User and system time of a process with all its threads, from /proc/<pid>/stat.
double cpu_seconds_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    if (process == 0 || name_end == std::string::npos) {
        return 0;
    }
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Runner {
  public:
    Runner(const Endpoint& endpoint, Requests& requests, const RunOptions& options)
        : endpoint_(endpoint),
          requests_(requests),
          options_(options),
          epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t i = 0; i < options.connections; ++i) {
            connections_.push_back(std::make_unique<Connection>());
        }
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    ~Runner() { close(epoll_); }

    RunResult run() {
        if (!options_.reconnect) {
            open_all();
        }
        phase(options_.warm_up);
        if (options_.rate > 0) settle();
        result_ = {};
        const double own_before = own_cpu_seconds();
        const double server_before = cpu_seconds_of(options_.server);
        const std::uint64_t begin = now_ns();
        phase(options_.duration);
        result_.seconds = static_cast<double>(now_ns() - begin) / 1e9;
        result_.own_cpu_seconds = own_cpu_seconds() - own_before;
        result_.server_cpu_seconds = cpu_seconds_of(options_.server) - server_before;
        if (options_.rate > 0) {
            settle();
            count_late();
        } else if (exhausted_) {
            // Whoever asks so few wants all of them answered, but the window is over.
            RunResult counted = result_;
            settle();
            counted.unexpected = result_.unexpected;
            counted.first_unexpected = result_.first_unexpected;
            counted.ran_out = true;
            return counted;
        }
        return std::move(result_);
    }

    // Every connection open and idle.
    void open_all() {
        const auto deadline = SteadyClock::now() + kOpenTime;
        constexpr std::size_t kHandshakesAtOnce = 64;
        opening_ = true;
        for (std::size_t opened = 0; opened < connections_.size();) {
            const std::size_t last = std::min(opened + kHandshakesAtOnce, connections_.size());
            for (; opened < last; ++opened) {
                open(static_cast<std::uint32_t>(opened));
            }
            while (idle_.size() < opened) {
                if (SteadyClock::now() > deadline) {
                    throw std::runtime_error("the server did not accept all connections in time");
                }
                wait(10 * kPauseNs);
            }
        }
        opening_ = false;
    }

    void ask_once_on_each() {
        std::vector<std::uint32_t> all;
        all.swap(idle_);
        for (const std::uint32_t id : all) {
            start(id, now_ns());
        }
        while (idle_.size() + result_.lost < connections_.size()) {
            wait(10 * kPauseNs);
        }
    }

    [[nodiscard]] std::size_t still_open() {
        wait(0);
        return connections_.size() - result_.lost;
    }

  private:
    void phase(std::chrono::milliseconds length) {
        sending_ = true;
        const std::uint64_t begin = now_ns();
        const std::uint64_t end =
            begin + static_cast<std::uint64_t>(std::chrono::nanoseconds(length).count());
        next_due_ = begin;
        if (!options_.reconnect) open_closed();
        if (options_.rate == 0) {
            start_idle(begin);
        }
        for (std::uint64_t now = begin; now < end && !exhausted_; now = now_ns()) {
            if (options_.rate > 0) {
                start_due(now);
            }
            wait(how_long(now));
        }
        sending_ = false;
    }

    // At a fixed rate until the next request is due. Otherwise the thread, which has a core of its
    // own, spins: waking a sleeper would cost the server's core what a client on a network does not
    // cost it. Where nothing comes for long the kernel may need this core for the server's disk.
    [[nodiscard]] std::uint64_t how_long(std::uint64_t now) const {
        if (options_.rate > 0) return next_due_ > now ? next_due_ - now : 0;
        return now - last_event_ns_ > kSpinNs ? kPauseNs : 0;
    }

    // For the answers to what was asked; nothing more is.
    void settle() {
        const std::uint64_t end = now_ns() + kPatienceNs;
        const auto waits = [](const auto& connection) { return connection->awaits_answer(); };
        while (std::ranges::any_of(connections_, waits) && now_ns() < end)
            wait(kPauseNs);
    }

    void count_late() {
        const std::uint64_t end = now_ns();
        for (const std::uint64_t due : due_)
            result_.latency.add(end - due);
        result_.late = due_.size();
        result_.asked += due_.size();
        for (const auto& connection : connections_) {
            if (!connection->awaits_answer()) continue;
            result_.latency.add(end - connection->started_ns());
            ++result_.late;
        }
    }

    // Those that ended while nothing was sent.
    void open_closed() {
        for (std::uint32_t id = 0; id < connections_.size(); ++id) {
            if (connections_[id]->closed()) open(id);
        }
    }

    void start_idle(std::uint64_t now) {
        std::vector<std::uint32_t> idle;
        idle.swap(idle_);
        if (options_.reconnect) {
            idle.clear();
            for (std::uint32_t id = 0; id < connections_.size(); ++id) {
                if (!connections_[id]->busy()) {
                    open(id);
                }
            }
        }
        for (const std::uint32_t id : idle) {
            start(id, now);
        }
    }

    void start_due(std::uint64_t now) {
        const auto step = static_cast<std::uint64_t>(1e9 / options_.rate);
        for (; next_due_ <= now; next_due_ += step) {
            due_.push_back(next_due_);
        }
        while (!due_.empty() && !idle_.empty() && !exhausted_) {
            const std::uint32_t id = idle_.back();
            idle_.pop_back();
            start(id, due_.front());
            due_.pop_front();
        }
        if (exhausted_) {
            due_.clear();
        }
    }

    void wait(std::uint64_t at_most_ns) {
        std::array<epoll_event, kEventsAtOnce> events{};
        const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(at_most_ns)};
        const int count = epoll_pwait2(epoll_, events.data(), kEventsAtOnce, &timeout, nullptr);
        if (count > 0) last_event_ns_ = now_ns();
        for (int i = 0; i < count; ++i) {
            const std::uint32_t id = events[static_cast<std::size_t>(i)].data.u32;
            handle(id, connections_[id]->advance());
        }
    }

    void open(std::uint32_t id) {
        opened_ns_.resize(connections_.size());
        opened_ns_[id] = now_ns();
        connections_[id]->open(endpoint_, epoll_, id, options_.resume);
    }

    void start(std::uint32_t id, std::uint64_t since) {
        const std::string_view request = requests_.next();
        if (request.empty()) {
            exhausted_ = true;
            return;
        }
        ++result_.asked;
        handle(id, connections_[id]->send(request, since));
    }

    void handle(std::uint32_t id, Connection::Event event) {
        switch (event) {
            case Connection::Event::nothing:
                return;
            case Connection::Event::ready:
                if (options_.reconnect) {
                    start(id, opened_ns_[id]);
                } else {
                    now_free(id);
                }
                return;
            case Connection::Event::answered:
                record(*connections_[id]);
                if (options_.reconnect || connections_[id]->response().closes()) {
                    connections_[id]->close();
                    if (sending_) {
                        open(id);
                    }
                } else {
                    now_free(id);
                }
                return;
            case Connection::Event::lost:
                if (++result_.lost > kLostMax && !options_.whatever_comes) {
                    throw std::runtime_error("too many connections were lost");
                }
                std::erase(idle_, id);
                if (sending_ || opening_) {
                    open(id);
                }
                return;
        }
    }

    void now_free(std::uint32_t id) {
        if (sending_ && options_.rate == 0 && !exhausted_) {
            start(id, now_ns());
        } else {
            idle_.push_back(id);
        }
    }

    void record(const Connection& connection) {
        const ResponseReader& response = connection.response();
        if (response.status() == options_.sent_away_status) {
            ++result_.statuses[response.status()];
            return;
        }
        result_.latency.add(now_ns() - connection.started_ns());
        ++result_.statuses[response.status()];
        result_.resumed += connection.resumed() ? 1 : 0;
        if (options_.whatever_comes ||
            (response.status() == options_.expected_status &&
             response.body().find(options_.expected_text) != std::string_view::npos)) {
            result_.body_bytes = response.body().size();
        } else if (++result_.unexpected == 1) {
            result_.first_unexpected = std::to_string(response.status()) + " " +
                                       std::string(response.body().substr(0, kShownBytes));
        }
    }

    const Endpoint& endpoint_;
    Requests& requests_;
    const RunOptions& options_;
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<std::uint64_t> opened_ns_;
    std::vector<std::uint32_t> idle_;
    std::deque<std::uint64_t> due_;  // intended starts that wait for a free connection
    std::uint64_t next_due_ = 0;
    std::uint64_t last_event_ns_ = 0;
    bool opening_ = false;
    bool sending_ = false;
    bool exhausted_ = false;
    RunResult result_;
};

}  // namespace

RunResult run(const Endpoint& endpoint, Requests& requests, const RunOptions& options) {
    return Runner(endpoint, requests, options).run();
}

std::size_t hold(const Endpoint& endpoint, Requests& requests, std::size_t connections) {
    RunOptions options;
    options.connections = connections;
    Runner runner(endpoint, requests, options);
    runner.open_all();
    runner.ask_once_on_each();
    std::cout << "{\"open\": " << runner.still_open() << "}" << '\n' << std::flush;
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
    return runner.still_open();
}

}  // namespace shikaku::bench
