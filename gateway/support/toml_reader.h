// Reads one TOML table strictly: every key that exists must be asked for, with the right type.
// Problems are collected, so that a person sees all of them at once. Relative paths are relative to
// the folder that the file lies in.
#pragma once

#include <toml++/toml.h>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace shikaku {

class TomlReader {
  public:
    // What the tables of one file share.
    struct File {
        std::filesystem::path folder;
        std::vector<std::string> problems{};
    };

    // `where` names the table in problems, e.g. "[server]" or "[[authority]] 2".
    TomlReader(const toml::table* table, std::string where, File& file)
        : table_(table), where_(std::move(where)), file_(file) {}

    [[nodiscard]] std::optional<std::string> text(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::int64_t min,
                                                      std::int64_t max);
    [[nodiscard]] std::optional<bool> boolean(std::string_view key);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] std::optional<std::string> required_text(std::string_view key);
    [[nodiscard]] std::filesystem::path path(std::string_view key);  // empty: it says none
    [[nodiscard]] std::filesystem::path required_path(std::string_view key);
    [[nodiscard]] const toml::table* table(std::string_view key);
    [[nodiscard]] const toml::array* tables(std::string_view key);

    // A path as the file means it.
    [[nodiscard]] std::filesystem::path resolve(const std::string& text) const;
    void problem(std::string_view key, std::string_view what);
    // Says which keys nobody asked for, with the nearest known one.
    void refuse_unknown();

  private:
    const toml::node* node(std::string_view key);

    const toml::table* table_;
    std::string where_;
    File& file_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace shikaku
