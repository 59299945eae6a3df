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
#include "gateway/storage/ports/registry_rows.h"

namespace shikaku::registry {

// In registry.db: append only, never renumber.
enum class RowCode : std::uint8_t {
    column_count = 0,
    bad_quoting = 1,
    bad_json = 2,
    not_an_object = 3,
    unknown_member = 4,
    wrong_type = 5,
    personal_number = 6,
    missing_value = 7,
    too_long = 8,
    control_character = 9,
    bad_link_key = 10,
    unknown_scheme = 11,
    bad_payer_number = 12,
    bad_condition = 13,
    bad_institution_code = 14,
    too_many_items = 15,
    bad_flag = 16,
    bad_cap = 17,
    bad_date = 18,
    bad_period = 19,
    bad_birth_date = 20,
    duplicate_history_key = 21,
    bad_personal_number = 22,  // found by shikaku-publish, at the edge
    kept_back = 23,            // what shikaku-publish sends in the place of such a row
    // warnings
    payer_check_digit = 24,
    payer_not_in_scheme = 25,
    overlapping_period = 26,
    unmapped_character = 27,
    unknown_history_key = 28,
    // refusals again
    empty_row = 29,  // also what shikaku-publish sends in the place of a row it cannot attribute
    duplicate_member = 30,
    // warnings again
    not_comparable = 31,
    // refusals again
    shortened_personal_number = 32,
    undecodable = 33,
    hidden_character = 34,
    // of checkups
    bad_yen = 35,
    unknown_checkup = 36,
    bad_fiscal_year = 37,
    bad_item = 38,
    unknown_item = 39,
    unknown_judgement = 40,
    no_invitation_or_result = 41,
    result_without_date = 42,
};

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
[[nodiscard]] RefusedRow describe(const RowRemark& remark, const Columns& columns);

// UTF-8 with byte order mark, header line,column,code,message_ja,message_en, CRLF; no cell can
// begin a formula.
[[nodiscard]] std::string errors_csv(const std::vector<RowRemark>& remarks, const Columns& columns,
                                     bool complete);

}  // namespace shikaku::registry
