// The one table of errors: code, name on the wire (`code` of a problem, docs/contract.md 4),
// HTTP status, and whether asking again later can help. Advice texts for people are in
// gateway/domain/texts.toml, one per name.
#pragma once

#include <span>
#include <string_view>

namespace shikaku {

enum class ErrorCode {
    // 400
    malformed_request,
    invalid_field,
    personal_number_refused,
    // 401
    client_certificate_required,
    token_invalid,
    token_expired,
    token_not_yet_valid,
    token_wrong_audience,
    token_unknown_issuer,
    token_not_bound,
    token_replayed,
    // 403
    role_not_allowed,
    institution_withdrawn,
    not_your_data,
    // other 4xx
    not_found,
    method_not_allowed,
    not_acceptable,
    request_timeout,
    conflict,
    full_publication_required,
    length_required,
    precondition_failed,
    body_too_large,
    unsupported_media_type,
    expectation_failed,
    unprocessable,
    idempotency_key_reused,
    idempotency_key_required,
    rate_limited,
    headers_too_large,
    version_not_supported,
    // 5xx
    internal,
    audit_unavailable,
    audit_stopped,
    overloaded,
    storage_unavailable,
    storage_full,
    shutting_down,
    clock_unsure,
    // What a municipality's system can do to us; never an HTTP status of ours.
    source_unavailable,
    source_timeout,
    source_refused,
    source_malformed,
    // Start-up and command line
    bad_configuration,
    bad_key,
    io_failed,
    corrupt,
};

struct ErrorInfo {
    ErrorCode code;
    std::string_view name;
    int http_status;
    bool retryable;
    std::string_view title;  // short, English, no personal data
};

[[nodiscard]] const ErrorInfo& info(ErrorCode code);
[[nodiscard]] std::span<const ErrorInfo> all_errors();
[[nodiscard]] inline std::string_view name(ErrorCode code) {
    return info(code).name;
}

}  // namespace shikaku
