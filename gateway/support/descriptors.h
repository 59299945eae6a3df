// How many files and connections the process may have open: raised as far as the system allows.
#pragma once

#include <cstddef>

namespace shikaku {

struct DescriptorLimit {
    std::size_t before = 0;
    std::size_t now = 0;
    std::size_t hard = 0;
};

// Raises the soft limit to `wanted`, at most to the hard one, and never lowers it. What the system
// refuses stays as it was.
DescriptorLimit raise_descriptor_limit(std::size_t wanted);

}  // namespace shikaku
