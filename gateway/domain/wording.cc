#include "gateway/domain/wording.h"

#include "gateway/domain/wording_fingerprint.h"  // made by wording.cmake, in the build folder

namespace shikaku::domain {

std::string_view wording() {
    return SHIKAKU_WORDING;
}

}  // namespace shikaku::domain
