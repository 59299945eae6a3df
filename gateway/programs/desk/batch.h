// shikaku-desk batch: many questions in one go, e.g. tomorrow's appointments. Sent in slices, so
// that a long one shows how far it is.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "gateway/programs/client/client_options.h"
#include "gateway/programs/desk/trouble.h"
#include "gateway/support/json.h"

namespace shikaku::programs {

class DeskBatch {
  public:
    void add_to(CLI::App& command);
    // 0: every line has an answer, whatever its outcome; 1: some line is refused; 3: not all
    // were answered.
    int run(bool colour);

  private:
    struct Line {
        std::string title;
        std::string question;
    };
    [[nodiscard]] Result<std::vector<Line>> lines() const;
    [[nodiscard]] static Result<http::ClientResponse> ask(http::Client& client,
                                                          std::span<const std::string> questions);
    // Appends one answer for each line; false: not all of them were answered.
    [[nodiscard]] static bool take(const http::ClientResponse& response, std::size_t lines,
                                   std::vector<std::string>& answers);
    // Why it stopped; the exit code.
    int report(const Result<http::ClientResponse>& stopped, http::TlsTrouble tls,
               bool colour) const;
    struct Counts {
        std::size_t eligible = 0;
        std::size_t unknown = 0;
        std::size_t refused = 0;
    };
    Counts print(const std::vector<Line>& asked, const std::vector<std::string>& answers,
                 bool colour) const;

    ClientOptions client_;
    DeskTrouble trouble_;
    std::string questions_file_;
    std::vector<std::string> cards_;
    std::string service_date_;
    bool json_ = false;
};

}  // namespace shikaku::programs
