// Published data need no settings: they are in registry.db.
#pragma once

#include "adapters/settings.h"
#include "gateway/support/toml_reader.h"

namespace shikaku::adapters::published {

[[nodiscard]] std::shared_ptr<const Settings> read_settings(TomlReader& table);

}  // namespace shikaku::adapters::published
