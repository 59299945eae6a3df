#include "gateway/domain/entitlement.h"

#include <limits>

namespace shikaku::domain {
namespace {

// The names of members are two letters at most, so that a sealed row stays small; packed into a
// number they can be told apart by one switch.
constexpr unsigned tag(std::string_view name) {
    if (name.empty() || name.size() > 2) return 0;
    const auto first = static_cast<unsigned char>(name[0]);
    return name.size() == 1 ? first : first << 8U | static_cast<unsigned char>(name[1]);
}

bool read(const Json& json, std::string& out) {
    const auto* text = json.get_ptr<const std::string*>();
    if (text == nullptr || text->empty()) return false;
    out = *text;
    return true;
}

bool read(const Json& json, bool& out) {
    const auto* value = json.get_ptr<const bool*>();
    if (value == nullptr || !*value) return false;
    out = true;
    return true;
}

bool read(const Json& json, std::int64_t& out) {
    if (!json.is_number_integer()) return false;
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return false;
    out = json.get<std::int64_t>();
    return true;
}

bool read(const Json& json, std::optional<int>& out) {
    std::int64_t value = 0;
    if (!read(json, value)) return false;
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
        return false;
    }
    out = static_cast<int>(value);
    return true;
}

bool read(const Json& json, Instant& out) {
    std::int64_t milliseconds = 0;
    if (!read(json, milliseconds)) return false;
    out = Instant(std::chrono::milliseconds(milliseconds));
    return true;
}

bool read(const Json& json, std::optional<Instant>& out) {
    return read(json, out.emplace());
}

bool read(const Json& json, std::optional<Date>& out) {
    const auto* text = json.get_ptr<const std::string*>();
    if (text == nullptr) return false;
    out = Date::parse_iso(*text);
    return out.has_value();
}

bool read(const Json& json, Date& out) {
    std::optional<Date> date;
    if (!read(json, date)) return false;
    out = *date;
    return true;
}

bool read(const Json& json, std::optional<PayerNumber>& out) {
    const auto* text = json.get_ptr<const std::string*>();
    if (text == nullptr) return false;
    out = PayerNumber::parse(*text);
    return out.has_value();
}

bool read(const Json& json, std::vector<std::string>& out) {
    if (!json.is_array() || json.empty()) return false;
    out.reserve(json.size());
    for (const Json& item : json) {
        const auto* text = item.get_ptr<const std::string*>();
        if (text == nullptr) return false;
        out.push_back(*text);
    }
    return true;
}

bool read(const Json& json, std::vector<InstitutionCode>& out) {
    if (!json.is_array() || json.empty()) return false;
    out.reserve(json.size());
    for (const Json& item : json) {
        const auto* text = item.get_ptr<const std::string*>();
        const auto code = text == nullptr ? std::nullopt : InstitutionCode::parse(*text);
        if (!code) return false;
        out.push_back(*code);
    }
    return true;
}

// Which of the members that are always written have been seen.
struct Required {
    bool valid_from = false;
    bool valid_to = false;
    bool changed_at = false;
};

bool read_member(std::string_view name, const Json& value, Entitlement& out, Required& seen) {
    switch (tag(name)) {
        case tag("hk"):
            return read(value, out.history_key);
        case tag("ct"):
            return read(value, out.certificate_type_id);
        case tag("s"):
            return read(value, out.scheme_id);
        case tag("p"):
            return read(value, out.payer_number);
        case tag("r"):
            return read(value, out.recipient_number);
        case tag("cn"):
            return read(value, out.certificate_name);
        case tag("sg"):
            return read(value, out.segment);
        case tag("is"):
            return read(value, out.income_segment);
        case tag("ac"):
            return read(value, out.additional_conditions);
        case tag("di"):
            return read(value, out.designated_institutions);
        case tag("ar"):
            return read(value, out.always_reimbursement);
        case tag("mc"):
            return read(value, out.cap_monthly_yen);
        case tag("f"):
            return seen.valid_from = read(value, out.valid_from);
        case tag("t"):
            return seen.valid_to = read(value, out.valid_to);
        case tag("nd"):
            return read(value, out.not_disclosed);
        case tag("b"):
            return read(value, out.birth_date);
        case tag("ch"):
            return seen.changed_at = read(value, out.changed_at);
        case tag("rv"):
            return read(value, out.revoked_at);
        case tag("lo"):
            return read(value, out.left_out);
        default:
            return false;
    }
}

void write(JsonWriter& out, std::string_view name, std::string_view text) {
    if (!text.empty()) out.field(name, text);
}

std::int64_t milliseconds(Instant instant) {
    return instant.time_since_epoch().count();
}

}  // namespace

void write_entitlement(JsonWriter& out, const Entitlement& entitlement) {
    out.begin_object();
    write(out, "hk", entitlement.history_key);
    write(out, "ct", entitlement.certificate_type_id);
    write(out, "s", entitlement.scheme_id);
    if (entitlement.payer_number) out.field("p", entitlement.payer_number->text());
    write(out, "r", entitlement.recipient_number);
    write(out, "cn", entitlement.certificate_name);
    write(out, "sg", entitlement.segment);
    write(out, "is", entitlement.income_segment);
    if (!entitlement.additional_conditions.empty()) {
        out.key("ac").begin_array();
        for (const std::string& condition : entitlement.additional_conditions) {
            out.string(condition);
        }
        out.end_array();
    }
    if (!entitlement.designated_institutions.empty()) {
        out.key("di").begin_array();
        for (const InstitutionCode& code : entitlement.designated_institutions) {
            out.string(code.text());
        }
        out.end_array();
    }
    if (entitlement.always_reimbursement) out.field("ar", true);
    if (entitlement.cap_monthly_yen) out.field("mc", *entitlement.cap_monthly_yen);
    out.field("f", entitlement.valid_from.iso());
    out.field("t", entitlement.valid_to.iso());
    if (entitlement.not_disclosed) out.field("nd", true);
    if (entitlement.birth_date) out.field("b", entitlement.birth_date->iso());
    out.field("ch", milliseconds(entitlement.changed_at));
    if (entitlement.revoked_at) out.field("rv", milliseconds(*entitlement.revoked_at));
    if (entitlement.left_out) out.field("lo", true);
    out.end_object();
}

Result<Entitlement> read_entitlement(const Json& json) {
    const auto* members = json.get_ptr<const Json::object_t*>();
    if (members == nullptr) return fail(ErrorCode::corrupt, "an entitlement is not an object");
    Entitlement out;
    Required seen;
    for (const auto& [name, value] : *members) {
        if (!read_member(name, value, out, seen)) {
            return fail(ErrorCode::corrupt, "an entitlement has a member that cannot be read");
        }
    }
    if (!seen.valid_from || !seen.valid_to || !seen.changed_at) {
        return fail(ErrorCode::corrupt, "an entitlement lacks its dates");
    }
    return out;
}

}  // namespace shikaku::domain
