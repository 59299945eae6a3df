#include "gateway/domain/scheme_pack.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "gateway/domain/copay_line.h"
#include "gateway/domain/pack_example.h"
#include "gateway/domain/pack_reader.h"
#include "gateway/domain/pack_scheme.h"

namespace shikaku::domain {
namespace {

void check_unique(Problems& problems, const Place& schemes_place, const SchemePack& pack) {
    std::set<std::string_view> ids;
    std::set<PayerNumber> numbers;
    for (std::size_t i = 0; i < pack.schemes.size(); ++i) {
        const Scheme& scheme = pack.schemes[i];
        const Place place(schemes_place, i, schemes_place.json()[i]);
        if (!scheme.id.empty() && !ids.insert(scheme.id).second)
            problems.add(place, fmt::format("制度ID「{}」が重複しています", scheme.id),
                         fmt::format("the scheme id \"{}\" is used twice", scheme.id));
        for (const PayerNumber& number : scheme.payer_numbers) {
            if (!numbers.insert(number).second)
                problems.add(place, fmt::format("公費負担者番号{}が重複しています", number.text()),
                             fmt::format("the payer number {} is used twice", number.text()));
        }
    }
}

// Scheme ids without an authority must be of this pack.
void check_exclusions(Problems& problems, const Place& schemes_place, const SchemePack& pack) {
    const auto known = [&pack](std::string_view entry) {
        return entry.size() == 2 || entry.find('/') != std::string_view::npos ||
               std::ranges::find(pack.schemes, entry, &Scheme::id) != pack.schemes.end();
    };
    for (std::size_t i = 0; i < pack.schemes.size(); ++i) {
        for (const RuleVersion& rule : pack.schemes[i].rules) {
            for (const std::string& entry : rule.excluded_by) {
                if (known(entry)) continue;
                problems.add(
                    Place(schemes_place, i, schemes_place.json()[i]),
                    fmt::format("excluded_by の「{}」はこのパックにない制度です", entry),
                    fmt::format("excluded_by names \"{}\", which is not in this pack", entry));
            }
        }
    }
}

std::shared_ptr<SchemePack> read_pack(Problems& problems, const Place& root,
                                      AuthorityCode authority, std::string version) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"$schema", "authority", "schemes"});
    const ObjectReader reader(problems, root, kKeys);
    reader.require({"authority", "schemes"});
    auto pack = std::make_shared<SchemePack>(
        SchemePack{.authority = authority, .version = std::move(version), .schemes = {}});
    std::string schema;
    reader.read("$schema", schema);
    std::optional<AuthorityCode> own;
    reader.read_as("authority", own, AuthorityCode::parse, "全国地方公共団体コード6桁",
                   "a 6-digit authority code");
    if (own && *own != authority)
        reader.problem("authority", fmt::format("{}のパックではありません", authority.text()),
                       fmt::format("this is not the pack of {}", authority.text()));
    reader.for_each(
        "schemes",
        [&](const Place& item) { pack->schemes.push_back(read_scheme(problems, item, authority)); },
        bounds::kSchemesPerPack);
    if (const Json* const schemes = reader.find("schemes"); schemes != nullptr && problems.none()) {
        const Place schemes_place(root, "schemes", *schemes);
        check_unique(problems, schemes_place, *pack);
        check_exclusions(problems, schemes_place, *pack);
    }
    return pack;
}

// A line that never counts because of those before it is a mistake in their order.
void check_lines(Problems& problems, const Place& root, const SchemePack& pack) {
    const Place schemes(root, "schemes", root.json()["schemes"]);
    for (std::size_t i = 0; i < pack.schemes.size(); ++i) {
        const Place scheme(schemes, i, schemes.json()[i]);
        const Place rules(scheme, "rules", scheme.json()["rules"]);
        for (std::size_t j = 0; j < pack.schemes[i].rules.size(); ++j) {
            const std::vector<CopayLine>& lines = pack.schemes[i].rules[j].copay;
            const Place rule(rules, j, rules.json()[j]);
            const Place table(rule, "copay", rule.json()["copay"]);
            for (std::size_t line = 1; line < lines.size(); ++line) {
                if (can_count(std::span(lines).first(line), lines[line])) continue;
                problems.add(Place(table, line, table.json()[line]),
                             "この行より前の行がすべての場合に当てはまるため、この行は使われません",
                             "never counts, because the lines before it fit in every case");
            }
        }
    }
}

std::size_t run_examples(Problems& problems, const Place& root,
                         const std::shared_ptr<const SchemePack>& pack) {
    RuleBook rules;
    rules.packs.emplace(pack->authority, pack);
    const Json& schemes = root.json()["schemes"];
    const Place schemes_place(root, "schemes", schemes);
    std::size_t run = 0;
    for (std::size_t i = 0; i < schemes.size(); ++i) {
        const Place place(schemes_place, i, schemes[i]);
        const auto examples = schemes[i].find("examples");
        if (examples == schemes[i].end()) continue;
        const Place list(place, "examples", *examples);
        if (!examples->is_array() || examples->size() > bounds::kExamplesPerScheme) {
            problems.add(
                list, fmt::format("{}件以下の配列である必要があります", bounds::kExamplesPerScheme),
                fmt::format("must be an array of at most {} items", bounds::kExamplesPerScheme));
            continue;
        }
        for (std::size_t example = 0; example < examples->size(); ++example) {
            run_example(problems, Place(list, example, (*examples)[example]), pack->schemes[i],
                        rules);
            ++run;
        }
    }
    return run;
}

PackResult read_any(std::string_view text, AuthorityCode authority, std::string version,
                    bool is_new) {
    Problems problems;
    PackResult result;
    if (text.size() > bounds::kSchemePackBytes) {
        problems.add_at("", "ファイルが大きすぎます", "the file is too large");
    } else if (const auto json = parse_json(text); !json) {
        problems.add_at("", fmt::format("JSONとして読めません: {}", json.error().detail),
                        fmt::format("not readable as JSON: {}", json.error().detail));
    } else {
        const Place root(*json);
        const std::shared_ptr<const SchemePack> pack =
            read_pack(problems, root, authority, std::move(version));
        if (is_new && problems.none()) check_lines(problems, root, *pack);
        if (is_new && problems.none()) result.examples_run = run_examples(problems, root, pack);
        if (problems.none()) result.pack = pack;
    }
    result.problems = problems.take();
    return result;
}

}  // namespace

PackResult read_scheme_pack(std::string_view text, AuthorityCode authority, std::string version) {
    return read_any(text, authority, std::move(version), true);
}

PackResult read_accepted_pack(std::string_view text, AuthorityCode authority, std::string version) {
    return read_any(text, authority, std::move(version), false);
}

}  // namespace shikaku::domain
