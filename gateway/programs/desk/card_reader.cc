#include "gateway/programs/desk/card_reader.h"

#include <cstdlib>
#include <iostream>

#include "gateway/crypto/certificate.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/programs/client/token_text.h"
#include "gateway/support/bounds.h"
#include "gateway/support/clock.h"
#include "gateway/support/file.h"

namespace shikaku::programs {
namespace {

Result<std::string> read_standard_input() {
    std::string text(bounds::kTokenBytes + 1, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > bounds::kTokenBytes)
        return fail(ErrorCode::bad_configuration, "standard input is too long for a card token");
    return text;
}

// However the reader ends its line.
Result<std::string> read_token(const std::string& file) {
    if (looks_like_token(file))
        return fail(ErrorCode::bad_configuration,
                    "--token takes a file, or - for standard input, never the token itself: "
                    "others on this machine could read it");
    auto text = file == "-" ? read_standard_input() : read_file(file, bounds::kTokenBytes);
    if (!text) return text;
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text->find_first_not_of(kBlank);
    if (first == std::string::npos)
        return fail(ErrorCode::bad_configuration, "the card reader gave no token");
    return text->substr(first, text->find_last_not_of(kBlank) - first + 1);
}

Result<std::string> sign_demo_token(const identity::DemoCard& card, const CardReader& reader) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    const char* folder = std::getenv("SHIKAKU_CERTS");
    if (folder == nullptr)
        return fail(ErrorCode::bad_configuration, "SHIKAKU_CERTS is not set: demo cards need it");
    const std::filesystem::path certs(folder);
    SHIKAKU_TRY_LET(const auto linkage, identity::LinkageSecret::load(certs / "linkage.secret"));
    SHIKAKU_TRY_LET(const auto pem, read_secret_file(certs / "card-issuer.key"));
    SHIKAKU_TRY_LET(auto key, crypto::SigningKey::from_pem(pem));
    SHIKAKU_TRY_LET(const auto issuer,
                    identity::CardIssuer::create(std::move(key), crypto::Algorithm::RS256,
                                                 "card-issuer-rs256"));
    SHIKAKU_TRY_LET(const auto certificate,
                    crypto::Certificate::from_pem_file(reader.certificate_file));

    const std::int64_t now =
        std::chrono::floor<std::chrono::seconds>(SystemClock().now()).time_since_epoch().count();
    SHIKAKU_TRY_LET(auto person, identity::tap(card, linkage, now));
    person.issuer = reader.issuer;
    person.expires_s = now + bounds::kTokenLife.count();
    return issuer.issue({.person = std::move(person),
                         .audience = "shikaku",
                         .issued_s = now,
                         .client_certificate = certificate.sha256});
}

}  // namespace

Json CardReader::Tapped::ask() const {
    Json body{{"card_token", token}, {"setting", "outpatient"}};
    for (const char* member : {"setting", "service_date"}) {
        if (const auto value = question.find(member); value != question.end())
            body[member] = *value;
    }
    return body;
}

Result<CardReader::Tapped> CardReader::tap() const {
    if (!token_file.empty()) {
        SHIKAKU_TRY_LET(auto token, read_token(token_file));
        return Tapped{.token = std::move(token), .title = {}};
    }
    if (card_file.empty())
        return fail(ErrorCode::bad_configuration, "--token (or --card for a demo card) is missing");
    SHIKAKU_TRY_LET(const auto card, identity::load_demo_card(card_file));
    SHIKAKU_TRY_LET(auto token, sign_demo_token(card, *this));
    return Tapped{.token = std::move(token),
                  .question = card.question,
                  .title = card.id + "  " + card.title_ja + " / " + card.title_en};
}

}  // namespace shikaku::programs
