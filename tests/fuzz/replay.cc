// The main of a fuzz target: gives it every file of the files and folders named, and, as small
// changes to each, the file cut off in the middle and the empty input. That there is no file at all
// is an error: nothing would have been tried. With --search as the first argument libFuzzer takes
// the others, and looks for inputs of its own (preset dev).
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/target.h"

#ifdef SHIKAKU_SEARCH
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's
extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*target)(const std::uint8_t* data, std::size_t size));
#endif

namespace {

void give(std::string_view bytes) {
    // Exactly as large, so that the address sanitizer sees a read past the end.
    const std::vector<char> copy(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size());
}

std::size_t replay(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (!in.good() && !in.eof()) {
        std::fprintf(stderr, "cannot read %s\n", file.c_str());
        std::exit(2);
    }
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    give(bytes);
    give(std::string_view(bytes).substr(0, bytes.size() / 2));
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef SHIKAKU_SEARCH
    if (argc > 1 && std::string_view(argv[1]) == "--search") {
        argv[1] = argv[0];
        ++argv;
        --argc;
        return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
    }
#endif
    give({});
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        const std::filesystem::path place(argv[i]);
        if (!std::filesystem::is_directory(place)) {
            files += replay(place);
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
            if (entry.is_regular_file()) files += replay(entry.path());
        }
    }
    std::printf("%zu files\n", files);
    return files > 0 ? 0 : 1;
}
