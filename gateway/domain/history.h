// One certificate, several history rows: which of them the desk wants to see.
//
// A receptionist asks about today's certificate. Rows of a scheme that ended or have not begun are
// left out when one of the same scheme is in force. When none is, one row speaks for the scheme:
// the coming renewal, else the row that ended last or was taken back last.
#pragma once

#include <vector>

#include "gateway/domain/row.h"

namespace shikaku::domain {

void keep_most_relevant(std::vector<Row>& rows);

// A total order over everything that can make two rows differ, so that nothing depends on the order
// in which sources were asked.
[[nodiscard]] bool row_before(const Row& a, const Row& b);

}  // namespace shikaku::domain
