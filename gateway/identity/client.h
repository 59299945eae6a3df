// Whom limits and turns are counted for: a role and its holder, on whatever certificate, connection
// or thread.
#pragma once

#include <cstdint>

#include "gateway/identity/caller.h"

namespace shikaku::identity {

struct Client {
    Role role = Role::institution;
    std::uint64_t key = 0;
    bool operator==(const Client&) const = default;
};
[[nodiscard]] Client client_of(const Caller& caller);

}  // namespace shikaku::identity
