#include "gateway/programs/desk/check.h"

#include <iostream>

#include "gateway/programs/client/exit_code.h"
#include "gateway/programs/client/print.h"
#include "gateway/support/bounds.h"

namespace shikaku::programs {

void DeskCheck::add_to(CLI::App& command) {
    client_.add_to(command);
    trouble_.add_to(command);
    command.add_option("--token", reader_.token_file,
                       "Card token from the reader, - for standard input / カードトークン");
    command.add_option("--card", reader_.card_file, "Demo card / デモ用カード");
    command.add_option("--setting", setting_, "outpatient, inpatient, pharmacy, ... / 診療の区分");
    command.add_option("--date", service_date_, "Service date YYYY-MM-DD / 診療日 (既定: 今日)");
    command.add_option("--priority", priority_, "emergency, walk_in, scheduled, bulk / 優先度");
    command.add_option("--known", known_content_hash_, "content_hash of the last answer");
    command.add_flag("--receipt", receipt_, "Ask for the proof / 記録の証明も受け取る");
    command.add_flag("--explain", explain_, "Show the rules looked at / 判定の根拠も表示する");
    command.add_flag("--json", json_, "Print the answer as JSON");
    command.footer(
        "Exit code / 終了コード:\n"
        "  0  a subsidy may be used / 使える助成がある\n"
        "  1  none may be used / 使える助成がない\n"
        "  2  wrong use, or the question was refused / 使い方か照会内容の誤り\n"
        "  3  not known, or no answer; this is no \"no\" / 確認できない、または回答がない");
}

std::string DeskCheck::question(const CardReader::Tapped& tapped) const {
    Json body = tapped.ask();
    if (!setting_.empty()) body["setting"] = setting_;
    if (!service_date_.empty()) body["service_date"] = service_date_;
    if (!priority_.empty()) body["priority"] = priority_;
    if (!known_content_hash_.empty()) body["known_content_hash"] = known_content_hash_;
    if (explain_) body["explain"] = true;
    return body.dump();
}

int DeskCheck::run(bool colour) {
    reader_.certificate_file = client_.certificate_file();
    const auto tapped = reader_.tap();
    if (!tapped) return report_wrong_use("shikaku-desk", tapped.error());
    const auto client = client_.connect();
    if (!client) return report_wrong_use("shikaku-desk", client.error());

    http::ClientRequest request;
    request.method = http::Method::post;
    request.target = "/v1/eligibility";
    request.content_type = "application/json";
    request.body = question(*tapped);
    if (receipt_) request.headers.push_back({"Prefer", "receipt"});
    const auto response = (*client)->send_and_wait(std::move(request), bounds::kDeskPatience);
    if (!response)
        return trouble_.report(no_answer(response.error(), (*client)->tls_trouble()), colour);
    const auto answer = gateways_answer(*response);
    if (!answer) return trouble_.report(not_the_gateways(*response), colour);

    if (json_) {
        std::cout << response->body << '\n';
    } else {
        if (!tapped->title.empty()) std::cout << "── " << tapped->title << '\n';
        if (response->status == 200)
            print_answer(std::cout, *answer, {.colour = colour});
        else
            print_problem(std::cout, *answer, {.colour = colour, .support = trouble_.support()});
    }
    return exit_code_of(response->status, *answer);
}

}  // namespace shikaku::programs
