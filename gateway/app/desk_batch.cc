#include "gateway/app/desk_batch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "gateway/app/card_reader.h"
#include "gateway/app/desk_print.h"
#include "gateway/app/progress.h"
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
    command.footer(
        "Exit code / 終了コード:\n"
        "  0  every question was answered, whatever the answers / すべてに回答があった\n"
        "  1  some questions were refused; each says why / 受け付けられない照会があった\n"
        "  2  wrong use / 使い方の誤り\n"
        "  3  not every question reached an answer / 回答を得られない照会があった");
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
        Json question = tapped->ask();
        if (!service_date_.empty()) question["service_date"] = service_date_;
        out.push_back({.title = tapped->title, .question = question.dump()});
    }
    if (out.empty())
        return fail(ErrorCode::bad_configuration, "a file of questions (or --card) is missing");
    return out;
}

DeskBatch::Counts DeskBatch::print(const std::vector<Line>& asked,
                                   const std::vector<std::string>& answers, bool colour) const {
    Counts counts;
    for (std::size_t index = 0; index < answers.size(); ++index) {
        const auto answer = parse_json(answers[index]);
        const bool is_problem = !answer || !answer->is_object() || answer->contains("code");
        const std::string outcome =
            is_problem ? std::string() : answer->value("outcome", std::string());
        counts.refused += is_problem ? 1 : 0;
        counts.eligible += outcome == "eligible" ? 1 : 0;
        counts.unknown += outcome == "unknown" ? 1 : 0;
        if (json_) {
            std::cout << answers[index] << '\n';
        } else if (answer && answer->is_object()) {
            std::cout << "── " << asked[index].title << '\n';
            if (is_problem)
                print_problem(std::cout, *answer, {.colour = colour});
            else
                print_answer(std::cout, *answer, {.colour = colour});
        }
    }
    if (!json_)
        std::cout << fmt::format(
            "\n{0}件中 使える {1}件、確認できない {2}件、エラー {3}件 / "
            "{1} of {0} may be used, {2} not known, {3} refused\n",
            answers.size(), counts.eligible, counts.unknown, counts.refused);
    return counts;
}

Status DeskBatch::ask(http::Client& client, std::span<const Line> lines,
                      std::vector<std::string>& answers) const {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.target = "/v1/eligibility/batch";
    request.content_type = "application/x-ndjson";
    for (const Line& line : lines)
        request.body += line.question + "\n";
    const auto response = client.send_and_wait(std::move(request), std::chrono::seconds(120));
    if (!response) return fail(response.error());
    if (response->status != 200) {
        const auto problem = parse_json(response->body);
        if (problem && problem->is_object()) print_problem(std::cerr, *problem, {});
        return fail(not_answered(response->status) ? ErrorCode::source_unavailable
                                                   : ErrorCode::invalid_field,
                    fmt::format("HTTP {}", response->status));
    }
    std::size_t answered = 0;
    for (const std::string_view text : split(response->body, '\n')) {
        if (text.empty() || answered == lines.size()) continue;
        answers.emplace_back(text);
        ++answered;
    }
    if (answered != lines.size())
        return fail(ErrorCode::source_malformed, "fewer answers than questions");
    return {};
}

int DeskBatch::run(bool colour) {
    const auto asked = lines();
    if (!asked) return report_wrong_use("shikaku-desk", asked.error());
    const auto client = client_.connect();
    if (!client) return report_wrong_use("shikaku-desk", client.error());

    Progress progress(std::cerr, asked->size(), isatty(STDERR_FILENO) != 0);
    std::vector<std::string> answers;
    Status done;
    for (const std::span<const Line> all(*asked); done && answers.size() < all.size();) {
        const auto rest = all.subspan(answers.size());
        done = ask(**client, rest.first(std::min(rest.size(), bounds::kBatchWindow)), answers);
        if (asked->size() > bounds::kBatchWindow) progress.advance(answers.size(), answers.size());
    }
    progress.finish();
    const Counts counts = print(*asked, answers, colour);
    if (!done) return report_error("shikaku-desk", done.error());
    return counts.refused == 0 ? kExitOk : kExitNo;
}

}  // namespace shikaku::app
