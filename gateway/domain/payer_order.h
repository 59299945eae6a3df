// The order of payers on one claim (公費の優先順位): the national list by 法別番号, then local
// subsidies in the order that the prefecture sets, then the pack's own claim_order, then the payer
// number.
//
// The prefecture is that of the authority, which equals the one in every right payer number and is
// known without one. Only what is settled in kind stands on the claim: what is paid back later
// (償還払い, 自動償還) is not billed to the payer there. At most bounds::kPayersOnOneClaim stand on
// it; the others keep claim_order 0 and the note fifth_payer.
#pragma once

#include <vector>

#include "gateway/domain/row.h"

namespace shikaku::domain {

// The law code that places a payer: the payer number's, else the scheme's; empty when neither is
// known.
[[nodiscard]] std::string_view law_code_of(const SubsidyDecision& subsidy);
// A total order, whether on the claim or not.
[[nodiscard]] bool pays_before(const Row& a, const Row& b, const RuleBook& rules);
// Sorts: the claim, then eligible ones beside it, then the others; and numbers the claim.
void order_payers(std::vector<Row>& rows, const RuleBook& rules);

}  // namespace shikaku::domain
