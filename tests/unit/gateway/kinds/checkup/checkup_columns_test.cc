#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "gateway/kinds/checkup/checkup_fields.h"
#include "gateway/support/file.h"
#include "tests/unit/gateway/kinds/checkup/checkups.h"

using namespace checkup_test;
using namespace shikaku::checkup;
using domain::Form;

namespace {

std::string form_of(const CheckupField& field) {
    switch (field.form) {
        case Form::text:
            return fmt::format("text, at most {} characters", field.max);
        case Form::pack_entry:
            return "id of a checkup in the checkup pack";
        case Form::link_key:
            return "base64url of 32 bytes, without `=`";
        case Form::flag:
            return "`0` or `1`";
        case Form::yes_no:
            return "`0` or `1`; empty: not known";
        case Form::yen:
            return fmt::format("whole yen, 0 to {}", field.max);
        case Form::date:
            return "date";
        case Form::fiscal_year:
            return "fiscal year";
        case Form::institutions:
            return "institution code of 10 digits";
        case Form::items:
            return fmt::format("at most {} of `code:value` or `code:value:judgement`", field.max);
        case Form::payer_number:
        case Form::conditions:
            break;  // of subsidies
    }
    return {};
}

std::string page() {
    std::string text =
        "# Checkup columns\n\n"
        "Made from the table in [checkup_fields.h](../kinds/checkup/checkup_fields.h); a test "
        "holds the two equal.\n\n"
        "A municipality publishes who is invited to which checkup, and results, as CSV (CP932 or "
        "UTF-8, a header line, columns in any order) or\nNDJSON (an object a line), by "
        "`shikaku-publish checkups FILE`. One row is one checkup of one person in one fiscal year: "
        "the invitation, and\nlater, under the same `history_key`, the result beside it. What "
        "checkups, items and codes there are says the "
        "[checkup pack](checkup-packs.md).\n\n"
        "| column | Japanese names | form | required |\n"
        "|---|---|---|---|\n";
    for (const CheckupField& field : kCheckupFields) {
        const auto& [japanese, other] = field.japanese;
        text += fmt::format("| `{}` | {}{}{} | {} | {} |\n", field.name, japanese,
                            other.empty() ? "" : ", ", other, form_of(field),
                            field.need == domain::Need::required ? "yes" : "");
    }
    text +=
        "\n"
        "* An invitation has `invited_from` and `invited_to`; a result has `examined_on`. A row "
        "has one of the two, or both.\n"
        "* A date is `2026-04-01`, `20260401`, `R8.4.1` or `令和8年4月1日`; a fiscal year `2026`, "
        "`R8` or `令和8年度`.\n"
        "* Several items stand in one value, with `;` between them, no code twice. Codes, numbers "
        "and choices are held against the pack.\n"
        "* `detailed_exam` empty is told to the desk as not known, never as \"not needed\".\n"
        "* In NDJSON every value may be a text; flags may be `true` or `false`, yen and fiscal "
        "years whole numbers, items a list of texts.\n"
        "* A row with `deleted` 1 needs its `history_key` only.\n"
        "* `shikaku-publish` takes a column `personal_number` (個人番号) in the place of "
        "`link_key`. A number of the form of a 個人番号 is refused in\n  every other column.\n";
    return text;
}

}  // namespace

TEST_CASE("gateway/docs/checkup-columns.md is what the table says") {
    const auto path = std::filesystem::path(SHIKAKU_SOURCE_DIR) / "gateway/docs/checkup-columns.md";
    if (std::getenv("SHIKAKU_UPDATE_DOCS") != nullptr) REQUIRE(write_file(path, page()));
    const auto committed = read_file(path);
    REQUIRE(committed);
    INFO("run with SHIKAKU_UPDATE_DOCS=1 to write the page anew");
    CHECK((*committed == page()));
}
