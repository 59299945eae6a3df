// A bulk run ends without holes: of a slice of questions, those that were refused for the moment
// (a problem with "retryable": overload, a limit) are asked again after a pause, in their places.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace shikaku::programs {

// One answer for each question; none at all when that failed.
using AskSlice = std::function<std::vector<std::string>(std::span<const std::string> questions)>;
using Pause = std::function<void(std::chrono::seconds)>;

[[nodiscard]] bool is_refused_for_the_moment(const std::string& answer);

// As long as some get through; what does not, or cannot be asked again, keeps what it was last
// told.
void ask_again(std::span<const std::string> questions, std::span<std::string> answers,
               const AskSlice& ask, const Pause& pause);

}  // namespace shikaku::programs
