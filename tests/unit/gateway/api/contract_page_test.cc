// gateway/docs/contract.md: what stands there between "made from the code" and "as far as here" is
// what the code's tables say, and its example is an answer of the code.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>

#include "gateway/api/answer_body.h"
#include "gateway/api/api.h"
#include "gateway/api/problem.h"
#include "gateway/domain/scheme_pack.h"
#include "gateway/domain/texts.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/row_remark.h"
#include "gateway/support/file.h"
#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::api {
namespace {

using domain::test::answered;
using domain::test::authority;
using domain::test::entitlement;
using domain::test::instant;
using domain::test::kHachioji;

const std::filesystem::path kSources = SHIKAKU_SOURCE_DIR;

std::string roles_of(unsigned roles) {
    if (roles == kAnyone) return "any";
    std::string out;
    for (const auto role : {identity::Role::institution, identity::Role::authority,
                            identity::Role::auditor, identity::Role::operator_}) {
        if ((roles & who(role)) == 0) continue;
        if (!out.empty()) out += ", ";
        out += identity::name(role);
    }
    return out;
}

std::string size_of(std::uint64_t bytes) {
    if (bytes == 0) return "none";
    constexpr std::uint64_t kKibi = 1024;
    if (bytes % (kKibi * kKibi * kKibi) == 0)
        return fmt::format("{} GiB", bytes / (kKibi * kKibi * kKibi));
    if (bytes % (kKibi * kKibi) == 0) return fmt::format("{} MiB", bytes / (kKibi * kKibi));
    return fmt::format("{} KiB", bytes / kKibi);
}

std::string calls() {
    std::string out = "| call | roles | body at most |\n|---|---|---:|\n";
    for (const Route& route : Api::routes(nullptr))
        out += fmt::format("| `{} {}` | {} | {} |\n", http::name(route.method), route.pattern,
                           roles_of(route.roles), size_of(route.body.bytes_max));
    return out;
}

std::string settings() {
    std::string out;
    for (const domain::Setting setting : domain::kAllSettings)
        out += fmt::format("{}`{}`", out.empty() ? "" : ", ", domain::name(setting));
    return out + '\n';
}

std::string reasons() {
    std::string out =
        "| reason | outcome | recommended action | what people read |\n|---|---|---|---|\n";
    for (const domain::ReasonInfo& reason : domain::kReasons)
        out +=
            fmt::format("| `{}` | `{}` | `{}` | {} |\n", reason.name, domain::name(reason.outcome),
                        reason.recommended_action, domain::advice(reason.name).title.en);
    return out;
}

std::string codes(std::string_view heading, std::span<const std::string_view> all) {
    std::string out = fmt::format("| {} | what people read |\n|---|---|\n", heading);
    for (const std::string_view code : all)
        out += fmt::format("| `{}` | {} |\n", code, domain::advice(code).title.en);
    return out;
}

std::string problems() {
    std::string out = "| status | code | retryable | means |\n|---:|---|---|---|\n";
    for (const ErrorInfo& error : all_errors()) {
        if (error.code >= ErrorCode::source_unavailable) continue;  // never a response of ours
        out += fmt::format("| {} | `{}` | {} | {} |\n", error.http_status, error.name,
                           error.retryable ? "yes" : "", error.title);
    }
    return out;
}

std::string row_codes() {
    std::string out = "| code | kept | means |\n|---|---|---|\n";
    for (int code = 0; code <= static_cast<int>(registry::RowCode::result_without_date); ++code) {
        const auto row = registry::describe(
            {.line = 1, .column = {}, .code = static_cast<registry::RowCode>(code)},
            registry::kEntitlementColumns);
        out +=
            fmt::format("| `{}` | {} | {} |\n", row.code, row.warning ? "yes" : "", row.message.en);
    }
    return out;
}

// A child of Hachioji at a clinic in Tokyo, with the scheme pack that comes with the project.
std::string example() {
    const auto code = authority(kHachioji);
    const std::string text =
        read_file(kSources / "municipal-mocks/schemes" / (std::string(kHachioji) + ".json"))
            .value();
    domain::RuleBook rules;
    rules.packs.emplace(code, domain::read_scheme_pack(text, code, "1").pack);

    auto row = entitlement("maru-ko", "88131248");
    row.certificate_name = "マル子医療証";
    domain::Case facts = domain::test::facts({answered(kHachioji, {std::move(row)})});
    facts.query.insurance = domain::Insurance{.status = domain::Insurance::Status::unknown,
                                              .insurer = domain::InsurerNumber::parse("01130012"),
                                              .symbol = {},
                                              .number = {},
                                              .branch = {},
                                              .copay_ratio_percent = {},
                                              .as_of = {}};
    const inquiry::Proven proven{
        .answer = inquiry::derive_answer(facts, rules, "01KAH3EAG0T1Z8M7J6Q5R4S3W2",
                                         instant("2026-11-20") + std::chrono::seconds(3)),
        .index = 4711,
        .receipt = {}};
    return parse_json(answer_body(proven_body(proven), "shikaku.example/log", "")).value().dump(2) +
           '\n';
}

std::string problem_example() {
    const Error error(ErrorCode::invalid_field, "service_date lies more than 2 years back",
                      "/service_date");
    return parse_json(problem_json(error, "desk-3-000271")).value().dump(2) + '\n';
}

struct Block {
    std::string_view name;
    std::string text;
};

std::vector<Block> blocks() {
    const auto json = [](const std::string& text) { return "```json\n" + text + "```\n"; };
    return {{.name = "calls", .text = calls()},
            {.name = "settings", .text = settings()},
            {.name = "example", .text = json(example())},
            {.name = "reasons", .text = reasons()},
            {.name = "warnings", .text = codes("warning", domain::kWarnings)},
            {.name = "notes", .text = codes("note", domain::kNotes)},
            {.name = "problem example", .text = json(problem_example())},
            {.name = "problems", .text = problems()},
            {.name = "row codes", .text = row_codes()}};
}

// The page with each block as the code makes it; empty: a block has no place.
std::string made_anew(std::string page) {
    for (const Block& block : blocks()) {
        const std::string begin = fmt::format("<!-- made from the code: {} -->\n", block.name);
        const auto from = page.find(begin);
        const auto to = page.find("<!-- as far as here -->\n", from);
        if (from == std::string::npos || to == std::string::npos) return {};
        page.replace(from + begin.size(), to - from - begin.size(), block.text);
    }
    return page;
}

TEST_CASE("gateway/docs/contract.md is what the code's tables say") {
    const auto path = kSources / "gateway/docs/contract.md";
    const std::string page = read_file(path).value();
    const std::string anew = made_anew(page);
    REQUIRE_FALSE(anew.empty());
    if (std::getenv("SHIKAKU_UPDATE_DOCS") != nullptr) REQUIRE(write_file(path, anew));
    INFO("run with SHIKAKU_UPDATE_DOCS=1 to write it anew");
    CHECK((read_file(path).value() == anew));
}

}  // namespace
}  // namespace shikaku::api
