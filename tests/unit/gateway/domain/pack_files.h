// The scheme packs that come with the project.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gateway/domain/scheme_pack.h"
#include "gateway/support/file.h"

namespace shikaku::domain::test {

struct PackFile {
    std::filesystem::path path;
    std::string text;
};

inline std::vector<PackFile> pack_files() {
    std::vector<PackFile> files;
    const std::filesystem::path folder =
        std::filesystem::path(SHIKAKU_SOURCE_DIR) / "municipal-mocks" / "schemes";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".json")
            files.push_back({.path = entry.path(), .text = read_file(entry.path()).value()});
    }
    std::ranges::sort(files, {}, &PackFile::path);
    return files;
}

// A file is named after its authority.
inline PackResult load(const PackFile& file) {
    const auto authority = AuthorityCode::parse(file.path.stem().string());
    return read_scheme_pack(file.text, authority.value(), "test");
}

}  // namespace shikaku::domain::test
