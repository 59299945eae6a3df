#include "gateway/identity/caller.h"

#include <algorithm>
#include <array>

#include "gateway/support/text.h"

namespace shikaku::identity {
namespace {

constexpr std::string_view kPrefix = "urn:shikaku:";
constexpr std::array<std::string_view, 4> kRoles = {"institution", "authority", "auditor",
                                                    "operator"};
constexpr std::size_t kNameMax = 64;

std::unexpected<Error> refuse(std::string detail) {
    return fail(ErrorCode::client_certificate_required, std::move(detail));
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// A URI in other letter case than ours is ours too (RFC 8141 3.1), and malformed: it must not let a
// second role stand in the certificate unseen.
bool is_ours(std::string_view uri) {
    return iequals(uri.substr(0, kPrefix.size()), kPrefix);
}

// RFC 3986: visible ASCII only. Anything else is there to be read in two ways.
bool is_visible(std::string_view uri) {
    return std::ranges::all_of(uri, [](char c) { return c > 0x20 && c < 0x7f; });
}

// "institution:1312345676"
Result<Caller> parse_label(std::string_view label) {
    const std::size_t colon = label.find(':');
    const auto role = std::ranges::find(kRoles, label.substr(0, colon));
    if (colon == std::string_view::npos || role == kRoles.end()) {
        return refuse("the role URI names no known role");
    }
    const std::string_view holder = label.substr(colon + 1);
    Caller caller;
    caller.role = static_cast<Role>(role - kRoles.begin());
    switch (caller.role) {
        case Role::institution:
            caller.institution = domain::InstitutionCode::parse(holder);
            if (!caller.institution) return refuse("the role URI has a wrong institution code");
            break;
        case Role::authority:
            caller.authority = domain::AuthorityCode::parse(holder);
            if (!caller.authority) return refuse("the role URI has a wrong authority code");
            break;
        case Role::auditor:
        case Role::operator_:
            if (!is_name(holder)) {
                return refuse("the role URI has a name other than 1-64 of a-z, 0-9, -");
            }
            caller.name = holder;
            break;
    }
    return caller;
}

Result<Caller> parse_uri(std::string_view uri) {
    if (!uri.starts_with(kPrefix)) return refuse("the role URI is not in lower case");
    return parse_label(uri.substr(kPrefix.size()));
}

}  // namespace

bool is_label(std::string_view text) {
    return parse_label(text).has_value();
}

std::string_view name(Role role) {
    return kRoles[static_cast<std::size_t>(role)];
}

std::string Caller::label() const {
    std::string text(identity::name(role));
    text += ':';
    if (institution) return text += institution->text();
    if (authority) return text += authority->text();
    return text += name;
}

Result<Caller> identify(const crypto::Certificate& certificate, const Withdrawn& withdrawn) {
    if (certificate.is_authority)
        return refuse("an authority's certificate (CA:TRUE) is no client's");
    const auto& uris = certificate.uris;
    if (!std::ranges::all_of(uris, is_visible))
        return refuse("the certificate has a URI with characters other than visible ASCII");
    const auto ours = std::ranges::find_if(uris, is_ours);
    if (ours == uris.end()) return refuse("the certificate has no role URI");
    if (std::find_if(ours + 1, uris.end(), is_ours) != uris.end()) {
        return refuse("the certificate has more than one role URI");
    }
    auto caller = parse_uri(*ours);
    if (!caller) return caller;
    caller->certificate = certificate.sha256;
    if (withdrawn.contains(caller->label())) {
        return fail(ErrorCode::institution_withdrawn, "withdrawn by configuration");
    }
    return caller;
}

}  // namespace shikaku::identity
