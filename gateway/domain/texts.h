// The catalogue of texts for people: for every reason, error and note what the desk and what the IT
// side should do, in Japanese and English. One file, texts.toml, that a non-programmer can edit; it
// is compiled in. A reason, warning or note without its text does not compile; for errors a test
// looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/localized.h"

namespace shikaku::domain {

struct Advice {
    std::string section;  // reasons, warnings, notes, errors, or gateway: it gave no answer
    Localized title;
    Localized desk;
    Localized it;
};

// By name of a Reason, an ErrorCode, a warning, a note, or why no answer came. Unknown names give a
// general text.
[[nodiscard]] const Advice& advice(std::string_view name);
// The same as a JSON object {"desk":{"ja","en"},"it":{"ja","en"}}, made once.
[[nodiscard]] std::string_view advice_json(std::string_view name);

// Every name that the catalogue has a text for, in no order.
[[nodiscard]] std::vector<std::string> all_advice_names();

}  // namespace shikaku::domain
