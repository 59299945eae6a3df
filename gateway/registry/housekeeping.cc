#include "gateway/registry/housekeeping.h"

#include <algorithm>
#include <optional>
#include <set>

#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::registry {
namespace {

prometheus::Gauge& damaged_pages() {
    static auto& gauge_of_registry =
        gauge("shikaku_registry_damaged_pages",
              "Pages of registry.db that failed their checksum in the last round");
    return gauge_of_registry;
}

struct Limits {
    std::int64_t oldest = 0;  // generation that can be gone back to
    std::int64_t ended = 0;   // rows ended up to this one were kept long enough
};

// Without a time to trust nothing was kept long enough.
Limits limits_of(const std::vector<storage::GenerationRow>& generations, std::int64_t in_force,
                 std::int64_t swept, std::optional<Instant> now) {
    Limits limits{.oldest = in_force};
    for (std::size_t back = 0; back < bounds::kGenerationsBack; ++back) {
        const auto at =
            std::ranges::find(generations, limits.oldest, &storage::GenerationRow::number);
        limits.oldest = at == generations.end() ? 0 : at->base;
    }
    limits.oldest = std::max(limits.oldest, swept);
    for (const storage::GenerationRow& one : generations) {
        const Instant switched{std::chrono::milliseconds(one.switched_ms)};
        if (one.state == storage::GenerationRow::State::switched && one.number <= limits.oldest &&
            now && switched + bounds::kEndedRowsKept <= *now)
            limits.ended = std::max(limits.ended, one.number);
    }
    return limits;
}

}  // namespace

void Housekeeping::start() {
    thread_ = std::thread([this] { run(); });
}

void Housekeeping::stop() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Housekeeping::run() {
    do {
        round_at_pace();
    } while (pause(bounds::kHousekeepingEvery));
}

void Housekeeping::round() {
    at_once_ = true;
    round_at_pace();
}

bool Housekeeping::pause(std::chrono::milliseconds time) {
    if (at_once_) return true;
    Lock lock(mutex_);
    return !wake_.wait_for(lock.to_wait(), time,
                           [this]() SHIKAKU_REQUIRES(mutex_) { return stopping_; });
}

void Housekeeping::round_at_pace() {
    if (const auto checked = check_pages(); !checked)
        log_error("the pages of registry.db could not be checked", checked.error());
    if (const auto now = trusted_time()) publisher_.reject_held_before(*now - bounds::kHeldKept);
    const auto authorities = store_.authorities();
    if (!authorities) return log_error("registry.db could not be tidied", authorities.error());
    for (const storage::AuthorityRow& authority : *authorities) {
        if (!pause(bounds::kHousekeepingPause)) return;
        if (const auto tidied = tidy(authority); !tidied)
            log_error("registry.db could not be tidied", tidied.error());
    }
}

std::optional<Instant> Housekeeping::trusted_time() const {
    return clock_.trusted() ? std::optional(clock_.now()) : std::nullopt;
}

Status Housekeeping::check_pages() {
    std::size_t damaged = 0;
    for (std::uint32_t next = 1; next != 0 && pause(bounds::kHousekeepingPause);) {
        SHIKAKU_TRY_LET(const auto read, store_.check_pages(next, bounds::kPagesChecked));
        for (const std::uint32_t page : read.damaged)
            log_error("a page of registry.db is damaged: restore it and the log from a backup",
                      {{"page", page}});
        damaged += read.damaged.size();
        if (damaged > 0) damage_.store(true, std::memory_order_release);
        next = read.next;
    }
    damaged_pages().Set(static_cast<double>(damaged));
    return {};
}

Status Housekeeping::tidy(const storage::AuthorityRow& authority) {
    while (true) {
        SHIKAKU_TRY_LET(const auto more,
                        store_.forget_old_publications(
                            authority.authority, {.remarks = bounds::kPublicationsWithRemarks,
                                                  .reports = bounds::kPublicationsKept,
                                                  .held = static_cast<int>(PublicationState::held),
                                                  .full = name(Mode::full)}));
        if (!more) break;
        if (!pause(bounds::kHousekeepingPause)) return {};
    }
    return sweep(authority);
}

Status Housekeeping::sweep(const storage::AuthorityRow& authority) {
    SHIKAKU_TRY_LET(const auto generations, store_.generations(authority.authority));
    const Limits limits =
        limits_of(generations, authority.generation, authority.swept, trusted_time());
    auto& done = swept_[authority.authority];
    if (limits.oldest == 0 || done == std::pair(limits.oldest, limits.ended)) return {};
    const auto kept = store_.keep_from(authority.authority, authority.generation, limits.oldest);
    if (!kept) return kept.error().code == ErrorCode::conflict ? Status{} : kept;
    std::set<std::int64_t> named;
    std::optional<storage::SweepPlace> place(std::in_place);
    while (place) {
        SHIKAKU_TRY_LET(const auto step,
                        store_.sweep(authority.authority, limits.oldest, limits.ended, *place));
        named.insert(step.generations.begin(), step.generations.end());
        place = step.next;
        if (!pause(bounds::kHousekeepingPause)) return {};
    }
    SHIKAKU_TRY(
        store_.forget_generations(authority.authority, limits.oldest, named, name(Mode::full)));
    done = {limits.oldest, limits.ended};
    return {};
}

}  // namespace shikaku::registry
