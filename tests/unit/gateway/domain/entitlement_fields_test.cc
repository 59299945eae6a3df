#include "gateway/domain/entitlement_fields.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "gateway/support/file.h"

namespace shikaku::domain {
namespace {

std::string form_of(const EntitlementField& field) {
    switch (field.form) {
        case Form::text:
            return fmt::format("text, at most {} characters", field.max);
        case Form::pack_entry:
            return "id of a scheme in the scheme pack";
        case Form::link_key:
            return "base64url of 32 bytes, without `=`";
        case Form::flag:
            return "`0` or `1`";
        case Form::yen:
            return fmt::format("whole yen, 0 to {}", field.max);
        case Form::date:
            return "date";
        case Form::payer_number:
            return "8 digits";
        case Form::conditions:
            return fmt::format("at most {} codes of at most {} letters, digits, `-` `_` `.`",
                               field.max, bounds::kConditionMax);
        case Form::institutions:
            return fmt::format("at most {} institution codes of 10 digits", field.max);
        case Form::fiscal_year:
        case Form::yes_no:
        case Form::items:
            break;  // of other kinds of record
    }
    return {};
}

std::string page() {
    std::string text =
        "# Recipient columns\n\n"
        "Made from the table in [entitlement_fields.h](../domain/entitlement_fields.h); a test "
        "holds the two equal.\n\n"
        "A municipality publishes its recipients as CSV (CP932 or UTF-8, a header line, columns in "
        "any order) or NDJSON (an object a line). A\nheader or member is called by the column's "
        "name or by one of its Japanese names. A live source names the same fields by paths of "
        "its own\n([adapters](../../adapters/README.md)).\n\n"
        "| column | Japanese names | form | required | path in a live answer, unless configured "
        "|\n"
        "|---|---|---|---|---|\n";
    for (const EntitlementField& field : kEntitlementFields) {
        const auto& [japanese, other] = field.japanese;
        text += fmt::format("| `{}` | {}{}{} | {} | {} | {} |\n", field.name, japanese,
                            other.empty() ? "" : ", ", other, form_of(field),
                            field.need == Need::required ? "yes" : "",
                            field.wire.empty() ? "" : fmt::format("`{}`", field.wire));
    }
    text +=
        "\n"
        "* A date is `2026-04-01`, `20260401`, `R8.4.1` or `令和8年4月1日`, from Meiji on.\n"
        "* Several codes stand in one value, with `;` between them.\n"
        "* An empty value is as good as none. In a file, spaces around a value are dropped, wide "
        "ones "
        "too.\n"
        "* In NDJSON and live answers every value may be a text. A flag may also be `true` or "
        "`false`, yen a whole number, codes a list of texts,\n  and `null` stands for empty.\n"
        "* A row with `deleted` 1 needs its `history_key` only. A wrong check digit of a payer "
        "number is a warning, never a refusal.\n"
        "* In a live answer `history_key`, `valid_from` and `valid_to` are required, and one of "
        "`scheme_id` and `payer_number`.\n"
        "* A number of the form of a 個人番号 is refused in every column.\n";
    return text;
}

}  // namespace

TEST_CASE("gateway/docs/recipient-columns.md is what the table says") {
    const auto path =
        std::filesystem::path(SHIKAKU_SOURCE_DIR) / "gateway/docs/recipient-columns.md";
    if (std::getenv("SHIKAKU_UPDATE_DOCS") != nullptr) REQUIRE(write_file(path, page()));
    const auto committed = read_file(path);
    REQUIRE(committed);
    INFO("run with SHIKAKU_UPDATE_DOCS=1 to write the page anew");
    CHECK((*committed == page()));
}

TEST_CASE("names and compact names are each one field's") {
    for (const EntitlementField& field : kEntitlementFields) {
        for (const EntitlementField& other : kEntitlementFields.first(field.number)) {
            CHECK(field.name != other.name);
            CHECK((field.compact.empty() || field.compact != other.compact));
            CHECK((field.wire.empty() || field.wire != other.wire));
        }
        // The gateway's own members beside them.
        CHECK((field.compact != "ch" && field.compact != "rv" && field.compact != "lo"));
        CHECK(std::holds_alternative<std::monostate>(field.member) == field.compact.empty());
    }
}

}  // namespace shikaku::domain
