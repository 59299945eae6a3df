// What is published, compared, switched and rolled back as one: the records of one kind of one
// authority. In registry.db a set is one number, which files of before there were several kinds
// call the authority's: kind * 1,000,000 + 全国地方公共団体コード. So their rows are subsidies.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/domain/numbers.h"
#include "gateway/storage/ports/registry_rows.h"

namespace shikaku::registry {

// The kinds of record there are. In registry.db and in the log: never renumber, never rename. What
// a kind is made of stands in its own folder (record_kind.h).
enum class RecordType : std::uint8_t {
    subsidies = 0,  // 医療費助成
    checkups = 1,   // 自治体検診
};
[[nodiscard]] std::string_view name(RecordType records);
[[nodiscard]] std::optional<RecordType> parse_record_type(std::string_view text);

struct RecordSet {
    RecordType records;
    domain::AuthorityCode authority;
    auto operator<=>(const RecordSet&) const = default;
};

[[nodiscard]] storage::AuthorityNumber number_of(RecordSet set);
// Of a number that number_of() gave: others are not stored.
[[nodiscard]] RecordSet set_of(storage::AuthorityNumber number);

}  // namespace shikaku::registry
