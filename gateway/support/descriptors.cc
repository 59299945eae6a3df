#include "gateway/support/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace shikaku {

DescriptorLimit raise_descriptor_limit(std::size_t wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
    DescriptorLimit out{.before = limit.rlim_cur, .now = limit.rlim_cur, .hard = limit.rlim_max};
    limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, std::min<rlim_t>(wanted, limit.rlim_max));
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) out.now = limit.rlim_cur;
    return out;
}

}  // namespace shikaku
