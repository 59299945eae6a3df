#include "gateway/registry/hold_back.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace shikaku::registry {
namespace {

bool more_than(std::uint64_t part, std::uint64_t percent, std::uint64_t whole) {
    return part * 100 > whole * percent;
}

domain::Localized ends_many(std::uint64_t ended, std::uint64_t in_force) {
    return {fmt::format("現在有効な{}件のうち{}件が終了します。", in_force, ended),
            fmt::format("{} of {} rows in force would end.", ended, in_force)};
}

domain::Localized empties_many(std::string_view column, std::uint64_t emptied,
                               std::uint64_t in_force) {
    return {fmt::format("現在有効な{}件のうち{}件で列「{}」が空になります。", in_force, emptied,
                        column),
            fmt::format("Column \"{}\" would become empty in {} of {} rows in force.", column,
                        emptied, in_force)};
}

domain::Localized empties_all(std::string_view column, std::uint64_t before) {
    return {fmt::format("列「{}」は{}件で値がありましたが、すべて空になります。", column, before),
            fmt::format("Column \"{}\" had a value in {} rows and would be empty everywhere.",
                        column, before)};
}

domain::Localized refuses_many(std::uint64_t refused, std::uint64_t read) {
    return {fmt::format("{}行のうち{}行を受け付けられませんでした。", read, refused),
            fmt::format("{} of {} rows were refused.", refused, read)};
}

domain::Localized moves_to_others(std::uint64_t rows, std::uint64_t in_force) {
    return {fmt::format("現在有効な{}件のうち{}件が別の人の行になります。"
                        "連携用秘密鍵が違うか、履歴キーがずれている可能性があります。",
                        in_force, rows),
            fmt::format("{} of {} rows in force would become another person's: the linkage secret "
                        "may be a wrong one, or history keys have shifted.",
                        rows, in_force)};
}

domain::Localized not_valid_today(const Comparison& comparison) {
    return {fmt::format("現在有効な{}件のうち、{}件が有効期間の変更で今日は有効でなくなり、"
                        "{}件が終了します。",
                        comparison.in_force, comparison.no_longer_valid, comparison.ended),
            fmt::format("Of {} rows in force, {} would no longer be valid today by a change of "
                        "their period, and {} would end.",
                        comparison.in_force, comparison.no_longer_valid, comparison.ended)};
}

domain::Localized shifts_periods(std::uint64_t rows, std::uint64_t in_force) {
    return {
        fmt::format("現在有効な{}件のうち{}件で、有効期間が2年を超えて動きます。", in_force, rows),
        fmt::format("In {} of {} rows in force the period would move by more than two years.", rows,
                    in_force)};
}

domain::Localized cannot_compare(std::uint64_t rows, std::uint64_t in_force) {
    return {fmt::format("現在有効な{}件のうち{}件は読めないため、変更点を比べられませんでした。",
                        in_force, rows),
            fmt::format("{} of {} rows in force cannot be read and were not compared.", rows,
                        in_force)};
}

std::string joined(const std::vector<std::uint64_t>& lines, std::string_view separator, bool more) {
    return fmt::format("{}{}", fmt::join(lines, separator), more ? "…" : "");
}

domain::Localized ends_unattributed(const Comparison& comparison) {
    const auto& lines = comparison.unattributed_lines;
    const bool more = comparison.unattributed > lines.size();
    return {fmt::format("だれの行か分からない行が{}行あります({}行目)。有効にすると{}件が終了し、"
                        "その行の人が含まれるおそれがあります。行を直して送り直してください。",
                        comparison.unattributed, joined(lines, "、", more), comparison.ended),
            fmt::format("Whose rows {} of the file are is not known (line {}). {} rows in force "
                        "would end, theirs perhaps among them. Mend these lines and publish again.",
                        comparison.unattributed, joined(lines, ", ", more), comparison.ended)};
}

domain::Localized leaves_out_unattributed(const Comparison& comparison) {
    const auto& lines = comparison.unattributed_lines;
    const bool more = comparison.unattributed > lines.size();
    return {
        fmt::format("だれの行か分からない行が{}行あります({}行目)。有効にすると、その行の人が"
                    "「登録なし」と答えられるおそれがあります。行を直して送り直してください。",
                    comparison.unattributed, joined(lines, "、", more)),
        fmt::format("Whose rows {} of the file are is not known (line {}). Once it is in force, "
                    "the people of these rows would be told that there is no record of them. "
                    "Mend these lines and publish again.",
                    comparison.unattributed, joined(lines, ", ", more))};
}

domain::Localized ends_by_nothing(std::uint64_t ended) {
    return {fmt::format("ファイルに1行もないのに、{}件が終了します。", ended),
            fmt::format("The file has no rows at all, and {} rows in force would end.", ended)};
}

}  // namespace

std::vector<domain::Localized> reasons_to_hold(const Comparison& comparison,
                                               const PublicationReport& report,
                                               const Columns& columns,
                                               const HoldBackLimits& limits) {
    std::vector<domain::Localized> reasons;
    const auto suspicious = [&](std::uint64_t rows) {
        return rows >= limits.rows_min &&
               more_than(rows, limits.share_percent, comparison.in_force);
    };
    if (suspicious(comparison.ended))
        reasons.push_back(ends_many(comparison.ended, comparison.in_force));
    if (suspicious(comparison.other_person))
        reasons.push_back(moves_to_others(comparison.other_person, comparison.in_force));
    // Together: to a desk both are a no.
    if (comparison.no_longer_valid > 0 && suspicious(comparison.ended + comparison.no_longer_valid))
        reasons.push_back(not_valid_today(comparison));
    if (suspicious(comparison.shifted))
        reasons.push_back(shifts_periods(comparison.shifted, comparison.in_force));
    if (suspicious(comparison.not_comparable))
        reasons.push_back(cannot_compare(comparison.not_comparable, comparison.in_force));
    if (report.mode == Mode::full && comparison.unattributed > 0) {
        if (comparison.ended > 0)
            reasons.push_back(ends_unattributed(comparison));
        else if (comparison.in_force == 0 || comparison.added > 0 || comparison.newly_nobodys > 0)
            reasons.push_back(leaves_out_unattributed(comparison));
    }
    if (report.mode == Mode::full && comparison.ended > 0 && report.read == 0)
        reasons.push_back(ends_by_nothing(comparison.ended));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string_view column = columns.name(static_cast<Column>(i));
        const bool gone = report.mode == Mode::full && comparison.emptied[i] > 0 &&
                          comparison.filled_after[i] == 0 &&
                          comparison.filled_before[i] >= limits.rows_min;
        if (suspicious(comparison.emptied[i])) {
            reasons.push_back(empties_many(column, comparison.emptied[i], comparison.in_force));
        } else if (gone) {
            reasons.push_back(empties_all(column, comparison.filled_before[i]));
        }
    }
    if (report.mode == Mode::full && more_than(report.refused, limits.refused_percent, report.read))
        reasons.push_back(refuses_many(report.refused, report.read));
    return reasons;
}

}  // namespace shikaku::registry
