#include "gateway/programs/client/ask_again.h"

#include "gateway/support/json.h"

namespace shikaku::programs {

bool is_refused_for_the_moment(const std::string& answer) {
    const auto problem = parse_json(answer);
    if (!problem || !problem->is_object() || !problem->contains("code")) return false;
    const auto again = problem->find("retryable");
    return again != problem->end() && again->is_boolean() && again->get<bool>();
}

void ask_again(std::span<const std::string> questions, std::span<std::string> answers,
               const AskSlice& ask, const Pause& pause) {
    constexpr int kAttemptsInVain = 4;
    constexpr auto kFirstPause = std::chrono::seconds(1);
    auto wait = kFirstPause;
    std::size_t before = answers.size() + 1;
    for (int in_vain = 0; in_vain <= kAttemptsInVain; ++in_vain) {
        std::vector<std::size_t> places;
        std::vector<std::string> left;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (!is_refused_for_the_moment(answers[i])) continue;
            places.push_back(i);
            left.push_back(questions[i]);
        }
        if (left.empty()) return;
        if (left.size() < before) {
            in_vain = 0;
            wait = kFirstPause;
        }
        before = left.size();
        if (in_vain == kAttemptsInVain) return;
        pause(wait);
        wait *= 2;
        auto said = ask(left);
        if (said.size() != left.size()) return;
        for (std::size_t i = 0; i < places.size(); ++i)
            answers[places[i]] = std::move(said[i]);
    }
}

}  // namespace shikaku::programs
