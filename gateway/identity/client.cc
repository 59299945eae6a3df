#include "gateway/identity/client.h"

#include <charconv>
#include <functional>

namespace shikaku::identity {
namespace {

std::uint64_t number(std::string_view digits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

}  // namespace

Client client_of(const Caller& caller) {
    constexpr int kRoleBits = 4;
    const std::uint64_t holder = caller.institution ? number(caller.institution->text())
                                 : caller.authority ? number(caller.authority->text())
                                                    : std::hash<std::string_view>{}(caller.name);
    const auto role = static_cast<std::uint64_t>(caller.role) + 1;
    return {.role = caller.role,
            .key = (holder << kRoleBits >> kRoleBits) | role << (64 - kRoleBits)};
}

}  // namespace shikaku::identity
