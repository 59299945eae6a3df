// A real gateway for integration tests: the built program, the development PKI, a data folder of
// its own, free ports. It can be killed hard and started again on the same data.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gateway/crypto/certificate.h"
#include "gateway/http/client.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/identity/demo_card.h"
#include "tests/support/process.h"

namespace shikaku::test {

// The development PKI of this build, made once by certs/make.sh.
[[nodiscard]] const std::filesystem::path& certs();
// A program of this build.
[[nodiscard]] std::string program(const std::string& name);

class GatewayFixture {
  public:
    // `extra_config` is appended to the configuration, e.g. [[authority]] tables.
    explicit GatewayFixture(const std::string& extra_config = "");
    ~GatewayFixture();

    // Returns when it listens; throws when it ends instead, with what it said.
    void start(const std::vector<std::string>& arguments = {});
    void kill9();
    int terminate();  // SIGTERM; exit status
    void write_config(const std::string& extra);
    [[nodiscard]] Process& process() { return *process_; }

    [[nodiscard]] http::Client& as(const std::string& certificate);
    [[nodiscard]] http::ClientResponse call(const std::string& certificate, http::Method method,
                                            const std::string& target, std::string body = {},
                                            std::vector<http::Header> headers = {});
    [[nodiscard]] http::ClientResponse ops(const std::string& path);

    // A signed token for the person, bound to the certificate.
    [[nodiscard]] std::string token(const std::string& certificate, const identity::DemoCard& card,
                                    std::string token_id = identity::random_token_id()) const;
    [[nodiscard]] static std::string question(const std::string& token,
                                              const std::string& setting = "outpatient");
    [[nodiscard]] http::ClientResponse ask(const std::string& certificate,
                                           const identity::DemoCard& card,
                                           std::vector<http::Header> headers = {});

    // Puts Hachioji's scheme pack in force and publishes recipients; throws when refused.
    void publish_hachioji(const std::string& csv);
    [[nodiscard]] http::ClientResponse upload(const std::string& csv, const std::string& mode,
                                              std::vector<http::Header> headers = {});

    [[nodiscard]] std::string vkey() const;
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::filesystem::path data() const { return folder_ / "data"; }
    [[nodiscard]] std::string process_log() const;
    [[nodiscard]] std::string url() const;
    // shikaku-audit verify on the data of this gateway; its exit code and output.
    [[nodiscard]] Finished verify_log() const;

  private:
    bool made_ = false;  // by shikaku init
    std::filesystem::path folder_;
    std::unique_ptr<Process> process_;
    std::uint16_t api_port_ = 0;
    std::uint16_t ops_port_ = 0;
    std::map<std::string, std::unique_ptr<http::Client>> clients_;
    std::unique_ptr<identity::CardIssuer> issuer_;
    std::unique_ptr<identity::LinkageSecret> linkage_;
};

// A synthetic person who lives in Hachioji and consents.
[[nodiscard]] identity::DemoCard person(const std::string& birth_date = "2016-05-01");
// One line of a recipients CSV for the person, マル子 with the given recipient number.
[[nodiscard]] std::string csv_header();
[[nodiscard]] std::string csv_row(const identity::DemoCard& card, const std::string& history_key,
                                  const std::string& recipient_number);
[[nodiscard]] std::string link_key_text(const identity::DemoCard& card);

}  // namespace shikaku::test
