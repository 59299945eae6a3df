// The configuration file.
#include "gateway/app/config.h"

#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const fuzz::MemoryFile file(fuzz::Input(data, size).text());
    const auto config = app::load_config(file.path());
    if (!config) {
        fuzz::require(!config.error().detail.empty());
        return 0;
    }
    fuzz::require(!app::describe(*config).empty());
    (void)app::warnings(*config);
    return 0;
}
