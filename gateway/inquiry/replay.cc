#include "gateway/inquiry/replay.h"

#include <algorithm>

#include "gateway/domain/wording.h"

namespace shikaku::inquiry {
namespace {

// What everybody is shown of the entry is what was decided.
bool same_decision(const Replayed& replayed) {
    const auto& [answer, logged] = replayed;
    return domain::name(answer.outcome) == logged.outcome &&
           domain::info(answer.reason).name == logged.reason &&
           std::ranges::equal(logged.facts.findings, logged.authorities, {},
                              [](const domain::Finding& one) { return one.authority.text(); }) &&
           (!logged.decided || std::ranges::is_permutation(*logged.decided, answer.decided));
}

}  // namespace

bool Replayed::same_bytes() const {
    if (!logged.content_hash.empty()) return answer.content_hash == logged.content_hash;
    return answer_hash(logged.answer_id, answer.content_hash) == logged.answer;
}

Replayed::State Replayed::state() const {
    if (!same_decision(*this)) return State::different;
    if (same_bytes()) return State::same;
    return logged.texts != domain::wording() ? State::other_wording : State::different;
}

std::string_view name(Replayed::State state) {
    switch (state) {
        case Replayed::State::same:
            return "same";
        case Replayed::State::other_wording:
            return "other_wording";
        case Replayed::State::different:
            break;
    }
    return "different";
}

Result<Replayed> replay(const audit::OpenedEntry& entry, const PackSource& packs) {
    SHIKAKU_TRY_LET(auto logged, read_eligibility(entry));

    domain::RuleBook rules;
    rules.local_order = logged.local_order;
    rules.accepted = logged.accepted;
    for (const auto& [authority, version] : logged.packs) {
        SHIKAKU_TRY_LET(auto pack, packs(authority, version));
        rules.packs.emplace(authority, std::move(pack));
    }
    Answer answer = derive_answer(logged.facts, rules, logged.answer_id, logged.answered);
    return Replayed{.answer = std::move(answer), .logged = std::move(logged)};
}

}  // namespace shikaku::inquiry
