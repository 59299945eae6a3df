// A text for people, in the two languages every face of the product speaks.
#pragma once

#include <string>

namespace shikaku::domain {

struct Localized {
    std::string ja;
    std::string en;
    bool operator==(const Localized&) const = default;
};

}  // namespace shikaku::domain
