// 受給者証の一資格: what one authority says one person may use, in one history row (履歴).
//
// The fields are those of the national registration API (PMH 医療費助成対象者差分履歴情報,
// 2024-07-08). Personal data: never logged, sealed at rest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/bytes.h"
#include "gateway/support/json.h"
#include "gateway/support/result.h"

namespace shikaku::domain {

struct Entitlement {
    std::string history_key;          // 履歴キー, unique within the authority
    std::string certificate_type_id;  // 機関別受給者証種別ID
    std::string scheme_id;            // the scheme in the authority's pack
    std::optional<PayerNumber> payer_number;
    std::string recipient_number;                          // as registered, up to 30 characters
    std::string certificate_name;                          // 受給者証名
    std::string segment;                                   // 区分
    std::string income_segment;                            // 所得区分
    std::vector<std::string> additional_conditions;        // itemCode-conditionCode
    std::vector<InstitutionCode> designated_institutions;  // empty: any
    bool always_reimbursement = false;                     // 常に償還払い
    std::optional<int> cap_monthly_yen;                    // 自己負担上限月額
    Date valid_from;
    Date valid_to;               // inclusive
    bool not_disclosed = false;  // 不開示
    std::optional<Date> birth_date;

    // When what the authority says about this row last changed (publication or fetch).
    Instant changed_at{};
    // Set when the authority took the row back. A deletion holds for every date. A row that was
    // only left out of a full publication ended on that day: a child who moved away was a resident
    // before.
    std::optional<Instant> revoked_at;
    bool left_out = false;  // of a full publication, at revoked_at

    bool operator==(const Entitlement&) const = default;
};

// The compact form kept in log details and the cache (field_json.h); absent members mean empty or
// false. read_entitlement refuses what write_entitlement cannot have written.
void write_entitlement(JsonWriter& out, const Entitlement& entitlement);
[[nodiscard]] Result<Entitlement> read_entitlement(const Json& json);

// The bytes inside a sealed registry row (field_bytes.h), without changed_at, revoked_at and
// left_out: generations say them. encode_entitlement appends; decode_entitlement gives corrupt for
// what it cannot have written.
void encode_entitlement(const Entitlement& entitlement, Bytes& out);
[[nodiscard]] Result<Entitlement> decode_entitlement(BytesView bytes);

}  // namespace shikaku::domain
