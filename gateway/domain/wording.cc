#include "gateway/domain/wording.h"

namespace shikaku::domain {

std::string_view wording() {
    return SHIKAKU_WORDING;
}

}  // namespace shikaku::domain
