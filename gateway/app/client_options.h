// The options that every client program shares: where the gateway is, and with which certificate.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "gateway/http/client.h"

namespace shikaku::app {

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

// Exit codes of every program (contract 1).
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnreachable = 3;

// Prints the error in both languages and gives the exit code for it.
int report_error(std::string_view program, const Error& error);

}  // namespace shikaku::app
