#include "gateway/programs/publish/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "gateway/programs/client/print.h"
#include "gateway/programs/publish/check_pack.h"
#include "gateway/programs/publish/print.h"
#include "gateway/registry/report_json.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::programs {
namespace {

constexpr std::string_view kProgram = "shikaku-publish";
constexpr auto kStepTime = std::chrono::minutes(30);  // a release may write a million rows

bool colour() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

int show_problem(const http::ClientResponse& response, const Json& body, bool json) {
    if (json)
        std::cout << response.body << '\n';
    else
        print_problem(std::cout, body, {.colour = colour()});
    return not_answered(response.status) ? kExitUnreachable : kExitNo;
}

// Ids are ULIDs; anything else could change the path.
bool is_id(const std::string& text) {
    return text.size() == 26 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
}

int refuse_id() {
    return report_error(kProgram, {ErrorCode::invalid_field, "this is no publication id", {}});
}

void print_pack(const Json& body) {
    std::cout << fmt::format(
        "制度パックを有効にしました / scheme pack in force  {}\n"
        "  制度 / schemes {}, 例 / examples {}\n",
        body.value("version", ""), body.value("schemes", 0), body.value("examples_run", 0));
}

void print_refused_pack(const Json& body) {
    std::cout << "制度パックを受け付けませんでした / the scheme pack was refused\n";
    for (const Json& problem : body.value("problems", Json::array())) {
        const Json message = problem.value("message", Json::object());
        print_pack_problem(std::cout, problem.value("pointer", ""),
                           {.ja = message.value("ja", ""), .en = message.value("en", "")});
    }
}

}  // namespace

int show_report(const http::ClientResponse& response, bool json) {
    const auto body = parse_json(response.body);
    if (!body || !body->is_object())
        return report_error(kProgram, {ErrorCode::source_malformed, "no JSON was answered", {}});
    if (response.status >= 400) return show_problem(response, *body, json);
    const auto report = registry::read_report(*body);
    if (!report) return report_error(kProgram, {ErrorCode::source_malformed, "no report", {}});
    if (json)
        std::cout << response.body << '\n';
    else
        print_report(std::cout, *report);
    const bool bad = report->state == registry::PublicationState::held ||
                     report->state == registry::PublicationState::rejected;
    return bad ? kExitNo : kExitOk;
}

void PublishSchemes::add_to(CLI::App& command) {
    command.add_option("file", file_, "Scheme pack (JSON) / 制度パック")->required();
    auto* check = command.add_flag(
        "--check", check_, "Only run its examples here, no gateway needed / 例を確認するだけ");
    command
        .add_option("--against", against_, "Also show what changes from this pack / 変更点の比較元")
        ->needs(check);
    command.add_flag("--json", json_, "Print the answer as JSON");
    command.footer(
        "Exit code / 終了コード:\n"
        "  0  in force; with --check: the examples hold / 有効になった(--check: 例のとおり)\n"
        "  1  refused; with --check: some fail / 受け付けられない(--check: 例と違う)\n"
        "  2  wrong use / 使い方の誤り\n"
        "  3  no answer / 回答がない");
}

int PublishSchemes::run() {
    if (check_) return check_pack({.file = file_, .against = against_, .json = json_});
    auto pack = read_file(file_, bounds::kSchemePackBytes);
    if (!pack) return report_wrong_use(kProgram, pack.error());
    const auto client = client_.connect();
    if (!client) return report_wrong_use(kProgram, client.error());
    const auto response = (*client)->send_and_wait({.method = http::Method::put,
                                                    .target = "/v1/schemes",
                                                    .headers = {},
                                                    .content_type = "application/json",
                                                    .body = std::move(*pack),
                                                    .body_pieces = {}});
    if (!response) return report_no_answer(kProgram, **client, response.error());
    const auto body = parse_json(response->body);
    if (!body || !body->is_object())
        return report_error(kProgram, {ErrorCode::source_malformed, "no JSON was answered", {}});
    const bool refused = response->status == 422 && body->contains("problems");
    if (response->status >= 400 && !refused) return show_problem(*response, *body, json_);
    if (json_) {
        std::cout << response->body << '\n';
    } else {
        refused ? print_refused_pack(*body) : print_pack(*body);
    }
    return refused ? kExitNo : kExitOk;
}

void PublishStatus::add_to(CLI::App& command) {
    command.add_option("id", id_, "Publication / 公開のID")->required();
    command.add_option("--errors", errors_, "Save all refused rows as CSV / 全エラー行の保存先");
    command.add_flag("--json", json_, "Print the report as JSON");
}

int PublishStatus::run() {
    if (!is_id(id_)) return refuse_id();
    const auto client = client_.connect();
    if (!client) return report_wrong_use(kProgram, client.error());
    const auto response = (*client)->send_and_wait({.target = "/v1/publications/" + id_,
                                                    .headers = {},
                                                    .content_type = {},
                                                    .body = {},
                                                    .body_pieces = {}});
    if (!response) return report_no_answer(kProgram, **client, response.error());
    const int shown = show_report(*response, json_);
    if (errors_.empty() || response->status != 200) return shown;
    const int saved = save_errors(**client);
    return saved == kExitOk ? shown : saved;
}

int PublishStatus::save_errors(http::Client& client) const {
    const auto response = client.send_and_wait({.target = "/v1/publications/" + id_ + "/errors.csv",
                                                .headers = {},
                                                .content_type = {},
                                                .body = {},
                                                .body_pieces = {}});
    if (!response) return report_no_answer(kProgram, client, response.error());
    if (response->status != 200)
        return report_error(kProgram, {ErrorCode::source_malformed, "no errors.csv", {}});
    if (auto written = write_file(errors_, response->body); !written)
        return report_error(kProgram, written.error());
    return kExitOk;
}

void PublishStep::add_to(CLI::App& command) {
    command.add_option("id", id_, "Publication / 公開のID")->required();
    command.add_option("--reason", reason_, "Why, for the log / 理由(記録に残ります)")->required();
    command.add_flag("--json", json_, "Print the report as JSON");
}

int PublishStep::run() {
    if (!is_id(id_)) return refuse_id();
    const auto client = client_.connect();
    if (!client) return report_wrong_use(kProgram, client.error());
    std::string body;
    JsonWriter(body).begin_object().field("reason", reason_).end_object();
    const auto response =
        (*client)->send_and_wait({.method = http::Method::post,
                                  .target = fmt::format("/v1/publications/{}/{}", id_, step_),
                                  .headers = {},
                                  .content_type = "application/json",
                                  .body = std::move(body),
                                  .body_pieces = {}},
                                 kStepTime);
    if (!response) return report_no_answer(kProgram, **client, response.error());
    return show_report(*response, json_);
}

}  // namespace shikaku::programs
