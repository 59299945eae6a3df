// What a municipal REST system answered. The first line is the status, the second the media type.
#include "adapters/rest/answer.h"

#include <charconv>
#include <set>

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    using namespace shikaku::adapters;
    static const auto fields = rest::FieldMap::make({}).value();
    Hash256 link_key{};  // as in adapters/rest/cases
    for (std::size_t i = 0; i < link_key.size(); ++i)
        link_key[i] = static_cast<std::uint8_t>(i);
    constexpr Instant kNow{std::chrono::seconds(1'795'132'800)};

    fuzz::Input input(data, size);
    rest::RawAnswer raw{};
    const std::string_view status = input.text_until('\n');
    std::from_chars(status.data(), status.data() + status.size(), raw.status);
    raw.content_type = input.text_until('\n');
    raw.body = input.text();
    const auto records = rest::read_answer(fields, raw, link_key, kNow);
    if (!records) return 0;
    fuzz::require(raw.status == 200 || raw.status == 404 || raw.status == 409);
    std::set<std::string> keys;
    for (const domain::Entitlement& entitlement : records->entitlements) {
        fuzz::require(entitlement.valid_from <= entitlement.valid_to);
        fuzz::require(keys.insert(entitlement.history_key).second);
    }
    return 0;
}
