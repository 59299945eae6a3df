#include "gateway/domain/exclusion.h"

#include <algorithm>

#include "gateway/domain/houbetsu.h"
#include "gateway/domain/payer_order.h"
#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

enum class State : std::uint8_t { open, stands, superseded };

bool is_law_code(std::string_view entry) {
    return entry.size() == 2 && is_digits(entry);
}

std::string_view scheme_id_of(const SubsidyDecision& subsidy) {
    return subsidy.scheme == nullptr ? subsidy.entitlement->scheme_id : subsidy.scheme->id;
}

bool names(std::string_view entry, const SubsidyDecision& subsidy, const SubsidyDecision& other) {
    if (is_law_code(entry)) {
        return law_code_of(other) == entry &&
               (is_national_law_code(entry) ||
                other.authority.prefecture() == subsidy.authority.prefecture());
    }
    const std::size_t slash = entry.find('/');
    if (slash == std::string_view::npos)
        return other.authority == subsidy.authority && scheme_id_of(other) == entry;
    return other.authority.text() == entry.substr(0, slash) &&
           scheme_id_of(other) == entry.substr(slash + 1);
}

struct Candidate {
    Row* row;
    State state = State::open;
    std::vector<const Candidate*> gives_way_to;
};

// Settles every candidate whose excluders are settled; false when nothing changed.
bool settle_round(std::vector<Candidate>& candidates) {
    bool changed = false;
    for (Candidate& candidate : candidates) {
        if (candidate.state != State::open) continue;
        const auto& excluders = candidate.gives_way_to;
        const auto is = [](State state) {
            return [state](const Candidate* other) { return other->state == state; };
        };
        if (std::ranges::any_of(excluders, is(State::stands))) {
            candidate.state = State::superseded;
        } else if (std::ranges::all_of(excluders, is(State::superseded))) {
            candidate.state = State::stands;
        }
        changed = changed || candidate.state != State::open;
    }
    return changed;
}

}  // namespace

bool gives_way(const Row& row, const Row& other) {
    if (row.subsidy.rule == nullptr || &row == &other) return false;
    return std::ranges::any_of(row.subsidy.rule->excluded_by, [&](const std::string& entry) {
        return names(entry, row.subsidy, other.subsidy);
    });
}

void apply_exclusions(std::vector<Row>& rows, const RuleBook& rules) {
    const auto may_give_way = [](const Row& row) {
        return row.subsidy.outcome == Outcome::eligible && row.subsidy.rule != nullptr &&
               !row.subsidy.rule->excluded_by.empty();
    };
    if (rows.size() < 2 || std::ranges::none_of(rows, may_give_way)) return;

    std::vector<Candidate> candidates;
    candidates.reserve(rows.size());
    for (Row& row : rows) {
        if (row.subsidy.outcome == Outcome::eligible)
            candidates.push_back({.row = &row, .gives_way_to = {}});
    }
    std::ranges::sort(candidates, [&](const Candidate& a, const Candidate& b) {
        return pays_before(*a.row, *b.row, rules);
    });
    for (Candidate& candidate : candidates) {
        for (const Candidate& other : candidates) {
            if (gives_way(*candidate.row, *other.row)) candidate.gives_way_to.push_back(&other);
        }
    }
    const auto is_open = [](const Candidate& candidate) { return candidate.state == State::open; };
    while (std::ranges::any_of(candidates, is_open)) {
        if (!settle_round(candidates))
            std::ranges::find_if(candidates, is_open)->state = State::stands;
    }
    for (const Candidate& candidate : candidates) {
        if (candidate.state != State::superseded) continue;
        set_reason(candidate.row->subsidy, Reason::SUPERSEDED);
        candidate.row->excluder_failed =
            std::ranges::none_of(candidate.gives_way_to, [](const Candidate* other) {
                return other->state == State::stands && !other->row->source_failed;
            });
    }
}

}  // namespace shikaku::domain
