#include "gateway/programs/client/client_options.h"

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "gateway/domain/texts.h"
#include "gateway/programs/client/token_text.h"
#include "gateway/support/log.h"

namespace shikaku::programs {
namespace {

std::string environment(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// `text`: a name of the catalogue, domain/texts.toml.
void print(std::string_view program, std::string_view text, std::string_view detail) {
    const domain::Advice& advice = domain::advice(text);
    std::cerr << program << ": " << text << ": "
              << (detail.empty() ? advice.title.en : without_tokens(detail)) << "\n  "
              << advice.it.ja << "\n  " << advice.it.en << '\n';
}

void print(std::string_view program, const Error& error) {
    print(program, name(error.code), error.detail);
}

int report_no_answer(std::string_view program, const NoAnswer& why) {
    print(program, why.text, why.detail);
    return kExitUnreachable;
}

bool of_a_call(ErrorCode code) {
    return code == ErrorCode::source_unavailable || code == ErrorCode::source_timeout ||
           code == ErrorCode::source_malformed;
}

}  // namespace

void ClientOptions::add_to(CLI::App& program) {
    program.add_option("--url", url, "Gateway / ゲートウェイのURL")->envname("SHIKAKU_URL");
    program.add_option("--ca", ca, "CA of the gateway / サーバ証明書のCA")->envname("SHIKAKU_CA");
    program.add_option("--cert", certificate, "Client certificate / クライアント証明書");
    program.add_option("--key", key, "Its private key / 秘密鍵");
    program.add_option("--as", as, "Name of a certificate in $SHIKAKU_CERTS, e.g. clinic-a");
}

std::string ClientOptions::certificate_file() const {
    if (!certificate.empty() || as.empty()) return certificate;
    return environment("SHIKAKU_CERTS") + "/" + as + ".crt";
}

Result<std::unique_ptr<http::Client>> ClientOptions::connect() const {
    http::TlsFiles files{.certificate = certificate_file(), .key = key, .ca = ca, .crl = {}};
    if (key.empty() && !as.empty()) files.key = environment("SHIKAKU_CERTS") + "/" + as + ".key";
    // What a program has to say it says itself, in words: no line of a server's log beside them.
    SHIKAKU_TRY(configure_log("off", ""));
    // Name servers would be asked for it.
    if (without_tokens(url) != url)
        return fail(ErrorCode::bad_configuration, "a card token was given as the URL");
    if (url.empty()) return fail(ErrorCode::bad_configuration, "--url or SHIKAKU_URL is missing");
    if (files.ca.empty())
        return fail(ErrorCode::bad_configuration, "--ca or SHIKAKU_CA is missing");
    if (files.certificate.empty() || files.key.empty())
        return fail(ErrorCode::bad_configuration, "--cert and --key (or --as) are missing");
    SHIKAKU_TRY_LET(auto tls, http::TlsContext::client(files));
    return http::Client::make(url, std::move(tls));
}

bool not_answered(int http_status) {
    return http_status == 401 || http_status == 408 || http_status == 429 || http_status >= 500;
}

int report_error(std::string_view program, const Error& error) {
    if (of_a_call(error.code))
        return report_no_answer(program, no_answer(error, http::TlsTrouble::none));
    print(program, error);
    switch (error.code) {
        case ErrorCode::corrupt:
        case ErrorCode::not_found:
            return kExitNo;
        case ErrorCode::bad_configuration:
        case ErrorCode::bad_key:
        case ErrorCode::invalid_field:
        case ErrorCode::malformed_request:
            return kExitUsage;
        default:
            return kExitUnreachable;
    }
}

int report_no_answer(std::string_view program, const http::Client& client, const Error& error) {
    return report_no_answer(program, no_answer(error, client.tls_trouble()));
}

int report_wrong_use(std::string_view program, const Error& error) {
    print(program, error);
    return kExitUsage;
}

int end_parsing(const CLI::App& program, const CLI::ParseError& error) {
    std::ostringstream out, wrong;
    const int code = program.exit(error, out, wrong);
    std::cout << out.str();
    std::cerr << without_tokens(wrong.str());
    return code == 0 ? kExitOk : kExitUsage;
}

}  // namespace shikaku::programs
