// Which refusals are entries of their own, and which are counted into one.
//
// The first of a kind (caller, route, code) in a window of bounds::kDenialWindow is told at once;
// later ones are counted until the window is over, but not before the first is told. Beyond
// bounds::kDenialEntriesPerSecond, or when more kinds are kept than the bounds allow (of one
// caller, in all), refusals are counted by their code alone. Whatever comes, what was told at once
// and what was counted add up to all that were noted, and not awaited. Of one thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/clock.h"

namespace shikaku::api {

struct DenialKind {
    std::string caller;  // empty, as the route: of several callers
    std::string route;
    std::string_view code;  // from a closed set, lives for ever
    auto operator<=>(const DenialKind&) const = default;
};

struct CountedDenials {
    DenialKind kind;
    std::uint64_t count = 0;
    Instant first{}, last{};
};

class DenialTally {
  public:
    enum class Told : std::uint8_t {
        at_once,  // the caller tells it: call told() or forget()
        counted,
        awaited,  // not noted: the first of its kind is being told; count(), or note() again
    };
    [[nodiscard]] Told note(DenialKind kind, Instant now);
    void count(const DenialKind& kind, Instant now);  // of an open window
    [[nodiscard]] bool is_awaited(const DenialKind& kind) const;
    void told(const DenialKind& kind);
    // What was to be told at once could not be: the next one of its kind is tried again.
    void forget(const DenialKind& kind, Instant now);
    // What was counted could not be told: it is counted on, for another window.
    void put_back(CountedDenials counted, Instant now);
    // What was counted in windows that are over.
    [[nodiscard]] std::vector<CountedDenials> take_over(Instant now);
    [[nodiscard]] std::vector<CountedDenials> take_all();
    [[nodiscard]] std::size_t kinds() const { return windows_.size(); }

  private:
    struct Window {
        CountedDenials counted;
        Instant opened{};
        bool told = false;
    };
    using Windows = std::list<Window>;
    [[nodiscard]] bool may_open(const std::string& caller, Instant now);
    void close(Windows::iterator window, std::vector<CountedDenials>& out);
    void earn(Instant now);

    Windows windows_;  // opened first, first
    std::map<DenialKind, Windows::iterator> of_kind_;
    std::map<std::string, std::size_t, std::less<>> kinds_of_;  // a caller's
    // By code alone, and what could not be told.
    std::map<DenialKind, Window> rest_;
    double entries_left_ = bounds::kDenialEntriesPerSecond;
    Instant earned_{};
};

}  // namespace shikaku::api
