#include "gateway/sources/cached_form.h"

#include "gateway/support/json.h"

namespace shikaku::sources {
namespace {

constexpr int kVersion = 1;

Instant instant(const Json& milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds.get<std::int64_t>()));
}

}  // namespace

std::string write_cached(const Cached& cached) {
    std::string out;
    out.reserve(64 + 320 * cached.records.entitlements.size());
    JsonWriter json(out);
    json.begin_object()
        .field("v", kVersion)
        .field("f", cached.fetched.time_since_epoch().count())
        .field("a", cached.records.as_of.time_since_epoch().count());
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
    try {
        if (json->at("v") != kVersion)
            return fail(ErrorCode::corrupt, "cached answer: another version");
        Cached cached;
        cached.fetched = instant(json->at("f"));
        cached.records.as_of = instant(json->at("a"));
        cached.records.ambiguous = json->value("m", false);
        for (const Json& item : json->at("e")) {
            SHIKAKU_TRY_LET(auto entitlement, domain::read_entitlement(item));
            cached.records.entitlements.push_back(std::move(entitlement));
        }
        return cached;
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::corrupt, "cached answer: a member is missing or has another type");
    }
}

}  // namespace shikaku::sources
