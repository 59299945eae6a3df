#include "gateway/support/version.h"

#include "gateway/support/commit.h"  // made by commit.cmake, in the build folder

namespace shikaku {

std::string_view commit() {
    return SHIKAKU_COMMIT;
}

std::string version() {
    return SHIKAKU_VERSION " (" SHIKAKU_COMMIT ")";
}

}  // namespace shikaku
