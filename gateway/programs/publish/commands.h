// The short commands of shikaku-publish: schemes, status, release, rollback.
#pragma once

#include <string>

#include "gateway/programs/client/client_options.h"

namespace shikaku::programs {

// Prints the report or problem of a response; the exit code: 0 in force (or would be), 1 held,
// rejected or refused, 3 not answered.
int show_report(const http::ClientResponse& response, bool json);

class PublishSchemes {
  public:
    explicit PublishSchemes(const ClientOptions& client) : client_(client) {}
    void add_to(CLI::App& command);
    [[nodiscard]] int run();

  private:
    const ClientOptions& client_;
    std::string file_;
    std::string against_;
    bool check_ = false;
    bool json_ = false;
};

class PublishStatus {
  public:
    explicit PublishStatus(const ClientOptions& client) : client_(client) {}
    void add_to(CLI::App& command);
    [[nodiscard]] int run();

  private:
    int save_errors(http::Client& client) const;

    const ClientOptions& client_;
    std::string id_;
    std::string errors_;
    bool json_ = false;
};

// release or rollback of one publication, with a reason.
class PublishStep {
  public:
    PublishStep(const ClientOptions& client, std::string step)
        : client_(client), step_(std::move(step)) {}
    void add_to(CLI::App& command);
    [[nodiscard]] int run();

  private:
    const ClientOptions& client_;
    std::string step_;
    std::string id_;
    std::string reason_;
    bool json_ = false;
};

}  // namespace shikaku::programs
