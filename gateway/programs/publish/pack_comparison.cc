#include "gateway/programs/publish/pack_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gateway/domain/copay_text.h"
#include "gateway/domain/decide.h"
#include "gateway/domain/pack_example.h"
#include "gateway/domain/scheme_pack.h"

namespace shikaku::programs {
namespace {

struct Example {
    const domain::Scheme* scheme;  // of the pack it stands in
    std::string name;
    Json question;
};

struct Pack {
    domain::RuleBook rules;
    std::vector<Example> examples;

    [[nodiscard]] const domain::Scheme* scheme(const std::string& id) const {
        return rules.find(rules.packs.begin()->first, id, {});
    }
};

// Without its examples, so that one that fails does not keep the rules from being read.
Result<Pack> read_pack(std::string_view text, domain::AuthorityCode authority,
                       std::string_view which) {
    SHIKAKU_TRY_LET(auto json, parse_json(text));
    std::vector<Json> examples;
    const auto schemes = json.find("schemes");
    if (schemes != json.end() && schemes->is_array()) {
        for (Json& scheme : *schemes) {
            Json& own = examples.emplace_back(Json::array());
            if (!scheme.is_object() || !scheme.contains("examples")) continue;
            own = std::move(scheme["examples"]);
            scheme.erase("examples");
        }
    }
    auto read = domain::read_scheme_pack(json.dump(), authority, "check");
    if (!read.pack)
        return fail(ErrorCode::unprocessable,
                    fmt::format("the {} pack: {} {}", which, read.problems.front().pointer,
                                read.problems.front().text.en));
    Pack pack;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        for (const Json& example : examples[i]) {
            if (!example.is_object() || !example.contains("question")) continue;
            const auto name = example.find("name");
            const bool named = name != example.end() && name->is_string();
            pack.examples.push_back({.scheme = &read.pack->schemes[i],
                                     .name = named ? name->get<std::string>() : "?",
                                     .question = example["question"]});
        }
    }
    pack.rules.packs.emplace(authority, std::move(read.pack));
    return pack;
}

// The examples of `after`, then those that only `before` has.
std::vector<const Example*> all_examples(const Pack& before, const Pack& after) {
    std::vector<const Example*> all;
    std::set<std::string> asked;
    for (const Pack* pack : {&after, &before}) {
        for (const Example& example : pack->examples) {
            if (asked.insert(example.scheme->id + example.question.dump()).second)
                all.push_back(&example);
        }
    }
    return all;
}

std::set<domain::Date> days_to_ask(const Example& example, const Pack& before, const Pack& after) {
    std::set<domain::Date> days;
    const auto own = example.question.is_object() ? example.question.find("service_date")
                                                  : example.question.end();
    if (own == example.question.end() || !own->is_string()) return days;
    if (const auto day = domain::Date::parse_iso(own->get<std::string>())) days.insert(*day);
    for (const Pack* pack : {&before, &after}) {
        const domain::Scheme* scheme = pack->scheme(example.scheme->id);
        if (scheme == nullptr) continue;
        for (const domain::RuleVersion& rule : scheme->rules)
            days.insert({rule.from.plus_days(-1), rule.from});
    }
    return days;
}

// The parts of an answer that are compared, in words.
using Parts = std::array<std::string, 3>;

Parts answer(const domain::Case& facts, const domain::RuleBook& rules) {
    const domain::Decision decision = domain::decide(facts, rules);
    const auto* own = &facts.findings.front().entitlements.front();
    const auto found =
        std::ranges::find(decision.subsidies, own, &domain::SubsidyDecision::entitlement);
    if (found == decision.subsidies.end()) return {"回答に現れない / not in the answer", "", ""};
    Parts parts{fmt::format("{} {}", name(found->outcome), info(found->reason).name), "", ""};
    if (found->outcome != domain::Outcome::eligible) return parts;
    domain::Copay unknown;
    domain::write_copay_text(unknown);
    const domain::Localized& copay = (found->copay == nullptr ? unknown : *found->copay).text;
    parts[1] = fmt::format("{} / {}", copay.ja, copay.en);
    parts[2] = found->claim_order > 0
                   ? fmt::format("第{}公費 / payer {}", found->claim_order, found->claim_order)
                   : std::string("請求に載らない / not on the claim");
    return parts;
}

std::string differing(const Parts& own, const Parts& other) {
    std::string text;
    for (std::size_t i = 0; i < own.size(); ++i) {
        if (own[i] == other[i] || own[i].empty()) continue;
        text += (text.empty() ? "" : ", ") + own[i];
    }
    return text;
}

}  // namespace

Result<domain::AuthorityCode> authority_of(std::string_view pack) {
    SHIKAKU_TRY_LET(const auto json, parse_json(pack));
    const auto found = json.find("authority");
    const auto code = json.is_object() && found != json.end() && found->is_string()
                          ? domain::AuthorityCode::parse(found->get<std::string>())
                          : std::nullopt;
    if (!code) return fail(ErrorCode::unprocessable, "no 6-digit authority code", "/authority");
    return *code;
}

Result<PackComparison> compare_packs(std::string_view before_text, std::string_view after_text) {
    SHIKAKU_TRY_LET(const auto authority, authority_of(after_text));
    SHIKAKU_TRY_LET(const auto before, read_pack(before_text, authority, "old"));
    SHIKAKU_TRY_LET(const auto after, read_pack(after_text, authority, "new"));

    PackComparison comparison;
    for (const Example* example : all_examples(before, after)) {
        for (const domain::Date day : days_to_ask(*example, before, after)) {
            domain::Problems problems;
            const auto facts = domain::read_example_question(
                problems, domain::Place(example->question), *example->scheme, day);
            if (!facts || !problems.none()) break;
            ++comparison.asked;
            const Parts was = answer(*facts, before.rules);
            const Parts is = answer(*facts, after.rules);
            if (was == is) continue;
            comparison.changes.push_back({.scheme = example->scheme->id,
                                          .example = example->name,
                                          .date = day,
                                          .before = differing(was, is),
                                          .after = differing(is, was)});
        }
    }
    return comparison;
}

}  // namespace shikaku::programs
