// Reads one TOML table strictly: every key that exists must be asked for, with the right type.
// Problems are collected, so that a person sees all of them at once.
#pragma once

#include <toml++/toml.h>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace shikaku::app {

class TomlReader {
  public:
    // `where` names the table in problems, e.g. "[server]" or "[[authority]] 2".
    TomlReader(const toml::table* table, std::string where, std::vector<std::string>& problems)
        : table_(table), where_(std::move(where)), problems_(problems) {}

    [[nodiscard]] std::optional<std::string> text(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::int64_t min,
                                                      std::int64_t max);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] std::optional<std::string> required_text(std::string_view key);
    [[nodiscard]] const toml::table* table(std::string_view key);
    [[nodiscard]] const toml::array* tables(std::string_view key);

    void problem(std::string_view key, std::string_view what);
    // Says which keys nobody asked for, with the nearest known one.
    void refuse_unknown();

  private:
    const toml::node* node(std::string_view key);

    const toml::table* table_;
    std::string where_;
    std::vector<std::string>& problems_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace shikaku::app
