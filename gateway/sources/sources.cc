#include "gateway/sources/sources.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/sources/finding.h"
#include "gateway/sources/flights.h"
#include "gateway/sources/whom.h"
#include "gateway/storage/ports/await.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::sources {

namespace asio = boost::asio;

using domain::Finding;
using domain::SourceStatus;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

std::int64_t milliseconds_since(SteadyTime start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start)
        .count();
}

// One live source of one question.
struct Asked {
    std::size_t finding = 0;  // its place in the answer
    const Connected* connected = nullptr;
    std::optional<Cached> cached;
    std::shared_ptr<const Flights::Outcome> outcome;  // null: not there before the deadline
    std::int64_t elapsed_ms = 0;
};

// The live sources of one question and the wait for the last of them; used on one executor.
class Round {
  public:
    Round(const asio::any_io_executor& executor, SteadyTime start, SteadyTime deadline,
          std::vector<Asked> to_ask)
        : asked(std::move(to_ask)),
          timer_(executor, deadline),
          start_(start),
          missing_(asked.size()) {}

    void land(std::size_t index, std::shared_ptr<const Flights::Outcome> outcome) {
        asked[index].outcome = std::move(outcome);
        asked[index].elapsed_ms = milliseconds_since(start_);
        if (--missing_ == 0) timer_.cancel();
    }

    [[nodiscard]] asio::awaitable<void> wait() {
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        for (Asked& one : asked)
            if (!one.outcome) one.elapsed_ms = milliseconds_since(start_);
    }

    std::vector<Asked> asked;

  private:
    asio::steady_timer timer_;
    SteadyTime start_;
    std::size_t missing_;
};

// An authority of the residence that has something in force.
struct Publishing {
    domain::AuthorityCode authority;
    registry::InForce in_force;
};

// What the registry holds about the person of one question, and of those who could know them.
struct Known {
    bool readable = true;
    std::vector<registry::PublishedFor> rows;
    std::vector<Publishing> publishing;

    [[nodiscard]] bool has_published(domain::AuthorityCode authority) const {
        return std::ranges::find(publishing, authority, &Publishing::authority) !=
                   publishing.end() ||
               std::ranges::find(rows, authority, &registry::PublishedFor::authority) != rows.end();
    }
    // That the authority knows nothing about the person is as old as its last publication.
    [[nodiscard]] registry::PublishedFor take(domain::AuthorityCode authority) {
        const auto mine = std::ranges::find(rows, authority, &registry::PublishedFor::authority);
        if (mine != rows.end()) return std::move(*mine);
        return {.authority = authority, .as_of = in_force(authority).as_of, .entitlements = {}};
    }
    [[nodiscard]] registry::InForce in_force(domain::AuthorityCode authority) const {
        if (const auto one = std::ranges::find(publishing, authority, &Publishing::authority);
            one != publishing.end())
            return one->in_force;
        const auto mine = std::ranges::find(rows, authority, &registry::PublishedFor::authority);
        if (mine == rows.end()) return {};
        return {.as_of = mine->as_of, .linkage = mine->linkage};
    }
};

// An answer as far as it could be given at once.
struct Draft {
    std::vector<Finding> findings;
    std::vector<Asked> to_ask;
};

Policy policy_of(domain::AuthorityCode authority, const Connections& connections) {
    const auto found = connections.find(authority);
    return found == connections.end() ? Policy{} : found->second.policy;
}

Error late() {
    return {ErrorCode::source_timeout, "no answer before the deadline"};
}

// Somebody who may know more was not heard: what is there can lead to a yes, but not to a no.
void forbid_no(Finding& finding) {
    if (finding.status == SourceStatus::answered || finding.status == SourceStatus::no_record)
        finding.status = SourceStatus::unavailable;
}

}  // namespace

struct Sources::Impl {
    Impl(Published from_registry, Cache& live_answers, const Clock& time,
         std::chrono::milliseconds time_for_one, Breaker::Pauses pauses)
        : published(std::move(from_registry)),
          cache(live_answers),
          clock(time),
          question_time(time_for_one),
          flights([this](const Connected& source, const adapters::LookUp& lookup,
                         adapters::Records& records) { heard(source, lookup, records); },
                  pauses, time_for_one / bounds::kAirtimePart) {}

    void heard(const Connected& source, const adapters::LookUp& lookup,
               adapters::Records& records) const;
    [[nodiscard]] std::vector<Publishing> publishing_at(
        const std::optional<domain::AuthorityCode>& residence) const;
    using Rows = Result<std::vector<registry::PublishedFor>>;
    [[nodiscard]] Known known_by(Rows rows);
    [[nodiscard]] Draft answer_at_once(const Whom& whom, Known& known, const Connections& connected,
                                       const About& about, SteadyTime start) const;
    [[nodiscard]] Finding from_registry(domain::AuthorityCode authority, Known& known,
                                        const Policy& policy, const About& about) const;
    [[nodiscard]] std::optional<Asked> from_cache(const Part& part, const Hash256& link_key,
                                                  Finding& finding) const;
    [[nodiscard]] asio::awaitable<void> ask_live(const About& about, SteadyTime start,
                                                 Draft& draft);
    void ask(const std::shared_ptr<Round>& round, std::size_t index,
             const asio::any_io_executor& executor, adapters::LookUp lookup, Flights::Asker asker);
    [[nodiscard]] Finding settle(domain::AuthorityCode authority, Asked asked) const;

    Published published;
    Cache& cache;
    const Clock& clock;
    const std::chrono::milliseconds question_time;
    std::atomic<bool> registry_fails = false;
    prometheus::Counter& other_linkage =
        counter("shikaku_other_linkage_total",
                "Questions whose card token was made with another linkage secret than an "
                "authority's data");
    std::atomic<std::shared_ptr<const Connections>> connections{
        std::make_shared<const Connections>()};
    Flights flights;
};

void Sources::Impl::heard(const Connected& source, const adapters::LookUp& lookup,
                          adapters::Records& records) const {
    if (const auto before = cache.find(lookup.authority, source.source, lookup.link_key))
        keep_change_times(records.entitlements, before->records.entitlements);
    cache.put(lookup.authority, source.source, lookup.link_key, records, clock.now());
}

// Before the rows are read: one that publishes in between counts as not connected, not as one that
// knows nothing about the person.
std::vector<Publishing> Sources::Impl::publishing_at(
    const std::optional<domain::AuthorityCode>& residence) const {
    std::vector<Publishing> publishing;
    if (!residence) return publishing;
    for (const auto code : {*residence, residence->prefecture_authority()})
        if (const auto now = published.in_force(code)) publishing.push_back({code, *now});
    return publishing;
}

Known Sources::Impl::known_by(Rows rows) {
    if (registry_fails.exchange(!rows) != !rows) {
        if (!rows)
            log_error("the registry cannot be read", rows.error());
        else
            log_info("the registry can be read again");
    }
    if (!rows) return {.readable = false, .rows = {}, .publishing = {}};
    return {.readable = true, .rows = std::move(*rows), .publishing = {}};
}

Draft Sources::Impl::answer_at_once(const Whom& whom, Known& known, const Connections& connected,
                                    const About& about, SteadyTime start) const {
    Draft draft;
    draft.findings.reserve(whom.parts.size());
    for (const Part& part : whom.parts) {
        Finding& finding = draft.findings.emplace_back(
            Finding{.authority = part.authority, .kind = {}, .entitlements = {}});
        if (part.by == Part::By::registry) {
            finding =
                from_registry(part.authority, known, policy_of(part.authority, connected), about);
        } else if (part.by == Part::By::source) {
            auto asked = from_cache(part, about.link_key, finding);
            if (asked) {
                asked->finding = draft.findings.size() - 1;
                draft.to_ask.push_back(std::move(*asked));
            }
        }
        finding.elapsed_ms = milliseconds_since(start);
    }
    return draft;
}

Finding Sources::Impl::from_registry(domain::AuthorityCode authority, Known& known,
                                     const Policy& policy, const About& about) const {
    // Told before the rows were read, and after: a switch may have come between.
    for (const auto& told : {std::optional(known.in_force(authority)),
                             about.linkage ? published.in_force(authority) : std::nullopt}) {
        if (!told || !domain::differ(about.linkage, told->linkage)) continue;
        other_linkage.Increment();
        return other_linkage_finding(authority, told->as_of);
    }
    return published_finding(known.take(authority), policy, clock.now());
}

// A fresh answer goes into the finding at once; without one the source has to be asked.
std::optional<Asked> Sources::Impl::from_cache(const Part& part, const Hash256& link_key,
                                               Finding& finding) const {
    auto cached = cache.find(part.authority, part.connected->source, link_key);
    if (cached && is_fresh(*cached, part.connected->policy, clock.now())) {
        finding =
            cached_finding(part.authority, part.connected->adapter->kind(), std::move(*cached));
        return std::nullopt;
    }
    return Asked{.connected = part.connected, .cached = std::move(cached), .outcome = nullptr};
}

void Sources::Impl::ask(const std::shared_ptr<Round>& round, std::size_t index,
                        const asio::any_io_executor& executor, adapters::LookUp lookup,
                        Flights::Asker asker) {
    flights.join(executor, *round->asked[index].connected, std::move(lookup), asker,
                 [executor, index,
                  waiting = std::weak_ptr(round)](std::shared_ptr<const Flights::Outcome> outcome) {
                     asio::post(executor, [index, waiting, outcome = std::move(outcome)]() mutable {
                         if (const auto still = waiting.lock())
                             still->land(index, std::move(outcome));
                     });
                 });
}

asio::awaitable<void> Sources::Impl::ask_live(const About& about, SteadyTime start, Draft& draft) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const SteadyTime deadline = start + question_time;
    const auto round = std::make_shared<Round>(executor, start, deadline, std::move(draft.to_ask));
    for (std::size_t i = 0; i < round->asked.size(); ++i)
        ask(round, i, executor,
            {.authority = draft.findings[round->asked[i].finding].authority,
             .link_key = about.link_key,
             .service_date = about.service_date,
             .request_id = about.request_id,
             .deadline = deadline},
            {.client = about.client, .priority = about.priority});
    co_await round->wait();
    for (Asked& one : round->asked) {
        Finding& finding = draft.findings[one.finding];
        const std::int64_t elapsed_ms = one.elapsed_ms;
        finding = settle(finding.authority, std::move(one));
        finding.elapsed_ms = elapsed_ms;
    }
}

Finding Sources::Impl::settle(domain::AuthorityCode authority, Asked asked) const {
    const std::string_view kind = asked.connected->adapter->kind();
    if (asked.outcome && *asked.outcome) return live_finding(authority, kind, **asked.outcome);
    return failed_finding(authority, kind, asked.outcome ? asked.outcome->error() : late(),
                          std::move(asked.cached), asked.connected->policy, clock.now());
}

Sources::Sources(Published published, Cache& cache, const Clock& clock,
                 std::chrono::milliseconds question_time, Breaker::Pauses pauses)
    : impl_(std::make_unique<Impl>(std::move(published), cache, clock, question_time, pauses)) {}
Sources::~Sources() = default;

void Sources::replace(std::shared_ptr<const Connections> connections) {
    impl_->connections.store(std::move(connections));
}

std::shared_ptr<const Connections> Sources::connections() const {
    return impl_->connections.load();
}

std::string_view Sources::state(domain::AuthorityCode authority) const {
    const auto connections = impl_->connections.load();
    const auto found = connections->find(authority);
    if (found != connections->end() &&
        found->second.adapter->freshness() != domain::Freshness::published)
        return impl_->flights.state(authority);
    if (impl_->published.in_force(authority)) return "answering";
    return found == connections->end() ? "not_connected" : "idle";
}

asio::awaitable<std::vector<Finding>> Sources::ask(About about) {
    const SteadyTime start = std::chrono::steady_clock::now();
    const auto connections = impl_->connections.load();
    auto publishing = impl_->publishing_at(about.residence);
    auto reply = impl_->published.find_all(about.link_key);
    const bool there = reply.is_there();  // of a registry on this machine
    Known known = impl_->known_by(there ? std::move(reply).take()
                                        : co_await storage::arrived(std::move(reply)));
    known.publishing = std::move(publishing);
    const Whom whom =
        whom_to_ask(about.residence, known.rows, *connections,
                    [&known](domain::AuthorityCode code) { return known.has_published(code); });
    Draft draft = impl_->answer_at_once(whom, known, *connections, about, start);
    if (!draft.to_ask.empty()) co_await impl_->ask_live(about, start, draft);
    if (!known.readable || whom.some_left_out) std::ranges::for_each(draft.findings, forbid_no);
    co_return std::move(draft.findings);
}

}  // namespace shikaku::sources
