#include "gateway/programs/publish/print.h"

#include <fmt/format.h>

#include <algorithm>

namespace shikaku::programs {
namespace {

struct StateText {
    registry::PublicationState state;
    std::string_view ja;
};
constexpr StateText kStates[] = {{registry::PublicationState::receiving, "受信中"},
                                 {registry::PublicationState::checking, "検査中"},
                                 {registry::PublicationState::held, "保留"},
                                 {registry::PublicationState::active, "有効"},
                                 {registry::PublicationState::rejected, "却下"},
                                 {registry::PublicationState::rolled_back, "取り消し"}};

void print_texts(std::ostream& out, std::string_view title,
                 const std::vector<domain::Localized>& texts) {
    if (texts.empty()) return;
    out << title << '\n';
    for (const domain::Localized& text : texts)
        out << "  - " << text.ja << "\n    " << text.en << '\n';
}

void print_count(std::ostream& out, std::string_view ja, std::string_view en, std::uint64_t count) {
    // Each of these Japanese labels is four wide characters.
    out << fmt::format("  {} {:<10} {:>10}\n", ja, en, count);
}

}  // namespace

void print_report(std::ostream& out, const registry::PublicationReport& report) {
    const auto* state = std::ranges::find(kStates, report.state, &StateText::state);
    out << fmt::format("{} / {}  {}  {}{}\n", state->ja, name(report.state), report.id,
                       name(report.mode), report.dry_run ? "  試行 / dry run" : "");
    print_count(out, "読込件数", "read", report.read);
    print_count(out, "新規　　", "new", report.added);
    print_count(out, "変更　　", "changed", report.changed);
    print_count(out, "終了　　", "ended", report.ended);
    print_count(out, "変更なし", "unchanged", report.unchanged);
    print_count(out, "受付不可", "refused", report.refused);
    print_count(out, "警告　　", "warnings", report.warnings);
    if (report.switched)
        out << "  有効になった時刻 / in force since " << to_rfc3339_jst(*report.switched) << '\n';
    if (report.log_index) out << "  記録 / log entry " << *report.log_index << '\n';
    print_texts(out, "却下の理由 / rejected because", report.rejected_because);
    print_texts(out, "保留の理由 / held because", report.held_because);
    print_rows(out, report.rows);
}

void print_pack_problem(std::ostream& out, const std::string& pointer,
                        const domain::Localized& text) {
    out << fmt::format("  {}\n    {}\n    {}\n", pointer, text.ja, text.en);
}

void print_rows(std::ostream& out, const std::vector<registry::RefusedRow>& rows) {
    for (const registry::RefusedRow& row : rows) {
        out << fmt::format("{} {}行目 / line {}  {}  {}\n    {}\n    {}\n",
                           row.warning ? "注意" : "不可", row.line, row.line,
                           row.column.empty() ? "-" : row.column, row.code, row.message.ja,
                           row.message.en);
    }
}

}  // namespace shikaku::programs
