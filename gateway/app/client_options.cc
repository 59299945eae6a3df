#include "gateway/app/client_options.h"

#include <cstdlib>
#include <iostream>

#include "gateway/domain/texts.h"

namespace shikaku::app {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

void print(std::string_view program, const Error& error) {
    const domain::Advice& advice = domain::advice(name(error.code));
    std::cerr << program << ": " << name(error.code) << ": "
              << (error.detail.empty() ? info(error.code).title : std::string_view(error.detail))
              << '\n';
    if (!advice.it.ja.empty()) std::cerr << "  " << advice.it.ja << "\n  " << advice.it.en << '\n';
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
    if (url.empty()) return fail(ErrorCode::bad_configuration, "--url or SHIKAKU_URL is missing");
    if (files.ca.empty())
        return fail(ErrorCode::bad_configuration, "--ca or SHIKAKU_CA is missing");
    if (files.certificate.empty() || files.key.empty())
        return fail(ErrorCode::bad_configuration, "--cert and --key (or --as) are missing");
    auto tls = http::TlsContext::client(files);
    if (!tls) return fail(tls.error());
    return http::Client::make(url, std::move(*tls));
}

bool not_answered(int http_status) {
    return http_status == 401 || http_status == 408 || http_status == 429 || http_status >= 500;
}

int report_error(std::string_view program, const Error& error) {
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

int report_wrong_use(std::string_view program, const Error& error) {
    print(program, error);
    return kExitUsage;
}

}  // namespace shikaku::app
