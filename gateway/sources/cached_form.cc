#include "gateway/sources/cached_form.h"

#include "gateway/support/json_object.h"

namespace shikaku::sources {
namespace {

constexpr int kVersion = 1;

}  // namespace

std::string write_cached(const Cached& cached) {
    std::string out;
    out.reserve(64 + 320 * cached.records.entitlements.size());
    JsonWriter json(out);
    json.begin_object()
        .field("v", kVersion)
        .field("f", unix_ms(cached.fetched))
        .field("a", unix_ms(cached.records.as_of));
    if (cached.records.ambiguous) json.field("m", true);
    json.key("e").begin_array();
    for (const domain::Entitlement& entitlement : cached.records.entitlements)
        domain::write_entitlement(json, entitlement);
    json.end_array().end_object();
    return out;
}

Result<Cached> read_cached(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) return fail(ErrorCode::corrupt, "cached answer: not JSON");
    Cached cached;
    int version = 0;
    JsonObject object(*json, ErrorCode::corrupt);
    object.needed("v", version);
    if (object.good() && version != kVersion) object.problem("v", "is another version");
    object.needed("f", cached.fetched)
        .needed("a", cached.records.as_of)
        .maybe("m", cached.records.ambiguous);
    object.needed("e").each("e", [&](const Json& item, const std::string&) -> Status {
        SHIKAKU_TRY_LET(auto entitlement, domain::read_entitlement(item));
        cached.records.entitlements.push_back(std::move(entitlement));
        return {};
    });
    SHIKAKU_TRY(object.done_with_others());
    return cached;
}

}  // namespace shikaku::sources
