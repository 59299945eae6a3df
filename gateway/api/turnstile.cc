#include "gateway/api/turnstile.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/api/rate_limits.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr std::size_t kPriorities = 4;

struct Counters {
    std::array<prometheus::Counter*, kPriorities> admitted{}, shed{};
    prometheus::Gauge* waiting = nullptr;
    prometheus::Histogram* waited = nullptr;
};

const Counters& counters() {
    static const Counters all = [] {
        Counters made{.waiting = &gauge("shikaku_questions_waiting",
                                        "Questions that wait for their turn now"),
                      .waited = &latency_histogram("shikaku_question_wait_seconds",
                                                   "How long questions waited for their turn, of "
                                                   "those that had to")};
        for (std::size_t i = 0; i < kPriorities; ++i) {
            const Labels labels{
                {"priority", std::string(domain::name(static_cast<domain::Priority>(i)))}};
            made.admitted[i] = &counter("shikaku_questions_admitted_total",
                                        "Questions begun, by priority", labels);
            made.shed[i] = &counter("shikaku_questions_shed_total",
                                    "Questions sent away because of overload, by priority", labels);
        }
        return made;
    }();
    return all;
}

}  // namespace

struct Turnstile::Waiting : domain::WaitingLine::Place {
    std::move_only_function<void(bool)> resume;
};

std::shared_ptr<Turnstile> Turnstile::of_this_thread(const asio::any_io_executor& executor) {
    thread_local std::shared_ptr<Turnstile> turnstile;
    if (!turnstile || turnstile->executor_ != executor)
        turnstile = std::make_shared<Turnstile>(executor);
    return turnstile;
}

std::optional<Turnstile::Turn> Turnstile::try_enter(ClientKey client, domain::Priority priority) {
    const auto now = steady_clock::now();
    if (!in_turn_) {
        in_turn_ = true;
        turn_began_ = now;
        // Runs when everyone whose bytes are there already has been heard.
        asio::post(executor_, [self = shared_from_this()] { self->in_turn_ = false; });
    }
    if (now - turn_began_ > bounds::kTurnTime || !line_.begin(client, priority))
        return std::nullopt;
    counters().admitted[static_cast<std::size_t>(priority)]->Increment();
    return Turn(shared_from_this(), client);
}

asio::awaitable<Result<Turnstile::Turn>> Turnstile::wait(ClientKey client,
                                                         domain::Priority priority,
                                                         Patience patience) {
    Waiting waiting;
    waiting.client = client;
    waiting.priority = priority;
    waiting.patience = patience;
    const bool admitted = co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(
        [this, &waiting](auto handler) {
            waiting.resume = [handler = std::move(handler)](bool go) mutable {
                std::move(handler)(go);
            };
            join(waiting);
        },
        asio::use_awaitable);
    if (!admitted)
        co_return fail({ErrorCode::overloaded,
                        "more questions than can be answered in time",
                        {},
                        retry_after_jittered()});
    co_return Turn(shared_from_this(), client);
}

void Turnstile::join(Waiting& waiting) {
    counters().waiting->Increment();
    // Not from here, where the coroutine has not yet stopped.
    if (WaitingLine::Place* gone = line_.join(waiting, steady_clock::now()))
        asio::post(executor_, [self = shared_from_this(), gone] { self->send_away(*gone); });
    schedule();
}

void Turnstile::send_away(WaitingLine::Place& place) {
    counters().waiting->Decrement();
    counters().shed[static_cast<std::size_t>(place.priority)]->Increment();
    auto resume = std::move(static_cast<Waiting&>(place).resume);
    resume(false);
}

void Turnstile::schedule() {
    if (scheduled_ || line_.empty()) return;
    scheduled_ = true;
    asio::post(executor_, [self = shared_from_this()] { self->let_through(); });
}

// For a while; then the event loop has its turn. Sending away is cheap, but does not eat up the
// time of those who are answered.
void Turnstile::let_through() {
    constexpr int kLateInARow = 4;
    scheduled_ = false;
    const auto began = steady_clock::now();
    auto now = began;
    bool stuck = false;
    while (!line_.empty() && !stuck && now - began < bounds::kTurnTime) {
        WaitingLine::Place* late = nullptr;
        for (int i = 0; i < kLateInARow && (late = line_.take_late(now)) != nullptr; ++i)
            send_away(*late);
        WaitingLine::Place* const next = line_.take_next();
        if (next != nullptr) {
            counters().waiting->Decrement();
            counters().waited->Observe(std::chrono::duration<double>(now - next->since).count());
            counters().admitted[static_cast<std::size_t>(next->priority)]->Increment();
            auto resume = std::move(static_cast<Waiting&>(*next).resume);
            resume(true);
        }
        stuck = next == nullptr && late == nullptr;
        now = steady_clock::now();
    }
    if (stuck)
        look_again();
    else
        schedule();
}

// As many are begun as may be. end() goes on, but who waits too long meanwhile is told so.
void Turnstile::look_again() {
    if (looks_again_) return;
    looks_again_ = true;
    // Ends with its wait, while the context is there.
    const auto timer =
        std::make_shared<asio::steady_timer>(executor_, bounds::kQuestionsBlockedPoll);
    timer->async_wait([self = shared_from_this(), timer](const boost::system::error_code&) {
        self->looks_again_ = false;
        self->schedule();
    });
}

void Turnstile::end(ClientKey client) {
    line_.end(client);
    schedule();
}

}  // namespace shikaku::api
