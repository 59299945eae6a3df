// The options that every client program shares: where the gateway is, and with which certificate.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "gateway/http/client.h"
#include "gateway/programs/client/no_answer.h"

namespace shikaku::programs {

struct ClientOptions {
    std::string url;
    std::string ca;
    std::string certificate;
    std::string key;
    std::string as;  // name of a certificate in $SHIKAKU_CERTS, e.g. clinic-a

    // Adds --url --ca --cert --key --as, with SHIKAKU_URL, SHIKAKU_CA and SHIKAKU_CERTS as
    // defaults.
    void add_to(CLI::App& program);
    [[nodiscard]] std::string certificate_file() const;
    // bad_configuration names the missing option.
    [[nodiscard]] Result<std::unique_ptr<http::Client>> connect() const;
};

// Exit codes of every program (docs/contract.md 1). 1 is somebody's no, or a check that failed;
// whatever could not be asked or answered is 3.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnreachable = 3;

// A status after which the same question may well be answered: 401, 408, 429, 5xx.
[[nodiscard]] bool not_answered(int http_status);

// Prints the error in both languages and gives the exit code for it. No card token is printed.
int report_error(std::string_view program, const Error& error);
// Of a call that brought no answer of the gateway: 3.
int report_no_answer(std::string_view program, const http::Client& client, const Error& error);
// The same for what went wrong before anything was sent, e.g. a file that is not there: 2.
int report_wrong_use(std::string_view program, const Error& error);
// For --help, --version and what CLI11 finds wrong with the arguments.
int end_parsing(const CLI::App& program, const CLI::ParseError& error);

}  // namespace shikaku::programs
