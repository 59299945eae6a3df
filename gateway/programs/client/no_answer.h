// Why a program got no answer from the gateway. What the client calls a source is the gateway here:
// nobody is to look for the fault at a municipality, or on a disk. Each cause has its text for desk
// and IT in domain/texts.toml, section [gateway].
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/client.h"
#include "gateway/support/json.h"

namespace shikaku::programs {

struct NoAnswer {
    std::string_view text;  // gateway_unreachable, gateway_silent, gateway_not_trusted,
                            // certificate_refused or answer_unreadable
    std::string detail;     // for IT
};

// `error` is what a call gave, `trouble` what its client says of TLS.
[[nodiscard]] NoAnswer no_answer(const Error& error, http::TlsTrouble trouble);

// What the gateway answered to one question: an answer, or a problem. None: it was not the gateway
// that answered.
[[nodiscard]] std::optional<Json> gateways_answer(const http::ClientResponse& response);
// For what is none: a proxy's page, a login page, an answer cut short.
[[nodiscard]] NoAnswer not_the_gateways(const http::ClientResponse& response);

// Whether the response calls itself `wanted`, e.g. "application/json", parameters aside.
[[nodiscard]] bool is_media_type(const http::ClientResponse& response, std::string_view wanted);

}  // namespace shikaku::programs
