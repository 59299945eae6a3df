#include "tests/fuzz/target.h"

#include <cstdio>

namespace shikaku::fuzz {

void require(bool holds, std::source_location where) {
    if (holds) return;
    std::fprintf(stderr, "%s:%u: does not hold\n", where.file_name(), where.line());
    std::abort();
}

}  // namespace shikaku::fuzz
