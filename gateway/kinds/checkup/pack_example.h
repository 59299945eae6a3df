// The examples of a checkup pack: a row as it would be uploaded (NDJSON, keys aside) and what its
// author expects of it:
//
//   {"row": {"checkup_id": "lung", "fiscal_year": "2026", …}, "expect": {"invitation": true,
//    "result": true, "judgement": "要精密検査", "detailed_exam": true}}
//   {"row": {…}, "expect": {"refused": ["unknown_item"]}}
//
// They run whenever a pack is published, so a code cannot change without somebody saying what
// should come out.
#pragma once

#include "gateway/domain/pack_reader.h"
#include "gateway/kinds/checkup/checkup_pack.h"

namespace shikaku::checkup {

// What differs from the expectation is a problem at the example's place.
void run_example(domain::Problems& problems, const domain::Place& place, const CheckupPack& pack);

}  // namespace shikaku::checkup
