#include "gateway/programs/publish/check_pack.h"

#include <fmt/format.h>

#include <iostream>
#include <optional>

#include "gateway/domain/scheme_pack.h"
#include "gateway/programs/client/client_options.h"
#include "gateway/programs/publish/pack_comparison.h"
#include "gateway/programs/publish/print.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::programs {
namespace {

constexpr std::string_view kProgram = "shikaku-publish";

domain::PackResult run_examples(const std::string& pack) {
    const auto authority = authority_of(pack);
    if (authority) return domain::read_scheme_pack(pack, *authority, "check");
    domain::PackResult none;
    none.problems.push_back(
        {.pointer = authority.error().pointer,
         .text = {.ja = "制度パックとして読めません: " + authority.error().detail,
                  .en = "no scheme pack: " + authority.error().detail}});
    return none;
}

void print_examples(const domain::PackResult& result) {
    if (result.pack) {
        std::cout << fmt::format("○ 例は{0}件すべてそのとおりです / all {0} examples hold\n",
                                 result.examples_run);
        return;
    }
    std::cout << "× このままでは受け付けられません / it would be refused\n";
    for (const domain::PackProblem& problem : result.problems)
        print_pack_problem(std::cout, problem.pointer, problem.text);
}

void print_comparison(const PackComparison& comparison) {
    if (comparison.changes.empty()) {
        std::cout << fmt::format("何も変わりません: {0}問 / nothing changes: {0} answers\n",
                                 comparison.asked);
        return;
    }
    std::cout << fmt::format("変わる回答: {1}問中 {0} / What changes: {0} of {1} answers\n",
                             comparison.changes.size(), comparison.asked);
    std::string title;
    for (const PackChange& change : comparison.changes) {
        const std::string own = change.scheme + "  " + change.example;
        if (own != title) std::cout << own << '\n';
        title = own;
        std::cout << fmt::format("  {}: {} -> {}\n", change.date.iso(), change.before,
                                 change.after);
    }
}

void print_json(const domain::PackResult& result, const std::optional<PackComparison>& comparison) {
    Json out{{"good", result.pack != nullptr}, {"examples_run", result.examples_run}};
    out["problems"] = Json::array();
    for (const domain::PackProblem& problem : result.problems)
        out["problems"].push_back(
            {{"pointer", problem.pointer},
             {"message", {{"ja", problem.text.ja}, {"en", problem.text.en}}}});
    if (comparison) {
        out["asked"] = comparison->asked;
        out["changes"] = Json::array();
        for (const PackChange& change : comparison->changes)
            out["changes"].push_back({{"scheme", change.scheme},
                                      {"example", change.example},
                                      {"date", change.date.iso()},
                                      {"before", change.before},
                                      {"after", change.after}});
    }
    std::cout << out.dump() << '\n';
}

}  // namespace

int check_pack(const PackCheck& check) {
    const auto pack = read_file(check.file, bounds::kSchemePackBytes);
    if (!pack) return report_wrong_use(kProgram, pack.error());
    const domain::PackResult result = run_examples(*pack);

    std::optional<PackComparison> comparison;
    if (!check.against.empty()) {
        const auto old = read_file(check.against, bounds::kSchemePackBytes);
        if (!old) return report_wrong_use(kProgram, old.error());
        auto compared = compare_packs(*old, *pack);
        // What keeps the new pack from being read stands among its problems already.
        if (compared)
            comparison = std::move(*compared);
        else if (result.pack)
            return report_wrong_use(kProgram, compared.error());
    }
    if (check.json) {
        print_json(result, comparison);
    } else {
        print_examples(result);
        if (comparison) print_comparison(*comparison);
    }
    return result.pack ? kExitOk : kExitNo;
}

}  // namespace shikaku::programs
