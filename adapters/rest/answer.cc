#include "adapters/rest/answer.h"

#include <algorithm>

#include "adapters/common/entitlement_builder.h"
#include "gateway/domain/field_text.h"
#include "gateway/domain/rfc3339.h"
#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::adapters::rest {
namespace {

std::unexpected<Error> malformed(std::string detail, std::string pointer = {}) {
    return fail(ErrorCode::source_malformed, std::move(detail), std::move(pointer));
}

// "application/json", perhaps with charset=utf-8.
bool is_json(std::string_view content_type) {
    const auto parts = split(content_type, ';');
    if (parts.size() > 2 || !iequals(trim(parts[0]), "application/json")) return false;
    if (parts.size() == 1) return true;
    const std::string_view parameter = trim(parts[1]);
    return iequals(parameter, "charset=utf-8") || iequals(parameter, "charset=\"utf-8\"");
}

// Anywhere, also where we would not look: it must not have left the municipality.
bool has_personal_number(const Json& json) {
    if (json.is_string())
        return domain::contains_personal_number(json.get_ref<const std::string&>());
    if (json.is_number_integer()) return domain::is_personal_number(json.dump());
    if (!json.is_structured()) return false;
    return std::ranges::any_of(json.items(), [](const auto& item) {
        return domain::contains_personal_number(item.key()) || has_personal_number(item.value());
    });
}

Result<domain::Entitlement> read_record(const FieldMap& fields, const Json& record, Instant as_of) {
    if (!record.is_object()) return malformed("an object was expected");
    EntitlementBuilder builder;
    for (const FieldMap::Field& field : fields.of_record()) {
        SHIKAKU_TRY_LET(const auto value, find(record, field.path));
        if (value == nullptr) continue;
        std::string held;
        const auto text = domain::text_of(field.form, *value, held);
        if (!text) return malformed("a value of another type was expected", join(field.path));
        if (auto set = builder.set(field.ours, *text); !set)
            return malformed(set.error().detail, join(field.path));
    }
    return builder.finish(as_of);
}

Status check_person(const FieldMap& fields, const Json& answer, const Hash256& link_key) {
    SHIKAKU_TRY_LET(const auto echo, find(answer, fields.link_key()));
    if (echo == nullptr || !echo->is_string())
        return malformed("does not say whom it is about", join(fields.link_key()));
    if (echo->get_ref<const std::string&>() != to_base64url(link_key))
        return malformed("is about another person", join(fields.link_key()));
    return {};
}

Result<Instant> read_as_of(const FieldMap& fields, const Json& answer, Instant now) {
    SHIKAKU_TRY_LET(const auto value, find(answer, fields.as_of()));
    if (value == nullptr) return now;
    const auto instant = value->is_string()
                             ? domain::parse_rfc3339(value->get_ref<const std::string&>())
                             : std::nullopt;
    if (!instant) return malformed("is not a time of RFC 3339", join(fields.as_of()));
    if (*instant > now + bounds::kSourceClockAhead)
        return malformed("lies in the future", join(fields.as_of()));
    return std::min(*instant, now);
}

Result<bool> read_ambiguous(const FieldMap& fields, const Json& answer) {
    SHIKAKU_TRY_LET(const auto value, find(answer, fields.ambiguous()));
    if (value == nullptr) return false;
    if (!value->is_boolean())
        return malformed("is neither true nor false", join(fields.ambiguous()));
    return value->get<bool>();
}

Result<std::vector<domain::Entitlement>> read_records(const FieldMap& fields, const Json& answer,
                                                      Instant as_of) {
    SHIKAKU_TRY_LET(const auto list, find(answer, fields.records()));
    const std::string name = join(fields.records());
    if (list == nullptr) return malformed("is missing", name);
    if (!list->is_array()) return malformed("is not a list", name);
    if (list->size() > bounds::kEntitlementsPerAuthority)
        return malformed("has more records than one person can have", name);
    std::vector<domain::Entitlement> rows;
    for (const Json& record : *list) {
        const std::string place = name + "[" + std::to_string(rows.size()) + "]";
        auto row = read_record(fields, record, as_of);
        if (!row) return malformed(row.error().detail, place + "." + row.error().pointer);
        if (std::ranges::find(rows, row->history_key, &domain::Entitlement::history_key) !=
            rows.end())
            return malformed("has the history key of another record", place);
        rows.push_back(std::move(*row));
    }
    return rows;
}

Result<Records> read_body(const FieldMap& fields, const RawAnswer& raw, const Hash256& link_key,
                          Instant now) {
    if (!is_json(raw.content_type)) return malformed("the answer is not declared as JSON");
    if (raw.body.size() > bounds::kSourceBodyBytes) return malformed("the answer is too large");
    const auto answer = parse_json(raw.body);
    if (!answer) return malformed(answer.error().detail);
    if (has_personal_number(*answer))
        return malformed("holds a number of the form of a personal number");
    SHIKAKU_TRY(check_person(fields, *answer, link_key));
    SHIKAKU_TRY_LET(const auto as_of, read_as_of(fields, *answer, now));
    SHIKAKU_TRY_LET(const auto ambiguous, read_ambiguous(fields, *answer));
    if (ambiguous) return Records{.entitlements = {}, .as_of = as_of, .ambiguous = true};
    SHIKAKU_TRY_LET(auto rows, read_records(fields, *answer, as_of));
    return Records{.entitlements = std::move(rows), .as_of = as_of, .ambiguous = false};
}

}  // namespace

Result<Records> read_answer(const FieldMap& fields, const RawAnswer& raw, const Hash256& link_key,
                            Instant now) {
    const std::string status = "HTTP status " + std::to_string(raw.status);
    switch (raw.status) {
        case 200:
            return read_body(fields, raw, link_key, now);
        case 404: {
            auto said = read_body(fields, raw, link_key, now);
            if (!said || said->ambiguous || !said->entitlements.empty())
                return malformed(status + " without a statement about the person");
            return said;
        }
        case 409:
            return Records{.entitlements = {}, .as_of = now, .ambiguous = true};
        case 401:
        case 403:
            return fail(ErrorCode::source_refused, status);
        case 408:
        case 425:
        case 429:
            return fail(ErrorCode::source_unavailable, status);
        default:
            if (raw.status >= 500) return fail(ErrorCode::source_unavailable, status);
            return malformed(status);
    }
}

}  // namespace shikaku::adapters::rest
