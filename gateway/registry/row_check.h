// Checks one uploaded row (docs/recipient-columns.md) and turns it into an entitlement.
//
// Pure: the same row and pack give the same result. A row is refused or kept; every remark names
// line, column and code, and none quotes a value.
#pragma once

#include <optional>
#include <vector>

#include "gateway/domain/entitlement.h"
#include "gateway/domain/scheme.h"
#include "gateway/registry/row_remark.h"
#include "gateway/support/bytes.h"

namespace shikaku::registry {

struct CheckedRow {
    bool refused = false;
    bool deleted = false;
    std::vector<RowRemark> remarks;
    // usable_history_key(), also of a refused row: what is in force under it stays then.
    std::string history_key;
    // Of a row that is neither refused nor deleted:
    Hash256 link_key{};
    domain::Entitlement entitlement;
};

// What is wrong with the characters of a value: undecodable, control_character or hidden_character.
[[nodiscard]] std::optional<RowCode> fault_of_characters(std::string_view value);

// personal_number or shortened_personal_number (domain/numbers.h). A history key may well have
// eleven digits; in other columns such a number has lost its zero.
[[nodiscard]] std::optional<RowCode> personal_number_in(std::string_view value, Column column);

// The row's history key without spaces around it; empty where it cannot be used: missing, too long,
// with characters that no key has, or a personal number.
[[nodiscard]] std::string_view usable_history_key(const RawRow& row);

// 32 bytes as base64url, with spaces around it or not.
[[nodiscard]] std::optional<Hash256> read_link_key(std::string_view text);

// Whose row it is, whatever else is wrong with it; nullopt: it does not say.
[[nodiscard]] std::optional<Hash256> usable_link_key(const RawRow& row);

class RowChecker {
  public:
    explicit RowChecker(const domain::SchemePack& pack) : pack_(pack) {}
    [[nodiscard]] CheckedRow check(const RawRow& row) const;

  private:
    const domain::SchemePack& pack_;
};

}  // namespace shikaku::registry
