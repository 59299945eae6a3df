// Going on after a log was lost: another one follows it, under another name, and its first entry
// says what was lost and why. Where this was cut short it can be run again, and goes on.
#pragma once

#include <string>
#include <string_view>

#include "gateway/app/data_folder.h"

namespace shikaku::app {

struct Continued {
    std::string vkey;
    std::string lost;  // origin and size that the newest anchor of the lost log names
};
// `[log] origin` has to be another name than the lost log's. What is left of the lost log's files
// is moved aside, beside where it lay. RegistryFile::lost: registry.db is gone as well; an empty
// one is made, and authorities publish again. What was lost is told by the anchors, else by log.db;
// where neither can (not_found), `lost_origin` has to name it. conflict: nothing was lost.
[[nodiscard]] Result<Continued> continue_log(const Config& config, std::string_view reason,
                                             RegistryFile registry, const Clock& clock,
                                             std::string_view lost_origin = {});

}  // namespace shikaku::app
