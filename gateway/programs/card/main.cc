// shikaku-card: plays the card reader for developers. Signs tokens for demo cards with the keys of
// the development PKI, makes new synthetic cards, and shows a card's link key.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "gateway/crypto/certificate.h"
#include "gateway/domain/rfc3339.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/identity/demo_card.h"
#include "gateway/support/bounds.h"
#include "gateway/support/broken_pipe.h"
#include "gateway/support/file.h"
#include "gateway/support/version.h"

namespace shikaku::programs {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitNo = 1;
constexpr int kExitUsage = 2;

std::string certs_file(const std::string& name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    const char* folder = std::getenv("SHIKAKU_CERTS");
    return folder == nullptr ? std::string() : std::string(folder) + "/" + name;
}

// The development PKI's names: card-issuer.key is the one of RS256.
std::string issuer_name(const std::string& algorithm) {
    std::string name = "card-issuer-" + algorithm;
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return name;
}

int report(const Error& error) {
    std::cerr << "shikaku-card: " << name(error.code) << ": " << error.detail;
    if (!error.pointer.empty()) std::cerr << " at " << error.pointer;
    std::cerr << '\n';
    return error.code == ErrorCode::bad_configuration ? kExitUsage : kExitNo;
}

Result<std::string> file_or_default(const std::string& given, const std::string& name,
                                    const char* option) {
    std::string file = given.empty() ? certs_file(name) : given;
    if (file.empty()) {
        return fail(ErrorCode::bad_configuration,
                    std::string(option) + " is missing and SHIKAKU_CERTS is not set");
    }
    return file;
}

Result<identity::LinkageSecret> load_linkage(const std::string& given) {
    SHIKAKU_TRY_LET(const auto file, file_or_default(given, "linkage.secret", "--linkage"));
    return identity::LinkageSecret::load(file);
}

struct Issue {
    std::string card, client_certificate, issuer_key, algorithm = "RS256", kid, linkage;
    std::string issuer = "https://card-issuer.shikaku.example";
    std::string audience = "shikaku";
    std::string now, token_id;
    std::int64_t life_s = std::chrono::seconds(bounds::kTokenLife).count();
    std::optional<bool> consent, consent_checkups;
    bool json = false;

    void add_to(CLI::App& command) {
        command.add_option("--card", card, "Demo card (JSON file)")
            ->required()
            ->check(CLI::ExistingFile);
        command
            .add_option("--client-cert", client_certificate,
                        "Certificate of the desk that will show the token")
            ->required()
            ->check(CLI::ExistingFile);
        command.add_option("--issuer-key", issuer_key,
                           "Private key (PEM); default: the algorithm's in $SHIKAKU_CERTS");
        command.add_option("--alg", algorithm, "RS256, PS256, ES256, ES384 or EdDSA")
            ->capture_default_str();
        command.add_option("--kid", kid, "Key id; default: card-issuer-<alg>");
        command.add_option("--linkage", linkage,
                           "Linkage secret; default: $SHIKAKU_CERTS/linkage.secret");
        command.add_option("--issuer", issuer, "Claim iss")->capture_default_str();
        command.add_option("--audience", audience, "Claim aud")->capture_default_str();
        command.add_option("--now", now, "When it is issued, e.g. 2026-11-20T09:00:00+09:00");
        command.add_option("--life", life_s, "Seconds until it expires")->capture_default_str();
        command.add_option("--jti", token_id, "Claim jti; default: random");
        command.add_option("--consent", consent, "true or false, whatever the card says");
        command.add_option("--consent-checkups", consent_checkups, "The same about checkups");
        command.add_flag("--json", json, "Print an object with the token and what it says");
    }

    [[nodiscard]] Result<identity::CardIssuer> make_issuer() const {
        const auto parsed = crypto::parse_algorithm(algorithm);
        if (!parsed) {
            return fail(ErrorCode::bad_configuration,
                        "--alg is not one of RS256, PS256, ES256, ES384, EdDSA");
        }
        const std::string name = issuer_name(algorithm);
        const std::string default_file =
            (*parsed == crypto::Algorithm::RS256 ? "card-issuer" : name) + ".key";
        SHIKAKU_TRY_LET(const auto file, file_or_default(issuer_key, default_file, "--issuer-key"));
        SHIKAKU_TRY_LET(const auto pem, read_secret_file(file));
        auto key = crypto::SigningKey::from_pem(pem);
        if (!key) return fail(key.error());
        return identity::CardIssuer::create(*std::move(key), *parsed, kid.empty() ? name : kid);
    }

    [[nodiscard]] Result<std::int64_t> issued_s() const {
        if (now.empty()) {
            return std::chrono::floor<std::chrono::seconds>(SystemClock().now())
                .time_since_epoch()
                .count();
        }
        const auto instant = domain::parse_rfc3339(now);
        if (!instant) {
            return fail(ErrorCode::bad_configuration,
                        "--now is not a time like 2026-11-20T09:00:00+09:00");
        }
        return std::chrono::floor<std::chrono::seconds>(*instant).time_since_epoch().count();
    }

    [[nodiscard]] Result<identity::CardClaims> make_claims() const {
        SHIKAKU_TRY_LET(const auto demo_card, identity::load_demo_card(card));
        SHIKAKU_TRY_LET(const auto secret, load_linkage(linkage));
        SHIKAKU_TRY_LET(const auto certificate,
                        crypto::Certificate::from_pem_file(client_certificate));
        SHIKAKU_TRY_LET(const auto issued, issued_s());
        auto person = identity::tap(demo_card, secret, issued);
        if (!person) return fail(person.error());
        person->issuer = issuer;
        person->expires_s = issued + life_s;
        if (!token_id.empty()) person->token_id = token_id;
        if (consent) person->consent = *consent;
        if (consent_checkups) person->consent_checkups = *consent_checkups;
        return identity::CardClaims{.person = *std::move(person),
                                    .audience = audience,
                                    .issued_s = issued,
                                    .client_certificate = certificate.sha256};
    }

    [[nodiscard]] int run() const {
        const auto card_issuer = make_issuer();
        if (!card_issuer) return report(card_issuer.error());
        const auto claims = make_claims();
        if (!claims) return report(claims.error());
        const std::string token = card_issuer->issue(*claims);
        if (json) {
            const Json result{{"token", token},
                              {"jti", claims->person.token_id},
                              {"iat", claims->issued_s},
                              {"exp", claims->person.expires_s}};
            std::cout << result.dump() << '\n';
        } else {
            std::cout << token << '\n';
        }
        return kExitOk;
    }
};

struct New {
    std::string id = "new-card", title_ja, title_en, personal_number, birth_date = "2018-05-01";
    std::string residence, proof = "face", insurer_number, symbol, number, branch;
    bool consent = true;
    bool consent_checkups = false;

    void add_to(CLI::App& command) {
        command.add_option("--id", id, "Name of the card")->capture_default_str();
        command.add_option("--title-ja", title_ja, "What it shows, in Japanese");
        command.add_option("--title-en", title_en, "What it shows, in English");
        command.add_option("--personal-number", personal_number,
                           "Synthetic 12 digits; default: random");
        command.add_option("--birth-date", birth_date, "YYYY-MM-DD")->capture_default_str();
        command.add_option("--residence", residence, "6-digit code of the municipality");
        command.add_option("--consent", consent, "true or false")->capture_default_str();
        command.add_option("--consent-checkups", consent_checkups, "true or false")
            ->capture_default_str();
        command.add_option("--proof", proof, "face, pin, smartphone or visual")
            ->capture_default_str();
        command.add_option("--insurer-number", insurer_number, "保険者番号, 6 or 8 digits");
        command.add_option("--symbol", symbol, "記号");
        command.add_option("--number", number, "番号");
        command.add_option("--branch", branch, "枝番");
    }

    // Goes through the same checks as a card that is read from a file.
    [[nodiscard]] int run() const {
        Json json{{"id", id},
                  {"title", {{"ja", title_ja}, {"en", title_en}}},
                  {"personal_number",
                   personal_number.empty() ? identity::random_personal_number() : personal_number},
                  {"birth_date", birth_date}};
        if (!residence.empty()) json["residence"] = residence;
        json["consent"] = consent;
        if (consent_checkups) json["consent_checkups"] = true;
        json["proof"] = proof;
        if (!insurer_number.empty()) {
            json["insurance"] = {{"insurer_number", insurer_number},
                                 {"symbol", symbol},
                                 {"number", number},
                                 {"branch", branch}};
        }
        const auto card = identity::parse_demo_card(json.dump());
        if (!card) {
            (void)report(card.error());
            return kExitUsage;
        }
        std::cout << identity::to_json(*card);
        return kExitOk;
    }
};

struct LinkKey {
    std::string card, linkage;
    bool json = false;

    void add_to(CLI::App& command) {
        command.add_option("--card", card, "Demo card (JSON file)")
            ->required()
            ->check(CLI::ExistingFile);
        command.add_option("--linkage", linkage,
                           "Linkage secret; default: $SHIKAKU_CERTS/linkage.secret");
        command.add_flag("--json", json, "Print an object");
    }

    [[nodiscard]] int run() const {
        const auto demo_card = identity::load_demo_card(card);
        if (!demo_card) return report(demo_card.error());
        const auto secret = load_linkage(linkage);
        if (!secret) return report(secret.error());
        const auto link_key = secret->link_key(demo_card->personal_number);
        if (!link_key) return report(link_key.error());
        const std::string text = to_base64url(*link_key);
        if (json) {
            std::cout << Json{{"id", demo_card->id}, {"link_key", text}}.dump() << '\n';
        } else {
            std::cout << text << '\n';
        }
        return kExitOk;
    }
};

int run(int argc, char** argv) {
    CLI::App program{"Play the card reader, for developers / 開発用のカードリーダ"};
    program.set_version_flag("--version", version());
    program.require_subcommand(1);
    Issue issue;
    CLI::App* const issue_command = program.add_subcommand(
        "issue", "Sign a token for a demo card / デモカードのトークンを発行する");
    issue.add_to(*issue_command);
    New make_new;
    CLI::App* const new_command =
        program.add_subcommand("new", "Make a synthetic card / 架空のカードを作る");
    make_new.add_to(*new_command);
    LinkKey link_key;
    link_key.add_to(
        *program.add_subcommand("link-key", "A card's link key / カードの連携キーを示す"));
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    if (*issue_command) return issue.run();
    if (*new_command) return make_new.run();
    return link_key.run();
}

}  // namespace
}  // namespace shikaku::programs

int main(int argc, char** argv) {
    shikaku::survive_broken_pipes();
    return shikaku::programs::run(argc, argv);
}
