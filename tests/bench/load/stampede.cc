#include "tests/bench/load/stampede.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <queue>
#include <random>

#include "tests/bench/load/connection.h"

namespace shikaku::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kEventsAtOnce = 256;
constexpr int kBegunInARow = 8;
constexpr auto kPatience = std::chrono::seconds(60);
constexpr milliseconds kBackMin{200};
constexpr milliseconds kBackMax{1000};
constexpr milliseconds kSentAwayMin{1000};  // Retry-After
constexpr milliseconds kSentAwayMax{3000};
constexpr int kOk = 200;

class Stampede {
  public:
    Stampede(const Endpoint& endpoint, Requests& requests, std::size_t clients)
        : endpoint_(endpoint), epoll_(epoll_create1(EPOLL_CLOEXEC)), clients_(clients) {
        for (Client& client : clients_) {
            client.connection = std::make_unique<Connection>();
            client.question = requests.next();
        }
    }
    Stampede(const Stampede&) = delete;
    Stampede& operator=(const Stampede&) = delete;
    ~Stampede() { close(epoll_); }

    StampedeResult run() {
        const auto begin = SteadyClock::now();
        const auto seconds = [begin] {
            return std::chrono::duration<double>(SteadyClock::now() - begin).count();
        };
        for (std::uint32_t id = 0; id < clients_.size(); ++id)
            come(id);
        while (result_.answered < clients_.size() && SteadyClock::now() - begin < kPatience) {
            let_come_back();
            wait();
            if (result_.half_seconds == 0 && result_.answered * 2 >= clients_.size())
                result_.half_seconds = seconds();
        }
        result_.seconds = seconds();
        return result_;
    }

  private:
    struct Client {
        std::unique_ptr<Connection> connection;
        std::string_view question;
    };
    struct Return {
        SteadyClock::time_point at;
        std::uint32_t id;
        bool operator>(const Return& other) const { return at > other.at; }
    };

    void come(std::uint32_t id) {
        clients_[id].connection->open(endpoint_, epoll_, id, false, id + 1);
    }

    // A few at a time, so that those who are on their way do not wait for one processor to begin
    // all the others: each of them has its own.
    void let_come_back() {
        for (int i = 0;
             i < kBegunInARow && !returns_.empty() && returns_.top().at <= SteadyClock::now();
             ++i) {
            const std::uint32_t id = returns_.top().id;
            returns_.pop();
            if (clients_[id].connection->closed())
                come(id);
            else
                ask(id);
        }
    }

    void come_back_within(std::uint32_t id, milliseconds min, milliseconds max) {
        std::uniform_int_distribution<milliseconds::rep> pause(min.count(), max.count());
        returns_.push({SteadyClock::now() + milliseconds(pause(random_)), id});
    }

    void ask(std::uint32_t id) {
        handle(id, clients_[id].connection->send(clients_[id].question, 0));
    }

    void wait() {
        std::array<epoll_event, kEventsAtOnce> events{};
        const int count =
            epoll_wait(epoll_, events.data(), kEventsAtOnce, returns_.empty() ? 1 : 0);
        for (int i = 0; i < count; ++i) {
            const std::uint32_t id = events[static_cast<std::size_t>(i)].data.u32;
            handle(id, clients_[id].connection->advance());
        }
    }

    void handle(std::uint32_t id, Connection::Event event) {
        switch (event) {
            case Connection::Event::nothing:
                return;
            case Connection::Event::ready:
                ask(id);
                return;
            case Connection::Event::answered:
                answered(id);
                return;
            case Connection::Event::lost:
                if (clients_[id].question.empty()) return;  // it has its answer
                ++result_.lost;
                come_back_within(id, kBackMin, kBackMax);
                return;
        }
    }

    void answered(std::uint32_t id) {
        const ResponseReader& response = clients_[id].connection->response();
        ++result_.statuses[response.status()];
        if (response.status() == kOk) {
            ++result_.answered;
            clients_[id].question = {};
            return;
        }
        if (response.closes()) clients_[id].connection->close();
        come_back_within(id, kSentAwayMin, kSentAwayMax);
    }

    const Endpoint& endpoint_;
    int epoll_;
    std::vector<Client> clients_;
    std::priority_queue<Return, std::vector<Return>, std::greater<>> returns_;
    std::minstd_rand random_{std::random_device{}()};
    StampedeResult result_;
};

}  // namespace

StampedeResult stampede(const Endpoint& endpoint, Requests& requests, std::size_t clients) {
    return Stampede(endpoint, requests, clients).run();
}

}  // namespace shikaku::bench
