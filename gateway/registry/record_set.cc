#include "gateway/registry/record_set.h"

#include <fmt/format.h>

#include <cassert>
#include <charconv>

#include "gateway/support/names.h"

namespace shikaku::registry {
namespace {

constexpr storage::AuthorityNumber kCodes = 1'000'000;
constexpr auto kNames = std::to_array<Named<RecordType>>(
    {{RecordType::subsidies, "subsidies"}, {RecordType::checkups, "checkups"}});
static_assert(in_order(kNames, &Named<RecordType>::value));

}  // namespace

std::string_view name(RecordType records) {
    return name_in(kNames, records);
}

std::optional<RecordType> parse_record_type(std::string_view text) {
    return value_in(kNames, text);
}

storage::AuthorityNumber number_of(RecordSet set) {
    storage::AuthorityNumber code = 0;
    const std::string_view text = set.authority.text();
    std::from_chars(text.data(), text.data() + text.size(), code);
    return static_cast<storage::AuthorityNumber>(set.records) * kCodes + code;
}

RecordSet set_of(storage::AuthorityNumber number) {
    const auto authority = domain::AuthorityCode::parse(fmt::format("{:06}", number % kCodes));
    assert(authority && number / kCodes < kNames.size() && "only numbers of sets are stored");
    return {.records = static_cast<RecordType>(number / kCodes), .authority = *authority};
}

}  // namespace shikaku::registry
