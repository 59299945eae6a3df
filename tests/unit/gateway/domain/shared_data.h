// Reads the CSV files of ../shared/data, which tests compare with when the folder is there.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/reference.h"

namespace shikaku::testing {

using CsvRows = std::vector<std::vector<std::string>>;

// One line into its columns; quoted ones may hold commas and doubled quotes.
inline std::vector<std::string> csv_columns(const std::string& line) {
    std::vector<std::string> columns(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            columns.back() += line[++i];
        } else if (line[i] == '"') {
            quoted = !quoted;
        } else if (line[i] == ',' && !quoted) {
            columns.emplace_back();
        } else if (line[i] != '\r') {
            columns.back() += line[i];
        }
    }
    return columns;
}

// All rows but the header; nothing when the file is not there.
inline std::optional<CsvRows> shared_csv(const std::string& name) {
    const auto path = reference("data/" + name);
    if (!path) return std::nullopt;
    std::ifstream file(*path);
    std::string line;
    std::getline(file, line);
    CsvRows rows;
    while (std::getline(file, line))
        rows.push_back(csv_columns(line));
    return rows;
}

}  // namespace shikaku::testing
