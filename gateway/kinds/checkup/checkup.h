// 自治体検診: one checkup that a municipality invites a person to, and its result when there is
// one.
//
// The national registration API (自治体検診対象者情報登録) shows only whom it is about; how results
// travel is not public. So kinds of checkup, items, codes and judgements are data of the authority
// (checkup_pack.h), and this is their frame. Personal data, and more sensitive than who may use a
// subsidy: never logged, sealed at rest, never kept after the visit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/fiscal_year.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/bytes.h"
#include "gateway/support/json.h"
#include "gateway/support/result.h"

namespace shikaku::checkup {

struct Checkup {
    std::string history_key{};  // 履歴キー, unique within the authority
    std::string checkup_id{};   // the kind of checkup, in the authority's pack
    std::optional<domain::FiscalYear> fiscal_year{};  // 年度; always there
    // The invitation: from when to when, inclusive.
    std::optional<domain::Date> invited_from{}, invited_to{};  // 受診期間
    std::string ticket_number{};                               // 受診券番号
    std::optional<int> own_payment_yen{};                      // 自己負担額
    // The result.
    std::optional<domain::Date> examined_on{};           // 受診日
    std::vector<domain::InstitutionCode> institution{};  // 受診医療機関: none or one
    std::string institution_name{};                      // 受診機関名
    std::vector<std::string> items{};                    // 結果項目, code:value[:judgement]
    std::string judgement{};                             // 総合判定, a code of the pack
    std::optional<int> detailed_exam{};                  // 要精密検査: 1, 0, or not known
    std::optional<domain::Date> detailed_on{};           // 精密検査日
    std::string detailed_outcome{};                      // 精密検査結果, a code of the pack

    Instant changed_at{};  // when what the authority says about this row last changed

    [[nodiscard]] bool is_invitation() const { return invited_from.has_value(); }
    [[nodiscard]] bool is_result() const { return examined_on.has_value(); }
    bool operator==(const Checkup&) const = default;
};

// The compact form in log details; read_checkup refuses what write_checkup cannot have written.
void write_checkup(JsonWriter& out, const Checkup& checkup);
[[nodiscard]] Result<Checkup> read_checkup(const Json& json);

// The bytes inside a sealed registry row (field_bytes.h), without changed_at. encode_checkup
// appends; decode_checkup gives corrupt for what it cannot have written.
void encode_checkup(const Checkup& checkup, Bytes& out);
[[nodiscard]] Result<Checkup> decode_checkup(BytesView bytes);

}  // namespace shikaku::checkup
