#include "gateway/programs/desk/batch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <thread>

#include "gateway/programs/client/ask_again.h"
#include "gateway/programs/client/exit_code.h"
#include "gateway/programs/client/print.h"
#include "gateway/programs/client/progress.h"
#include "gateway/programs/desk/card_reader.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/text.h"

namespace shikaku::programs {

void DeskBatch::add_to(CLI::App& command) {
    client_.add_to(command);
    trouble_.add_to(command);
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
        SHIKAKU_TRY_LET(const auto text, read_file(questions_file_, bounds::kBatchBodyBytes));
        for (const std::string_view line : split(text, '\n')) {
            if (!trim(line).empty())
                out.push_back(
                    {.title = std::to_string(out.size() + 1), .question = std::string(line)});
        }
    }
    for (const std::string& card : cards_) {
        CardReader reader;
        reader.card_file = card;
        reader.certificate_file = client_.certificate_file();
        SHIKAKU_TRY_LET(const auto tapped, reader.tap());
        Json question = tapped.ask();
        if (!service_date_.empty()) question["service_date"] = service_date_;
        out.push_back({.title = tapped.title, .question = question.dump()});
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

// A batch is in no hurry: when the gateway says so, it waits.
Result<http::ClientResponse> DeskBatch::ask(http::Client& client,
                                            std::span<const std::string> questions) {
    constexpr int kAttempts = 20;
    constexpr int kLongestWaitSeconds = 60;
    http::ClientRequest request{.method = http::Method::post,
                                .target = "/v1/eligibility/batch",
                                .content_type = "application/x-ndjson"};
    for (const std::string& question : questions)
        request.body += question + "\n";
    for (int attempt = 1;; ++attempt) {
        auto response = client.send_and_wait(request, bounds::kBatchPatience);
        const bool told = response && response->status == 429;
        const std::string_view after =
            told ? http::find_header(response->headers, "Retry-After") : std::string_view();
        int seconds = 0;
        if (attempt == kAttempts || after.empty() ||
            std::from_chars(after.data(), after.data() + after.size(), seconds).ec != std::errc() ||
            seconds < 1 || seconds > kLongestWaitSeconds)
            return response;
        std::this_thread::sleep_for(std::chrono::seconds(seconds));
    }
}

bool DeskBatch::take(const http::ClientResponse& response, std::size_t lines,
                     std::vector<std::string>& answers) {
    if (response.status != 200 || !is_media_type(response, "application/x-ndjson")) return false;
    std::size_t answered = 0;
    for (const std::string_view text : split(response.body, '\n')) {
        if (text.empty() || answered == lines) continue;
        answers.emplace_back(text);
        ++answered;
    }
    return answered == lines;
}

int DeskBatch::report(const Result<http::ClientResponse>& stopped, http::TlsTrouble tls,
                      bool colour) const {
    if (!stopped) return trouble_.report(no_answer(stopped.error(), tls), colour);
    const auto problem = stopped->status == 200 ? std::optional<Json>() : gateways_answer(*stopped);
    if (!problem) return trouble_.report(not_the_gateways(*stopped), colour);
    print_problem(std::cerr, *problem, {.colour = colour, .support = trouble_.support()});
    return exit_code_of(stopped->status, *problem);
}

int DeskBatch::run(bool colour) {
    const auto asked = lines();
    if (!asked) return report_wrong_use("shikaku-desk", asked.error());
    const auto client = client_.connect();
    if (!client) return report_wrong_use("shikaku-desk", client.error());

    // Whether the gateway is there at all is found out with the patience of a desk. Once: it counts
    // as a request.
    const auto there = (*client)->send_and_wait(
        {.method = http::Method::head, .target = "/openapi.json"}, bounds::kDeskPatience);
    if (!there) return report(there, (*client)->tls_trouble(), colour);

    Progress progress(std::cerr, asked->size(), isatty(STDERR_FILENO) != 0);
    std::vector<std::string> answers;
    std::optional<Result<http::ClientResponse>> stopped;
    const auto ask_whole = [&client](std::span<const std::string> questions) {
        std::vector<std::string> said;
        const auto response = ask(**client, questions);
        if (!response || !take(*response, questions.size(), said)) said.clear();
        return said;
    };
    const auto pause = [](std::chrono::seconds time) { std::this_thread::sleep_for(time); };
    for (const std::span<const Line> all(*asked); !stopped && answers.size() < all.size();) {
        const auto rest = all.subspan(answers.size());
        std::vector<std::string> slice;
        for (const Line& line : rest.first(std::min(rest.size(), bounds::kBatchWindow)))
            slice.push_back(line.question);
        auto response = ask(**client, slice);
        if (!response || !take(*response, slice.size(), answers)) {
            stopped = std::move(response);
        } else {
            ask_again(slice, std::span(answers).last(slice.size()), ask_whole, pause);
        }
        if (asked->size() > bounds::kBatchWindow) progress.advance(answers.size(), answers.size());
    }
    progress.finish();
    const Counts counts = print(*asked, answers, colour);
    if (stopped) return report(*stopped, (*client)->tls_trouble(), colour);
    return counts.refused == 0 ? kExitOk : kExitNo;
}

}  // namespace shikaku::programs
