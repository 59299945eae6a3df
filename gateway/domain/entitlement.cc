#include "gateway/domain/entitlement.h"

#include "gateway/domain/entitlement_fields.h"
#include "gateway/domain/field_bytes.h"
#include "gateway/domain/field_json.h"

namespace shikaku::domain {
namespace {

constexpr std::uint32_t kAlwaysThere = always_there(kEntitlementFields);

// What the gateway adds to the fields.
bool read_own(std::string_view name, const Json& value, Entitlement& out,
              std::optional<Instant>& changed_at) {
    if (name == "ch") return take(value, changed_at);
    if (name == "rv") return take(value, out.revoked_at);
    return name == "lo" && take(value, out.left_out) && out.left_out;
}

}  // namespace

void write_entitlement(JsonWriter& out, const Entitlement& entitlement) {
    out.begin_object();
    write_fields(out, kEntitlementFields, entitlement);
    out.field("ch", unix_ms(entitlement.changed_at));
    if (entitlement.revoked_at) out.field("rv", unix_ms(*entitlement.revoked_at));
    if (entitlement.left_out) out.field("lo", true);
    out.end_object();
}

Result<Entitlement> read_entitlement(const Json& json) {
    const auto* members = json.get_ptr<const Json::object_t*>();
    if (members == nullptr) return fail(ErrorCode::corrupt, "an entitlement is not an object");
    Entitlement out;
    std::optional<Instant> changed_at;
    std::size_t next = 0;
    std::uint32_t seen = 0;
    for (const auto& [name, value] : *members) {
        if (!read_field(kEntitlementFields, name, value, out, next, seen) &&
            !read_own(name, value, out, changed_at))
            return fail(ErrorCode::corrupt, "an entitlement has a member that cannot be read");
    }
    if ((seen & kAlwaysThere) != kAlwaysThere || !changed_at)
        return fail(ErrorCode::corrupt, "an entitlement lacks its dates");
    out.changed_at = *changed_at;
    return out;
}

void encode_entitlement(const Entitlement& entitlement, Bytes& out) {
    encode(kEntitlementFields, kEntitlementFirstFields, entitlement, out);
}

Result<Entitlement> decode_entitlement(BytesView bytes) {
    Entitlement out;
    if (!decode(kEntitlementFields, kEntitlementFirstFields, bytes, out))
        return fail(ErrorCode::corrupt, "registry: the bytes of a row are no entitlement");
    return out;
}

}  // namespace shikaku::domain
