#include "gateway/programs/desk/trouble.h"

#include <iostream>

#include "gateway/programs/client/client_options.h"
#include "gateway/programs/client/print.h"
#include "gateway/programs/client/token_text.h"

namespace shikaku::programs {

void DeskTrouble::add_to(CLI::App& command) {
    support_ = "システム担当、またはゲートウェイの運用窓口 / your IT, or the gateway's operator";
    command
        .add_option("--support", support_,
                    "Whom to call when nothing is answered, e.g. a telephone number / "
                    "回答がないときの連絡先")
        ->envname("SHIKAKU_SUPPORT");
}

int DeskTrouble::report(const NoAnswer& why, bool colour) const {
    print_no_answer(std::cerr, {.text = why.text, .detail = without_tokens(why.detail)},
                    {.colour = colour, .support = support_});
    return kExitUnreachable;
}

}  // namespace shikaku::programs
