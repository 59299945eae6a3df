#include "gateway/kinds/checkup/pack_example.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/kinds/checkup/checkup_row.h"
#include "gateway/registry/ndjson_row.h"

namespace shikaku::checkup {
namespace {

using domain::ObjectReader;
using domain::Place;
using domain::Problems;

struct Expected {
    std::vector<std::string> refused{};
    std::optional<bool> invitation{}, result{}, detailed_exam{};
    std::string judgement{};
};

Expected read_expected(Problems& problems, const Place& place) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"refused", "invitation", "result", "judgement", "detailed_exam"});
    const ObjectReader reader(problems, place, kKeys);
    Expected expected;
    reader.read("refused", expected.refused);
    reader.read("invitation", expected.invitation);
    reader.read("result", expected.result);
    reader.read("judgement", expected.judgement);
    reader.read("detailed_exam", expected.detailed_exam);
    if (reader.is_object() && expected.refused.empty() && !expected.invitation && !expected.result)
        problems.add(place, "refused か、invitation または result が必要です",
                     "refused, or invitation or result, is needed");
    return expected;
}

// Whose row it is does not matter to an example.
std::string line_of(const Json& row) {
    Json line = row;
    line["history_key"] = "example";
    line["link_key"] = std::string(43, 'A');
    return line.dump();
}

std::vector<std::string> refusals(const std::vector<registry::RowRemark>& remarks) {
    std::vector<std::string> codes;
    for (const registry::RowRemark& remark : remarks)
        if (!registry::is_warning(remark.code)) codes.emplace_back(name(remark.code));
    std::ranges::sort(codes);
    return codes;
}

void compare(Problems& problems, const Place& place, const CheckedCheckup& checked,
             Expected expected, const CheckupPack& pack) {
    const auto differs = [&](std::string_view what, std::string_view wanted, std::string_view is) {
        problems.add(place, fmt::format("{}: 期待は「{}」、結果は「{}」", what, wanted, is),
                     fmt::format("{}: expected \"{}\", got \"{}\"", what, wanted, is));
    };
    const auto word = [](bool value) { return value ? "true" : "false"; };
    std::ranges::sort(expected.refused);
    const auto refused = refusals(checked.remarks);
    if (refused != expected.refused)
        return differs("refused", fmt::format("{}", fmt::join(expected.refused, ",")),
                       fmt::format("{}", fmt::join(refused, ",")));
    if (checked.refused) return;
    const Checkup& checkup = checked.checkup;
    if (expected.invitation && *expected.invitation != checkup.is_invitation())
        differs("invitation", word(*expected.invitation), word(checkup.is_invitation()));
    if (expected.result && *expected.result != checkup.is_result())
        differs("result", word(*expected.result), word(checkup.is_result()));
    const CheckupType* const type = pack.find(checkup.checkup_id);
    const Coded* const judged =
        type == nullptr ? nullptr : find_coded(type->judgements, checkup.judgement);
    const std::string judgement = judged == nullptr ? "" : judged->name.ja;
    if (!expected.judgement.empty() && expected.judgement != judgement)
        differs("judgement", expected.judgement, judgement);
    if (!expected.detailed_exam) return;
    const bool same =
        checkup.detailed_exam && (*checkup.detailed_exam != 0) == *expected.detailed_exam;
    if (!same)
        differs("detailed_exam", word(*expected.detailed_exam),
                checkup.detailed_exam ? word(*checkup.detailed_exam != 0) : "");
}

}  // namespace

void run_example(Problems& problems, const Place& place, const CheckupPack& pack) {
    static constexpr auto kKeys = std::to_array<std::string_view>({"title", "row", "expect"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"row", "expect"});
    const Json* const row = reader.find("row");
    const Json* const expect = reader.find("expect");
    if (row == nullptr || expect == nullptr) return;
    if (!row->is_object())
        return reader.problem("row", "オブジェクトである必要があります", "must be an object");
    const Expected expected = read_expected(problems, Place(place, "expect", *expect));

    registry::NdjsonRow line(kCheckupColumns);
    const std::string text = line_of(*row);
    if (const auto read = line.read(text, 1); !read || !line.faults().empty())
        return reader.problem("row", "行として読めません(列名と値の型を確かめてください)",
                              "cannot be read as a row: look at column names and types");
    compare(problems, place, check_row(line.row(), pack), expected, pack);
}

}  // namespace shikaku::checkup
