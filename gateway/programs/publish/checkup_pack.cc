#include "gateway/programs/publish/checkup_pack.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "gateway/kinds/checkup/checkup_pack.h"
#include "gateway/programs/client/print.h"
#include "gateway/programs/publish/pack_comparison.h"
#include "gateway/programs/publish/print.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::programs {
namespace {

constexpr std::string_view kProgram = "shikaku-publish";

checkup::CheckupPackResult read(const std::string& pack) {
    if (const auto authority = authority_of(pack))
        return checkup::read_checkup_pack(pack, *authority, "check", checkup::Examples::run);
    return {.pack = nullptr,
            .problems = {
                {.pointer = {},
                 .text = {.ja = "検診パックとして読めません", .en = "this is no checkup pack"}}}};
}

}  // namespace

void PublishCheckupPack::add_to(CLI::App& command) {
    command.add_option("file", file_, "Checkup pack (JSON) / 検診パック")->required();
    command.add_flag("--check", check_,
                     "Only run its examples here, no gateway needed / 例を確認するだけ");
    command.add_flag("--json", json_, "Print the answer as JSON");
    command.footer(
        "Exit code / 終了コード:\n"
        "  0  in force; with --check: the examples hold / 有効になった(--check: 例のとおり)\n"
        "  1  refused; with --check: some fail / 受け付けられない(--check: 例と違う)\n"
        "  2  wrong use / 使い方の誤り\n"
        "  3  no answer / 回答がない");
}

int PublishCheckupPack::run() {
    auto pack = read_file(file_, bounds::kSchemePackBytes);
    if (!pack) return report_wrong_use(kProgram, pack.error());
    return check_ ? check(*pack) : send(std::move(*pack));
}

int PublishCheckupPack::check(const std::string& pack) const {
    const auto result = read(pack);
    if (json_) {
        Json out{{"good", result.pack != nullptr},
                 {"examples_run", result.examples_run},
                 {"problems", Json::array()}};
        for (const auto& problem : result.problems)
            out["problems"].push_back(
                {{"pointer", problem.pointer},
                 {"message", {{"ja", problem.text.ja}, {"en", problem.text.en}}}});
        std::cout << out.dump() << '\n';
    } else if (result.pack) {
        std::cout << fmt::format("○ 例は{0}件すべてそのとおりです / all {0} examples hold\n",
                                 result.examples_run);
    } else {
        std::cout << "× このままでは受け付けられません / it would be refused\n";
        for (const auto& problem : result.problems)
            print_pack_problem(std::cout, problem.pointer, problem.text);
    }
    return result.pack ? kExitOk : kExitNo;
}

int PublishCheckupPack::send(std::string pack) const {
    const auto client = client_.connect();
    if (!client) return report_wrong_use(kProgram, client.error());
    http::ClientRequest request{.method = http::Method::put,
                                .target = "/v1/checkup-packs",
                                .content_type = "application/json",
                                .body = std::move(pack)};
    const auto response = (*client)->send_and_wait(std::move(request), bounds::kDeskPatience);
    if (!response) return report_no_answer(kProgram, **client, response.error());
    const auto body = parse_json(response->body);
    if (!body || !body->is_object())
        return report_error(kProgram, {ErrorCode::source_malformed, "no JSON was answered", {}});
    if (json_) {
        std::cout << response->body << '\n';
    } else if (response->status == 200) {
        std::cout << fmt::format(
            "検診パックを有効にしました / checkup pack in force  {}\n"
            "  検診 / checkups {}, 例 / examples {}\n",
            body->value("version", ""), body->value("checkups", 0), body->value("examples_run", 0));
    } else if (response->status == 422) {
        std::cout << "検診パックを受け付けませんでした / the checkup pack was refused\n";
        for (const Json& problem : body->value("problems", Json::array())) {
            const Json message = problem.value("message", Json::object());
            print_pack_problem(std::cout, problem.value("pointer", ""),
                               {.ja = message.value("ja", ""), .en = message.value("en", "")});
        }
    } else {
        print_problem(std::cout, *body, {});
    }
    if (response->status == 200) return kExitOk;
    return not_answered(response->status) ? kExitUnreachable : kExitNo;
}

}  // namespace shikaku::programs
