#include "gateway/app/desk_batch.h"

#include <iostream>

#include "gateway/app/card_reader.h"
#include "gateway/app/desk_print.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/text.h"

namespace shikaku::app {

void DeskBatch::add_to(CLI::App& command) {
    client_.add_to(command);
    command.add_option("file", questions_file_,
                       "NDJSON: one question a line, as for POST /v1/eligibility / 質問のファイル");
    command.add_option("--card", cards_, "Demo cards / デモ用カード");
    command.add_option("--date", service_date_, "Service date for demo cards YYYY-MM-DD / 診療日");
    command.add_flag("--json", json_, "Print the answers as NDJSON");
}

Result<std::vector<DeskBatch::Line>> DeskBatch::lines() const {
    std::vector<Line> out;
    if (!questions_file_.empty()) {
        const auto text = read_file(questions_file_, bounds::kBatchBodyBytes);
        if (!text) return fail(text.error());
        for (const std::string_view line : split(*text, '\n')) {
            if (!trim(line).empty())
                out.push_back(
                    {.title = std::to_string(out.size() + 1), .question = std::string(line)});
        }
    }
    for (const std::string& card : cards_) {
        CardReader reader;
        reader.card_file = card;
        reader.certificate_file = client_.certificate_file();
        const auto tapped = reader.tap();
        if (!tapped) return fail(tapped.error());
        Json question{{"card_token", tapped->token}};
        question["setting"] = tapped->question.value("setting", std::string("outpatient"));
        if (!service_date_.empty()) question["service_date"] = service_date_;
        out.push_back({.title = tapped->title, .question = question.dump()});
    }
    if (out.empty())
        return fail(ErrorCode::bad_configuration, "a file of questions (or --card) is missing");
    return out;
}

int DeskBatch::print(const std::vector<Line>& asked, const std::string& answers,
                     bool colour) const {
    std::size_t index = 0;
    std::size_t eligible = 0;
    std::size_t refused = 0;
    for (const std::string_view text : split(answers, '\n')) {
        if (text.empty()) continue;
        const auto answer = parse_json(text);
        const bool is_problem = !answer || !answer->is_object() || answer->contains("code");
        refused += is_problem ? 1 : 0;
        if (json_) {
            std::cout << text << '\n';
        } else if (answer && answer->is_object()) {
            std::cout << "── " << (index < asked.size() ? asked[index].title : "?") << '\n';
            if (is_problem)
                print_problem(std::cout, *answer, {.colour = colour});
            else
                print_answer(std::cout, *answer, {.colour = colour});
            eligible += answer->value("outcome", std::string()) == "eligible" ? 1 : 0;
        }
        ++index;
    }
    if (!json_)
        std::cout << "\n"
                  << index << "件中 使える " << eligible << "件、エラー " << refused << "件 / "
                  << eligible << " of " << index << " may be used, " << refused << " refused\n";
    return refused == 0 && index == asked.size() ? kExitOk : kExitNo;
}

int DeskBatch::run(bool colour) {
    const auto asked = lines();
    if (!asked) return report_error("shikaku-desk", asked.error());
    const auto client = client_.connect();
    if (!client) return report_error("shikaku-desk", client.error());
    std::string body;
    for (const Line& line : *asked)
        body += line.question + "\n";
    http::ClientRequest request;
    request.method = http::Method::post;
    request.target = "/v1/eligibility/batch";
    request.content_type = "application/x-ndjson";
    request.body = std::move(body);
    const auto response = (*client)->send_and_wait(std::move(request), std::chrono::seconds(120));
    if (!response) return report_error("shikaku-desk", response.error());
    if (response->status != 200) {
        if (const auto problem = parse_json(response->body); problem && problem->is_object())
            print_problem(std::cerr, *problem, {.colour = colour});
        return response->status >= 500 ? kExitUnreachable : kExitNo;
    }
    return print(*asked, response->body, colour);
}

}  // namespace shikaku::app
