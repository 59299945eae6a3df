// The body that a desk is answered with.
#pragma once

#include <string>
#include <string_view>

#include "gateway/inquiry/inquiry.h"

namespace shikaku::api {

// The whole body, with where in the log it is proven; the short form
// {"answer_id","unchanged":true,...} when the caller knows the content.
[[nodiscard]] std::string answer_body(const inquiry::Proven& proven, std::string_view log_origin,
                                      std::string_view known_content_hash);

}  // namespace shikaku::api
