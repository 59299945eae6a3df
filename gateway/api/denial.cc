#include "gateway/api/denial.h"

#include <condition_variable>
#include <functional>
#include <latch>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/api/denial_entry.h"
#include "gateway/api/denial_tally.h"
#include "gateway/audit/await.h"
#include "gateway/support/error_code.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::api {

namespace {

constexpr const char* kHandshake = "tls";
constexpr const char* kConnection = "connection";
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

// Clock and log tell their trouble once, for everyone who asks meanwhile.
bool is_told_already(ErrorCode code) {
    return code == ErrorCode::clock_unsure || code == ErrorCode::audit_unavailable ||
           code == ErrorCode::audit_stopped;
}

prometheus::Counter& denials() {
    static auto& all = counter("shikaku_denials_total", "Requests and handshakes refused");
    return all;
}

prometheus::Counter& denials_counted() {
    static auto& counted = counter("shikaku_denials_counted_total",
                                   "Of shikaku_denials_total: logged by a count, not by an entry "
                                   "of their own");
    return counted;
}

prometheus::Counter& unlogged() {
    static auto& all = counter("shikaku_denials_unlogged_total",
                               "Requests refused without an entry: the log takes none, or the "
                               "clock is unsure");
    return all;
}

audit::EntryDraft draft_of(audit::Detail detail) {
    return {.kind = audit::Kind::denial, .detail = std::move(detail), .token = {}};
}

}  // namespace

struct Denials::State {
    using Waiter = std::move_only_function<void(Status)>;

    State(audit::Log& l, const Clock& c) : log(l), clock(c) {}

    // Who is turned away because there is too much of it is of another kind than who may not.
    [[nodiscard]] DenialTally& tally_of(ErrorCode code) {
        const int status = info(code).http_status;
        return status == kTooManyRequests || status == kServiceUnavailable ? sheds : requests;
    }
    [[nodiscard]] DenialTally::Told note(DenialTally& tally, DenialKind kind) {
        const Lock lock(mutex);
        return tally.note(std::move(kind), clock.now());
    }
    // Nobody waits for the answer: it is counted before the first is told.
    [[nodiscard]] bool counts_handshake(const DenialKind& kind) {
        const Lock lock(mutex);
        const Instant now = clock.now();
        const auto noted = handshakes.note(kind, now);
        if (noted == DenialTally::Told::awaited) handshakes.count(kind, now);
        return noted != DenialTally::Told::at_once;
    }
    // The first of its kind is durable, or never will be.
    void settle(DenialTally& tally, const DenialKind& kind, const Status& told) {
        std::vector<Waiter> waiting;
        {
            const Lock lock(mutex);
            if (told)
                tally.told(kind);
            else
                tally.forget(kind, clock.now());
            if (auto of_kind = waiters.extract(kind)) waiting = std::move(of_kind.mapped());
        }
        for (Waiter& waiter : waiting)
            waiter(told);
    }
    void when_settled(const DenialTally& tally, const DenialKind& kind, Waiter waiter) {
        {
            const Lock lock(mutex);
            if (tally.is_awaited(kind)) {
                waiters[kind].push_back(std::move(waiter));
                return;
            }
        }
        waiter({});
    }
    // A log that is full may take it later; one that has stopped never will.
    void failed(DenialTally& tally, CountedDenials counted, ErrorCode why) {
        const Lock lock(mutex);
        if (finished || why == ErrorCode::audit_stopped) {
            unlogged().Increment(static_cast<double>(counted.count));
        } else {
            tally.put_back(std::move(counted), clock.now());
        }
    }

    audit::Log& log;
    const Clock& clock;
    Mutex mutex;
    DenialTally requests, sheds, handshakes;  // by mutex
    std::map<DenialKind, std::vector<Waiter>> waiters SHIKAKU_GUARDED_BY(mutex);
    bool finished SHIKAKU_GUARDED_BY(mutex) = false;
};

// The first refusal of a kind on its way into the log; one that is lost on it was not told.
class Denials::First {
  public:
    First(std::shared_ptr<State> state, DenialTally& tally, DenialKind kind)
        : state_(std::move(state)), tally_(&tally), kind_(std::move(kind)) {}
    First(First&&) noexcept = default;
    First(const First&) = delete;
    First& operator=(First&&) = delete;
    First& operator=(const First&) = delete;
    ~First() {
        if (state_) settle(fail(ErrorCode::internal));
    }
    void settle(const Status& told) {
        std::exchange(state_, nullptr)->settle(*tally_, kind_, told);
    }

  private:
    std::shared_ptr<State> state_;
    DenialTally* tally_;
    DenialKind kind_;
};

struct Denials::Writer {
    std::mutex writing;  // held from what is taken until it is in the log's queue
    std::mutex mutex;
    std::condition_variable_any wake;
    std::jthread thread;
};

Denials::Denials(audit::Log& log, const Clock& clock)
    : state_(std::make_shared<State>(log, clock)), writer_(std::make_unique<Writer>()) {
    writer_->thread = std::jthread([this](const std::stop_token& stop) {
        std::unique_lock lock(writer_->mutex);
        while (!stop.stop_requested()) {
            writer_->wake.wait_for(lock, stop, bounds::kDenialCheckEvery, [] { return false; });
            write_what_is_over();
        }
    });
}

Denials::~Denials() {
    finish();
}

asio::awaitable<Error> Denials::refuse(Refused refused) {
    if (is_told_already(refused.error.code)) {
        unlogged().Increment();
        co_return refused.error;
    }
    if (refused.error.code == ErrorCode::internal) {
        log_error("request failed", refused.error);
        co_return refused.error;
    }
    const DenialKind kind{
        .caller = refused.caller, .route = refused.route, .code = name(refused.error.code)};
    const Status logged = co_await told(
        state_->tally_of(refused.error.code), kind,
        denial_detail(refused.caller, refused.request_id, refused.route, refused.error));
    co_return logged ? refused.error : logged.error();
}

// Ends when it is an entry, or counted behind one that is. An error: it is neither.
asio::awaitable<Status> Denials::told(DenialTally& tally, const DenialKind& kind,
                                      audit::Detail detail) {
    denials().Increment();
    std::optional<First> first;
    // While the log takes nothing, each is told so: a count would promise what may never be.
    while (!first && state_->log.healthy()) {
        const auto noted = state_->note(tally, kind);
        if (noted == DenialTally::Told::counted) {
            denials_counted().Increment();
            co_return Status{};
        }
        if (noted == DenialTally::Told::at_once) {
            first.emplace(state_, tally, kind);
        } else if (const auto other = co_await first_told(tally, kind); !other) {
            unlogged().Increment();
            co_return fail(other.error());
        }
    }
    const auto appended = co_await audit::append(state_->log, draft_of(std::move(detail)));
    if (first) first->settle(appended ? Status{} : Status(fail(appended.error())));
    if (appended) co_return Status{};
    unlogged().Increment();
    co_return fail(appended.error());
}

asio::awaitable<Status> Denials::ended(DenialTally& tally, DenialKind kind) {
    const Instant now = state_->clock.now();
    const CountedDenials one{.kind = kind, .count = 1, .first = now, .last = now};
    co_return co_await told(tally, kind, counted_denials_detail(one));
}

asio::awaitable<Status> Denials::end_untrusted(std::string who, std::string_view reason) {
    co_return co_await ended(state_->handshakes,
                             {.caller = std::move(who), .route = kHandshake, .code = reason});
}

asio::awaitable<Status> Denials::end_without_place(std::string who) {
    co_return co_await ended(
        state_->sheds,
        {.caller = std::move(who), .route = kConnection, .code = name(ErrorCode::overloaded)});
}

asio::awaitable<Status> Denials::first_told(const DenialTally& tally, const DenialKind& kind) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Status)>(
        [this, &tally, &kind](auto handler) {
            state_->when_settled(tally, kind, resume_with(std::move(handler)));
        },
        asio::use_awaitable);
}

void Denials::refuse_handshake(std::string who, std::string_view reason) {
    denials().Increment();
    DenialKind kind{.caller = std::move(who), .route = kHandshake, .code = reason};
    if (state_->counts_handshake(kind)) {
        denials_counted().Increment();
        return;
    }
    First first(state_, state_->handshakes, kind);
    const Instant now = state_->clock.now();
    CountedDenials one{.kind = std::move(kind), .count = 1, .first = now, .last = now};
    audit::EntryDraft draft = draft_of(counted_denials_detail(one));
    state_->log.append(std::move(draft), [state = state_, first = std::move(first),
                                          one = std::move(one)](const auto& done) mutable {
        first.settle(done ? Status{} : Status(fail(done.error())));
        if (!done) state->failed(state->handshakes, std::move(one), done.error().code);
    });
}

void Denials::write_what_is_over() {
    const std::lock_guard one_at_a_time(writer_->writing);
    for (DenialTally* tally : {&state_->requests, &state_->sheds, &state_->handshakes}) {
        std::vector<CountedDenials> over;
        {
            const Lock lock(state_->mutex);
            over = tally->take_over(state_->clock.now());
        }
        for (CountedDenials& counted : over) {
            audit::EntryDraft draft = draft_of(counted_denials_detail(counted));
            state_->log.append(
                std::move(draft),
                [state = state_, tally, counted = std::move(counted)](const auto& done) mutable {
                    if (!done) state->failed(*tally, std::move(counted), done.error().code);
                });
        }
    }
}

void Denials::finish() {
    if (!writer_->thread.joinable()) return;
    writer_->thread.request_stop();
    writer_->thread.join();
    std::vector<CountedDenials> all;
    {
        const Lock lock(state_->mutex);
        state_->finished = true;
        for (DenialTally* tally : {&state_->requests, &state_->sheds, &state_->handshakes})
            std::ranges::move(tally->take_all(), std::back_inserter(all));
    }
    // Shared: the last callback may still be inside count_down() when wait() returns.
    const auto written = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(all.size()));
    for (const CountedDenials& counted : all) {
        state_->log.append(draft_of(counted_denials_detail(counted)),
                           [written, count = counted.count](const auto& done) {
                               if (!done) unlogged().Increment(static_cast<double>(count));
                               written->count_down();
                           });
    }
    written->wait();
}

}  // namespace shikaku::api
