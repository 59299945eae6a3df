// JSON as everything of ours reads it: what is accepted means what the library takes it for, and
// survives being written and read again.
#include "gateway/support/json.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const std::string_view text = fuzz::Input(data, size).text();
    const auto read = parse_json(text);
    if (!read) return 0;
    fuzz::require(*read == Json::parse(text, nullptr, false));
    fuzz::require(parse_json(read->dump()) == *read);
    return 0;
}
