// Where the last signed checkpoint of the log is kept besides log.db and log.entries, so that a
// start over less than was signed is seen: a file, which may lie on another volume, and a row of
// registry.db. What is kept is the checkpoint's note: whoever has the log's verifier key can check
// it, with `shikaku-audit verify --since` too. One thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::storage {

class AnchorPlace {
  public:
    virtual ~AnchorPlace() = default;
    // nullopt: nothing was ever kept there, or the file is gone. Changes nothing.
    [[nodiscard]] virtual Result<std::optional<std::string>> read() = 0;
    // Replaces what was there; a reader sees the old note or the new.
    [[nodiscard]] virtual Status write(std::string_view note) = 0;
    [[nodiscard]] virtual const std::filesystem::path& file() const = 0;
    // Not to be written more often.
    [[nodiscard]] virtual std::chrono::seconds period() const = 0;
};

[[nodiscard]] std::unique_ptr<AnchorPlace> anchor_file(std::filesystem::path file);
// write() makes no registry.db: storage_unavailable when there is none.
[[nodiscard]] std::unique_ptr<AnchorPlace> anchor_in_registry(std::filesystem::path registry);

}  // namespace shikaku::storage
