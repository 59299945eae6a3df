// The body that a desk is answered with.
#pragma once

#include <string>
#include <string_view>

#include "gateway/inquiry/inquiry.h"

namespace shikaku::api {

// An answer of any kind, and where in the log it is proven.
struct ProvenBody {
    std::string_view answer_id;
    std::string_view head;  // JSON up to and excluding content_hash
    std::string_view content_hash;
    std::uint64_t index = 0;
    std::string_view receipt;  // empty: not asked for
};
[[nodiscard]] ProvenBody proven_body(const inquiry::Proven& proven);

// The whole body; the short form {"answer_id","unchanged":true,...} when the caller knows the
// content.
[[nodiscard]] std::string answer_body(const ProvenBody& proven, std::string_view log_origin,
                                      std::string_view known_content_hash);

}  // namespace shikaku::api
