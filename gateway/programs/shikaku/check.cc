#include "gateway/programs/shikaku/check.h"

#include <fmt/format.h>

#include "gateway/app/connect.h"
#include "gateway/app/data_folder.h"
#include "gateway/audit/checkpoint.h"
#include "gateway/crypto/pem_dates.h"

namespace shikaku::app {
namespace {

class Checker {
  public:
    explicit Checker(const Clock& clock) : now_(clock.now()) {}

    // A failed part, under the configuration's name for it.
    template <class T>
    const T* usable(std::string_view key, const Result<T>& part) {
        if (part) return &*part;
        found_.problems.push_back(
            fmt::format("{}: {}: {}", key, name(part.error().code), part.error().detail));
        return nullptr;
    }
    void fact(std::string_view key, std::string_view text) {
        found_.facts.push_back(fmt::format("{}: {}", key, text));
    }
    void warn(std::string text) { found_.warnings.push_back(std::move(text)); }
    // Of every certificate and revocation list in the file.
    void dates(const std::string& key, const std::filesystem::path& file) {
        if (file.empty()) return;
        const auto dates = crypto::pem_dates(file.string());
        if (!usable(key, dates)) return;
        for (const crypto::PemDate& date : *dates)
            date_of(key, date);
    }
    void dates_of(const std::string& table, const http::TlsFiles& tls, const char* ca) {
        dates(table + " certificate", tls.certificate);
        dates(table + " " + ca, tls.ca);
        dates(table + " crl", tls.crl);
    }
    [[nodiscard]] Checked found() && { return std::move(found_); }

  private:
    void date_of(const std::string& key, const crypto::PemDate& date) {
        if (date.until == Instant::max()) return fact(key, date.name + ": 期限なし / no end");
        const auto days = std::chrono::floor<std::chrono::days>(date.until - now_).count();
        const std::string until = to_rfc3339_jst(date.until);
        if (date.until <= now_)
            warn(fmt::format("{}: {}: 期限切れ / expired: {}", key, date.name, until));
        else
            fact(key,
                 fmt::format("{}: {} (あと{}日 / {} days left)", date.name, until, days, days));
    }

    Instant now_;
    Checked found_;
};

}  // namespace

Checked check(const Config& config, const Clock& clock) {
    Checker checker(clock);
    for (const std::string& risk : warnings(config))
        checker.warn(risk);
    const auto keys = DataKeys::load(config);
    if (checker.usable("[keys]", keys)) {
        const auto signs = keys->log_signer->ed25519_public();
        if (checker.usable("[keys] log_signer", signs))
            checker.fact("[log] vkey", audit::make_vkey(config.log_origin, *signs));
    }
    checker.usable("[server]", http::TlsContext::server(config.tls));
    checker.dates_of("[server]", config.tls, "client_ca");
    const auto issuers = identity::Issuers::load(config.issuers);
    if (checker.usable("[[issuer]]", issuers)) {
        for (const std::string& key : (*issuers)->unusable())
            checker.warn("[[issuer]] 使えない鍵 / unusable key: " + key);
    }
    for (const AuthorityConfig& authority : config.authorities) {
        Expiries::Dates unused;  // dates_of() tells them with the files they are in
        const std::string table = fmt::format("[[authority]] {}", authority.code.text());
        checker.usable(table, make_adapter(*authority.settings, nullptr, unused));
        if (const http::TlsFiles* files = authority.settings->tls())
            checker.dates_of(table, *files, "ca");
    }
    return std::move(checker).found();
}

}  // namespace shikaku::app
