#include "gateway/support/error_code.h"

#include <array>
#include <cstddef>

#include "gateway/support/names.h"

namespace shikaku {
namespace {

using enum ErrorCode;

constexpr auto kErrors = std::to_array<ErrorInfo>({
    {malformed_request, "malformed_request", 400, false, "The request could not be read"},
    {invalid_field, "invalid_field", 400, false, "A field has a value that is not allowed"},
    {personal_number_refused, "personal_number_refused", 400, false,
     "A My Number was sent; the gateway never accepts one"},
    {client_certificate_required, "client_certificate_required", 401, false,
     "A client certificate with a known role is required"},
    {token_invalid, "token_invalid", 401, false, "The card token is not valid"},
    {token_expired, "token_expired", 401, true, "The card token has expired"},
    {token_not_yet_valid, "token_not_yet_valid", 401, true, "The card token is not valid yet"},
    {token_wrong_audience, "token_wrong_audience", 401, false,
     "The card token is meant for another service"},
    {token_unknown_issuer, "token_unknown_issuer", 401, false,
     "The card token comes from an unknown issuer or key"},
    {token_not_bound, "token_not_bound", 401, false,
     "The card token is not bound to this client certificate"},
    {token_replayed, "token_replayed", 401, false, "The card token was used before"},
    {role_not_allowed, "role_not_allowed", 403, false, "This role may not do this"},
    {institution_withdrawn, "institution_withdrawn", 403, false,
     "Access of this certificate's holder has been withdrawn"},
    {not_your_data, "not_your_data", 403, false, "This belongs to somebody else"},
    {not_found, "not_found", 404, false, "There is nothing here"},
    {method_not_allowed, "method_not_allowed", 405, false, "This method is not allowed here"},
    {not_acceptable, "not_acceptable", 406, false, "No representation fits the Accept header"},
    {request_timeout, "request_timeout", 408, true, "The request took too long to arrive"},
    {conflict, "conflict", 409, false, "This contradicts the present state"},
    {full_publication_required, "full_publication_required", 409, false,
     "A full publication has to be in force before a delta"},
    {length_required, "length_required", 411, false, "Content-Length or chunked is required"},
    {precondition_failed, "precondition_failed", 412, false, "A precondition does not hold"},
    {body_too_large, "body_too_large", 413, false, "The body is larger than allowed"},
    {unsupported_media_type, "unsupported_media_type", 415, false,
     "This content type is not understood here"},
    {expectation_failed, "expectation_failed", 417, false, "This expectation is not supported"},
    {unprocessable, "unprocessable", 422, false, "The content was understood and refused"},
    {idempotency_key_reused, "idempotency_key_reused", 422, false,
     "The Idempotency-Key was used with another body"},
    {idempotency_key_required, "idempotency_key_required", 428, false,
     "The Idempotency-Key header is required"},
    {rate_limited, "rate_limited", 429, true, "Too many requests"},
    {headers_too_large, "headers_too_large", 431, false, "The header section is too large"},
    {version_not_supported, "version_not_supported", 505, false,
     "Only HTTP/1.0 and HTTP/1.1 are spoken here"},
    {internal, "internal", 500, true, "An unexpected error happened"},
    {audit_unavailable, "audit_unavailable", 503, true,
     "The access log cannot be written, so nothing is answered"},
    {audit_stopped, "audit_stopped", 503, false,
     "The access log has failed; nothing is answered until the gateway is restarted"},
    {overloaded, "overloaded", 503, true, "Too many requests at once"},
    {storage_unavailable, "storage_unavailable", 503, true, "The storage cannot be used"},
    {storage_full, "storage_full", 503, true, "There is no room for this upload"},
    {shutting_down, "shutting_down", 503, true, "The gateway is shutting down"},
    {clock_unsure, "clock_unsure", 503, true,
     "The gateway's clock cannot be trusted, so nothing is answered"},
    {source_unavailable, "source_unavailable", 503, true, "The source could not be reached"},
    {source_timeout, "source_timeout", 503, true, "The source did not answer in time"},
    {source_refused, "source_refused", 503, false, "The source refused the question"},
    {source_malformed, "source_malformed", 503, false, "The source's answer could not be read"},
    {bad_configuration, "bad_configuration", 500, false, "The configuration is not usable"},
    {bad_key, "bad_key", 500, false, "A key is missing or not usable"},
    {io_failed, "io_failed", 500, true, "A file or connection failed"},
    {corrupt, "corrupt", 500, false, "Stored data does not match its checksum"},
});

static_assert(lists_all(kErrors, &ErrorInfo::code), "every ErrorCode, in the order of the enum");

}  // namespace

const ErrorInfo& info(ErrorCode code) {
    return kErrors[static_cast<std::size_t>(code)];
}

std::span<const ErrorInfo> all_errors() {
    return kErrors;
}

}  // namespace shikaku
