// Where a desk program gets its card token: from a real card reader (a file or standard input), or,
// for developers, signed here for a demo card with the keys of the development PKI.
#pragma once

#include <string>

#include "gateway/identity/demo_card.h"

namespace shikaku::programs {

struct CardReader {
    std::string token_file;  // "-": standard input
    std::string card_file;   // demo card
    std::string issuer = "https://card-issuer.shikaku.example";
    std::string certificate_file;  // the token is bound to this client certificate

    struct Tapped {
        std::string token;
        Json question = Json::object();  // what the demo card suggests to ask
        std::string title;               // of the demo card

        // The body to send: token, and the card's setting (outpatient) and service date if any.
        [[nodiscard]] Json ask() const;
    };
    // Keys of the demo issuer come from $SHIKAKU_CERTS.
    [[nodiscard]] Result<Tapped> tap() const;
};

}  // namespace shikaku::programs
