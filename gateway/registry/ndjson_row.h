// One line of NDJSON as a row. Holds the line's values between read() and the next read().
#pragma once

#include <array>
#include <bitset>
#include <span>
#include <string>
#include <vector>

#include "gateway/registry/columns.h"
#include "gateway/registry/row_remark.h"
#include "gateway/support/json.h"

namespace shikaku::registry {

class NdjsonRow {
  public:
    // `columns` must outlive it.
    explicit NdjsonRow(const Columns& columns) : columns_(columns) {}
    // personal_number_refused when the object has a member of that name; every other trouble is a
    // fault of this row.
    [[nodiscard]] Status read(std::string_view line, std::uint64_t number);
    [[nodiscard]] const RawRow& row() const { return row_; }
    [[nodiscard]] std::span<const RowRemark> faults() const { return faults_; }

  private:
    void fault(std::optional<Column> column, RowCode code);
    void take_member(Column column, const Json& value);
    bool take_name(Column column);

    const Columns& columns_;
    Json json_;
    std::array<std::string, kColumnsMax> converted_;
    RawRow row_;
    std::vector<RowRemark> faults_;
    std::bitset<kColumnsMax> named_;
};

}  // namespace shikaku::registry
