#include "gateway/api/replay.h"

namespace shikaku::api {

Result<Replayed> replay(std::string_view detail, const PackSource& packs) {
    auto logged = read_eligibility_detail(detail);
    if (!logged) return fail(logged.error());

    domain::RuleBook rules;
    rules.local_order = logged->local_order;
    for (const auto& [authority, version] : logged->packs) {
        auto pack = packs(authority, version);
        if (!pack) return fail(pack.error());
        rules.packs.emplace(authority, std::move(*pack));
    }
    Answer answer = derive_answer(logged->facts, rules, logged->answer_id, logged->answered);
    return Replayed{.answer = std::move(answer), .logged = std::move(*logged)};
}

}  // namespace shikaku::api
