#include "gateway/api/denial_tally.h"

#include <algorithm>

namespace shikaku::api {
namespace {

// A window costs the entry at once and the one at its end: what was paid can always be written.
constexpr double kEntriesOfWindow = 2;

bool is_over(Instant opened, Instant now) {
    return now - opened >= bounds::kDenialWindow;
}

DenialKind of_code(std::string_view code) {
    return {.caller = {}, .route = {}, .code = code};
}

CountedDenials nothing_of(const DenialKind& kind) {
    return {.kind = kind, .count = 0, .first = {}, .last = {}};
}

void add(CountedDenials& to, std::uint64_t count, Instant first, Instant last) {
    to.first = to.count == 0 ? first : std::min(to.first, first);
    to.last = to.count == 0 ? last : std::max(to.last, last);
    to.count += count;
}

}  // namespace

void DenialTally::earn(Instant now) {
    constexpr auto kMost = static_cast<double>(bounds::kDenialEntriesPerSecond);
    const double seconds = std::chrono::duration<double>(now - earned_).count();
    entries_left_ = std::min(kMost, entries_left_ + std::max(0.0, seconds) * kMost);
    earned_ = now;
}

bool DenialTally::may_open(const std::string& caller, Instant now) {
    earn(now);
    const auto kept = kinds_of_.find(caller);
    return entries_left_ >= kEntriesOfWindow && windows_.size() < bounds::kDenialKinds &&
           (kept == kinds_of_.end() || kept->second < bounds::kDenialKindsPerCaller);
}

DenialTally::Told DenialTally::note(DenialKind kind, Instant now) {
    if (is_awaited(kind)) return Told::awaited;
    if (of_kind_.contains(kind)) {
        count(kind, now);
        return Told::counted;
    }
    if (!may_open(kind.caller, now)) {
        put_back({.kind = of_code(kind.code), .count = 1, .first = now, .last = now}, now);
        return Told::counted;
    }
    entries_left_ -= kEntriesOfWindow;
    ++kinds_of_[kind.caller];
    windows_.push_back({.counted = nothing_of(kind), .opened = now});
    of_kind_.emplace(std::move(kind), std::prev(windows_.end()));
    return Told::at_once;
}

void DenialTally::count(const DenialKind& kind, Instant now) {
    add(of_kind_.at(kind)->counted, 1, now, now);
}

bool DenialTally::is_awaited(const DenialKind& kind) const {
    const auto open = of_kind_.find(kind);
    return open != of_kind_.end() && !open->second->told;
}

void DenialTally::told(const DenialKind& kind) {
    if (const auto open = of_kind_.find(kind); open != of_kind_.end()) open->second->told = true;
}

void DenialTally::put_back(CountedDenials counted, Instant now) {
    if (rest_.size() >= bounds::kDenialKinds && !rest_.contains(counted.kind))
        counted.kind = of_code(counted.kind.code);
    const Window fresh{.counted = nothing_of(counted.kind), .opened = now};
    Window& all = rest_.try_emplace(counted.kind, fresh).first->second;
    add(all.counted, counted.count, counted.first, counted.last);
}

void DenialTally::close(Windows::iterator window, std::vector<CountedDenials>& out) {
    const auto kept = kinds_of_.find(window->counted.kind.caller);
    if (--kept->second == 0) kinds_of_.erase(kept);
    of_kind_.erase(window->counted.kind);
    if (window->counted.count > 0) out.push_back(std::move(window->counted));
    windows_.erase(window);
}

void DenialTally::forget(const DenialKind& kind, Instant now) {
    const auto open = of_kind_.find(kind);
    if (open == of_kind_.end()) return;
    std::vector<CountedDenials> counted;
    close(open->second, counted);
    for (CountedDenials& one : counted)
        put_back(std::move(one), now);
}

std::vector<CountedDenials> DenialTally::take_over(Instant now) {
    std::vector<CountedDenials> out;
    for (auto one = windows_.begin(); one != windows_.end() && is_over(one->opened, now);) {
        const auto window = one++;
        if (window->told) close(window, out);
    }
    for (auto one = rest_.begin(); one != rest_.end();) {
        if (!is_over(one->second.opened, now)) {
            ++one;
            continue;
        }
        out.push_back(std::move(one->second.counted));
        one = rest_.erase(one);
    }
    return out;
}

std::vector<CountedDenials> DenialTally::take_all() {
    std::vector<CountedDenials> out;
    while (!windows_.empty())
        close(windows_.begin(), out);
    for (auto& [kind, rest] : rest_)
        out.push_back(std::move(rest.counted));
    rest_.clear();
    return out;
}

}  // namespace shikaku::api
