#include "gateway/audit/event_entry.h"

#include "gateway/support/json.h"

namespace shikaku::audit {

Detail opened_detail(std::string_view caller, std::string_view request_id, std::uint64_t index) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("v", 1)
        .field("kind", "audit_search")
        .field("caller", caller)
        .field("request_id", request_id)
        .field("opened", index)
        .end_object();
    return {.asker = std::move(out)};
}

Detail lifecycle_detail(std::string_view event, std::string_view version,
                        std::optional<Instant> clock_right_at, std::string_view believed) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("v", 1).field("kind", event).field("version", version);
    if (clock_right_at) json.field("clock_right_at_ms", unix_ms(*clock_right_at));
    if (!believed.empty()) json.field("believed", believed);
    json.end_object();
    return {.rest = std::move(out)};
}

}  // namespace shikaku::audit
