#include "gateway/domain/copay_line.h"

#include <algorithm>

#include "gateway/domain/age.h"

namespace shikaku::domain {
namespace {

template <class List, class Value>
bool allows(const List& list, const Value& value) {
    return list.empty() || std::ranges::find(list, value) != list.end();
}

Answered fits(const CopayLine& line, const CopayFacts& facts) {
    if (!allows(line.segments, facts.entitlement.segment) ||
        !allows(line.income_segments, facts.entitlement.income_segment))
        return Answered::no;
    if (!line.conditions.empty() &&
        !std::ranges::any_of(facts.entitlement.additional_conditions, [&](const auto& condition) {
            return std::ranges::find(line.conditions, condition) != line.conditions.end();
        }))
        return Answered::no;
    if (facts.payer_number && !allows(line.payer_numbers, *facts.payer_number)) return Answered::no;
    const Answered age = check_age(line.age, facts.birth_date, facts.on);
    if (age == Answered::no) return Answered::no;
    const bool number_missing = !line.payer_numbers.empty() && !facts.payer_number;
    return number_missing ? Answered::unknown : age;
}

// Whether what `wide` asks for holds wherever what `narrow` asks for does; an empty list asks
// nothing.
template <class List>
bool includes(const List& wide, const List& narrow) {
    return wide.empty() || (!narrow.empty() && std::ranges::all_of(narrow, [&](const auto& value) {
               return std::ranges::find(wide, value) != wide.end();
           }));
}

// Setting aside, `wide` fits wherever `narrow` does.
bool fits_all_of(const CopayLine& wide, const CopayLine& narrow) {
    return includes(wide.segments, narrow.segments) &&
           includes(wide.income_segments, narrow.income_segments) &&
           includes(wide.conditions, narrow.conditions) &&
           includes(wide.payer_numbers, narrow.payer_numbers) &&
           (!wide.age || wide.age == narrow.age);
}

}  // namespace

bool can_count(std::span<const CopayLine> before, const CopayLine& line) {
    return std::ranges::any_of(kAllSettings, [&](Setting setting) {
        return allows(line.settings, setting) &&
               std::ranges::none_of(before, [&](const CopayLine& one) {
                   return allows(one.settings, setting) && fits_all_of(one, line);
               });
    });
}

CopayChoice choose_copay(const RuleVersion& rule, const CopayFacts& facts) {
    using State = CopayChoice::State;
    bool covered = false;
    for (const CopayLine& line : rule.copay) {
        if (!allows(line.settings, facts.setting)) continue;
        const Answered fit = fits(line, facts);
        if (fit == Answered::yes && line.copay.kind == Copay::Kind::not_covered)
            return {.state = State::not_covered, .copay = nullptr};
        if (fit == Answered::yes) return {.state = State::found, .copay = &line.copay};
        if (fit == Answered::unknown) return {.state = State::unknown, .copay = nullptr};
        covered = covered || line.copay.kind != Copay::Kind::not_covered;
    }
    return {.state = covered ? State::unknown : State::not_covered, .copay = nullptr};
}

}  // namespace shikaku::domain
