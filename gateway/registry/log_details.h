// The details of the registry's log entries, as JSON: who published what for which authority, never
// about whom. One part, for that authority.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/audit/entry.h"
#include "gateway/registry/publication.h"
#include "gateway/registry/record_kind.h"

namespace shikaku::registry {

[[nodiscard]] audit::Detail scheme_change_detail(RecordSet set, std::string_view caller,
                                                 std::string_view version, const PackRead& pack);

[[nodiscard]] audit::Detail publication_detail(RecordSet set, std::string_view caller,
                                               const PublicationReport& report);

// From one generation to another; 0: nothing published.
struct SwitchStep {
    std::string_view step;  // publish, release, rollback; undo: the one before did not happen
    std::int64_t from = 0, to = 0;
    std::string_view reason;  // empty for publish
};
[[nodiscard]] audit::Detail switch_detail(RecordSet set, std::string_view caller,
                                          std::string_view publication, const SwitchStep& step);

// The pack logged before did not come into force.
[[nodiscard]] audit::Detail scheme_undo_detail(RecordSet set, std::string_view caller,
                                               std::string_view version, std::string_view reason);

// These authorities have nothing in force until they publish again.
[[nodiscard]] std::string registry_lost_detail(std::span<const domain::AuthorityCode> authorities,
                                               std::string_view reason);

inline constexpr std::string_view kUndo = "undo";

// What a registry_switch or scheme_change entry says, read back.
struct LoggedChange {
    RecordSet set;
    std::string subject;            // publication, or version of a pack
    std::string step{};             // a pack: empty or undo
    std::int64_t from = 0, to = 0;  // generations
};
[[nodiscard]] Result<LoggedChange> read_change(audit::Kind kind, std::string_view detail);

}  // namespace shikaku::registry
