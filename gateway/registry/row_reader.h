// Uploaded bytes to rows: charset, then CSV with a header line or NDJSON (one object a line, the
// same names), piece by piece, in memory that does not grow with the file.
//
// CSV values are text. NDJSON values are strings; flags may also be booleans, the cap a whole
// number, lists arrays of strings, and null stands for empty.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "gateway/registry/columns.h"
#include "gateway/registry/publication.h"
#include "gateway/registry/row_remark.h"

namespace shikaku::registry {

class RowReader {
  public:
    // With faults the row could not be read as it should; what is known of it is in `row`.
    using Take = std::function<Status(const RawRow& row, std::span<const RowRemark> faults)>;
    // `columns` must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<RowReader>> make(BodyFormat format,
                                                                 const Columns& columns, Take take);
    virtual ~RowReader() = default;

    // Errors: a file fault (file_fault.h), personal_number_refused, or what `take` gave.
    [[nodiscard]] virtual Status feed(std::string_view bytes) = 0;
    [[nodiscard]] virtual Status finish() = 0;
};

}  // namespace shikaku::registry
