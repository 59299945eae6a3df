// Municipal checkups as a kind of record: what the registry is given when a gateway is put
// together, and what shikaku-publish reads files by. Packs are CheckupPack.
#pragma once

#include "gateway/kinds/checkup/checkup_pack.h"
#include "gateway/registry/record_kind.h"

namespace shikaku::checkup {

[[nodiscard]] const registry::RecordKind& checkup_kind();
[[nodiscard]] inline registry::RecordSet checkups_of(domain::AuthorityCode authority) {
    return {.records = registry::RecordType::checkups, .authority = authority};
}
// Of a pack that came from this kind.
[[nodiscard]] inline std::shared_ptr<const CheckupPack> as_checkup_pack(
    const registry::AnyPack& pack) {
    return std::static_pointer_cast<const CheckupPack>(pack);
}

}  // namespace shikaku::checkup
