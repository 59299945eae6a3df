// Derives a logged answer again from its entry: the facts as they were found, the scheme packs of
// that time. Years later the same bytes must come out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/api/answering.h"
#include "gateway/api/log_detail.h"

namespace shikaku::api {

struct Replayed {
    Answer answer;
    LoggedAnswer logged;
    [[nodiscard]] bool same() const { return answer.content_hash == logged.content_hash; }
};

// Where the packs of that time come from: the registry, or the gateway over HTTP.
using PackSource = std::function<Result<std::shared_ptr<const domain::SchemePack>>(
    domain::AuthorityCode authority, const std::string& version)>;

// Errors: those of the pack source; corrupt, unprocessable as for the detail.
[[nodiscard]] Result<Replayed> replay(std::string_view detail, const PackSource& packs);

}  // namespace shikaku::api
