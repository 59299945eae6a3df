#include "gateway/programs/desk/checkups.h"

#include <iostream>

#include "gateway/programs/client/print.h"
#include "gateway/programs/desk/print_checkups.h"
#include "gateway/support/bounds.h"

namespace shikaku::programs {

void DeskCheckups::add_to(CLI::App& command) {
    client_.add_to(command);
    trouble_.add_to(command);
    command.add_option("--token", reader_.token_file,
                       "Card token from the reader, - for standard input / カードトークン");
    command.add_option("--card", reader_.card_file, "Demo card / デモ用カード");
    command.add_option("--date", service_date_, "Service date YYYY-MM-DD / 診療日 (既定: 今日)");
    command.add_flag("--receipt", receipt_, "Ask for the proof / 記録の証明も受け取る");
    command.add_flag("--json", json_, "Print the answer as JSON");
    command.footer(
        "Exit code / 終了コード:\n"
        "  0  invitations or results were found / 案内か結果がある\n"
        "  1  there is none / 登録がない\n"
        "  2  wrong use, or the question was refused / 使い方か照会内容の誤り\n"
        "  3  not known, or no answer; this is no \"no\" / 確認できない、または回答がない");
}

// What a demo card says of the setting belongs to the question about subsidies.
std::string DeskCheckups::question(const CardReader::Tapped& tapped) const {
    Json body{{"card_token", tapped.ask().at("card_token")}};
    if (!service_date_.empty()) body["service_date"] = service_date_;
    return body.dump();
}

int DeskCheckups::run(bool colour) {
    reader_.certificate_file = client_.certificate_file();
    const auto tapped = reader_.tap();
    if (!tapped) return report_wrong_use("shikaku-desk", tapped.error());
    const auto client = client_.connect();
    if (!client) return report_wrong_use("shikaku-desk", client.error());

    http::ClientRequest request;
    request.method = http::Method::post;
    request.target = "/v1/checkups";
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
            print_checkups(std::cout, *answer, colour);
        else
            print_problem(std::cout, *answer, {.colour = colour, .support = trouble_.support()});
    }
    return checkups_exit_code(response->status, *answer);
}

int checkups_exit_code(int http_status, const Json& answer) {
    if (http_status != 200) return not_answered(http_status) ? kExitUnreachable : kExitUsage;
    const auto outcome = answer.find("outcome");
    if (outcome == answer.end()) return kExitUnreachable;
    if (*outcome == "found") return kExitOk;
    return *outcome == "none" ? kExitNo : kExitUnreachable;
}

}  // namespace shikaku::programs
