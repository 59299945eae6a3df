#include "gateway/kinds/checkup/checkup.h"

#include "gateway/domain/field_bytes.h"
#include "gateway/domain/field_json.h"
#include "gateway/kinds/checkup/checkup_fields.h"

namespace shikaku::checkup {

void write_checkup(JsonWriter& out, const Checkup& checkup) {
    out.begin_object();
    domain::write_fields(out, kCheckupFields, checkup);
    out.field("ch", static_cast<std::int64_t>(checkup.changed_at.time_since_epoch().count()))
        .end_object();
}

Result<Checkup> read_checkup(const Json& json) {
    const auto* members = json.get_ptr<const Json::object_t*>();
    if (members == nullptr) return fail(ErrorCode::corrupt, "a checkup is not an object");
    Checkup out;
    std::optional<Instant> changed_at;
    std::size_t next = 0;
    std::uint32_t seen = 0;
    for (const auto& [name, value] : *members) {
        if (!domain::read_field(kCheckupFields, name, value, out, next, seen) &&
            !(name == "ch" && take(value, changed_at)))
            return fail(ErrorCode::corrupt, "a checkup has a member that cannot be read");
    }
    if (!out.fiscal_year || out.checkup_id.empty() || !changed_at)
        return fail(ErrorCode::corrupt, "a checkup lacks a member");
    out.changed_at = *changed_at;
    return out;
}

void encode_checkup(const Checkup& checkup, Bytes& out) {
    domain::encode(kCheckupFields, kCheckupFirstFields, checkup, out);
}

Result<Checkup> decode_checkup(BytesView bytes) {
    Checkup out;
    if (!domain::decode(kCheckupFields, kCheckupFirstFields, bytes, out) || !out.fiscal_year ||
        out.checkup_id.empty())
        return fail(ErrorCode::corrupt, "registry: the bytes of a row are no checkup");
    return out;
}

}  // namespace shikaku::checkup
