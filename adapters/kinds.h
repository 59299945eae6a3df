// Every kind of adapter: what the configuration calls it, and who reads its keys. A further kind is
// its folder and its line in kinds.cc (adapters/README.md).
#pragma once

#include <span>
#include <string_view>

#include "adapters/settings.h"
#include "gateway/support/toml_reader.h"

namespace shikaku::adapters {

struct Kind {
    std::string_view name;
    // What is wrong becomes a problem of the table.
    std::shared_ptr<const Settings> (*read)(TomlReader& table);
};

[[nodiscard]] std::span<const Kind> kinds();
[[nodiscard]] const Kind* find_kind(std::string_view name);

}  // namespace shikaku::adapters
