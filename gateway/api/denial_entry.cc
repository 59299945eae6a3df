#include "gateway/api/denial_entry.h"

#include "gateway/support/json.h"

namespace shikaku::api {
audit::Detail denial_detail(std::string_view caller, std::string_view request_id,
                            std::string_view route, const Error& error) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", "denial")
        .field("caller", caller)
        .field("request_id", request_id)
        .field("route", route)
        .field("code", name(error.code));
    if (!error.pointer.empty()) json.field("pointer", error.pointer);
    json.end_object();
    return {.asker = std::move(out)};
}

audit::Detail counted_denials_detail(const CountedDenials& counted) {
    const bool of_one = !counted.kind.caller.empty();
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("v", 1).field("kind", "denial");
    if (of_one) json.field("caller", counted.kind.caller).field("route", counted.kind.route);
    json.field("code", counted.kind.code)
        .field("count", counted.count)
        .field("first_ms", unix_ms(counted.first))
        .field("last_ms", unix_ms(counted.last))
        .end_object();
    if (of_one) return {.asker = std::move(out)};
    return {.rest = std::move(out)};
}

}  // namespace shikaku::api
