#include "gateway/programs/client/exit_code.h"

#include "gateway/programs/client/client_options.h"

namespace shikaku::programs {

int exit_code_of(int http_status, const Json& answer) {
    if (http_status != 200) return not_answered(http_status) ? kExitUnreachable : kExitUsage;
    const auto outcome = answer.find("outcome");
    if (outcome == answer.end()) return kExitUnreachable;
    if (*outcome == "eligible") return kExitOk;
    return *outcome == "not_eligible" ? kExitNo : kExitUnreachable;
}

}  // namespace shikaku::programs
