// Who asks: the role in the URI of a client certificate (docs/contract.md 2.1), narrowed by
// configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "gateway/crypto/certificate.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/result.h"

namespace shikaku::identity {

enum class Role : std::uint8_t { institution, authority, auditor, operator_ };
[[nodiscard]] std::string_view name(Role role);

struct Caller {
    Role role = Role::institution;
    std::optional<domain::InstitutionCode> institution;
    std::optional<domain::AuthorityCode> authority;
    std::string name;       // of an auditor or operator: [a-z0-9-], at most 64
    Hash256 certificate{};  // SHA-256 of the DER form

    // "institution:1312345676": how the log names the caller.
    [[nodiscard]] std::string label() const;
};

// Withdrawn holders, from the configuration: "institution:1312345676", "auditor:a", ...
using Withdrawn = std::set<std::string, std::less<>>;

// Whether some certificate's holder could have this label.
[[nodiscard]] bool is_label(std::string_view text);

// client_certificate_required: no shikaku URI, two of them, or one that is malformed (the detail
// says which part), a URI with invisible characters, an authority's certificate;
// institution_withdrawn: withdrawn by configuration.
[[nodiscard]] Result<Caller> identify(const crypto::Certificate& certificate,
                                      const Withdrawn& withdrawn);

}  // namespace shikaku::identity
