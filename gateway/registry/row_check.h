// Checks one uploaded row of subsidies (docs/recipient-columns.md) and turns it into an
// entitlement.
//
// Pure: the same row and pack give the same result.
#pragma once

#include "gateway/domain/entitlement.h"
#include "gateway/domain/scheme.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/row_examination.h"

namespace shikaku::registry {

struct CheckedRow : RowVerdict {
    domain::Entitlement entitlement{};  // of a row that is neither refused nor deleted
};

class RowChecker {
  public:
    explicit RowChecker(const domain::SchemePack& pack) : pack_(pack) {}
    [[nodiscard]] CheckedRow check(const RawRow& row) const;

  private:
    const domain::SchemePack& pack_;
};

}  // namespace shikaku::registry
