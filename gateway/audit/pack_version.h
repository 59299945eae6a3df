// What a scheme pack is called: the SHA-256 of its bytes in 64 hex digits. So whoever has a pack
// and its version, from the registry or over HTTP, knows that they belong together. Entries of the
// log and packs stored before have the first 16 digits, which are still taken. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace shikaku::audit {

[[nodiscard]] std::string pack_version(std::string_view pack);
// Whether `version` is that of these very bytes.
[[nodiscard]] bool is_version_of(std::string_view version, std::string_view pack);

}  // namespace shikaku::audit
