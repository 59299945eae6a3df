// What can be said against one row: a refusal, or a warning with which the row is kept. The
// sentence follows from the code, so that no value of a row can get into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/registry/columns.h"
#include "gateway/registry/publication.h"
#include "gateway/storage/staging_store.h"

namespace shikaku::registry {

// On disk (remarks of a publication): append only, never renumber.
enum class RowCode : std::uint8_t {
    column_count,
    bad_quoting,
    bad_json,
    not_an_object,
    unknown_member,
    wrong_type,
    personal_number,
    missing_value,
    too_long,
    control_character,
    bad_link_key,
    unknown_scheme,
    bad_payer_number,
    bad_condition,
    bad_institution_code,
    too_many_items,
    bad_flag,
    bad_cap,
    bad_date,
    bad_period,
    bad_birth_date,
    duplicate_history_key,
    bad_personal_number,  // found by shikaku-publish, at the edge
    kept_back,            // what shikaku-publish sends in the place of such a row
    // warnings
    payer_check_digit,
    payer_not_in_scheme,
    overlapping_period,
    unmapped_character,
    unknown_history_key,
    // refusals again
    empty_row,  // also what shikaku-publish sends in the place of a row it cannot attribute
    duplicate_member,
    // warnings again
    not_comparable,
    // refusals again
    shortened_personal_number,
    undecodable,
    hidden_character,
};
inline constexpr std::size_t kRowCodes = 35;

struct RowRemark {
    std::uint64_t line = 0;
    std::optional<Column> column;
    RowCode code = RowCode::column_count;
    bool operator==(const RowRemark&) const = default;
};

// From the numbers it is stored with; -1: no column.
[[nodiscard]] RowRemark row_remark(const storage::StagedRemark& stored);

[[nodiscard]] std::string_view name(RowCode code);
[[nodiscard]] bool is_warning(RowCode code);
[[nodiscard]] RefusedRow describe(const RowRemark& remark);

// UTF-8 with byte order mark, header line,column,code,message_ja,message_en, CRLF; no cell can
// begin a formula.
[[nodiscard]] std::string errors_csv(const std::vector<RowRemark>& remarks, bool complete);

}  // namespace shikaku::registry
