#include "gateway/inquiry/share.h"

#include <algorithm>

#include "gateway/support/json.h"

namespace shikaku::inquiry {
namespace {

bool asked_by(std::string_view text, const identity::Caller& caller) {
    const auto json = parse_json(text);
    return json && json->is_object() && json->value("caller", Json()) == caller.label();
}

// "authority" in an answer's parts, "authorities" in what a publication writes.
bool concerns(std::string_view text, domain::AuthorityCode authority) {
    const auto json = parse_json(text);
    if (!json || !json->is_object()) return false;
    const Json code = std::string(authority.text());
    const Json several = json->value("authorities", Json::array());
    return json->value("authority", Json()) == code ||
           std::ranges::find(several, code) != several.end();
}

Result<audit::Share> share_of_whole(const identity::Caller& caller,
                                    const audit::OpenedEntry& entry) {
    const bool may_see = asked_by(entry.detail.rest, caller) ||
                         (caller.authority && concerns(entry.detail.rest, *caller.authority));
    if (!may_see) return fail(ErrorCode::not_your_data);
    const bool of_a_person = entry.leaf.kind == audit::Kind::eligibility;
    return audit::Share{.opened = of_a_person ? audit::Opened::nothing : audit::Opened::all};
}

}  // namespace

Result<audit::Share> share_of(const identity::Caller& caller, const audit::OpenedEntry& entry) {
    using audit::Opened;
    if (caller.role == identity::Role::auditor) return audit::Share{.opened = Opened::all};
    if (entry.leaf.version == audit::kLeafWhole) return share_of_whole(caller, entry);
    if (asked_by(entry.detail.asker, caller)) return audit::Share{.opened = Opened::asker};
    const auto& parts = entry.detail.authorities;
    if (caller.role == identity::Role::authority) {
        const auto own = std::ranges::find_if(
            parts, [&](const std::string& text) { return concerns(text, *caller.authority); });
        if (own != parts.end()) {
            // What was decided may tell what others found.
            const bool says_decided = parse_json(*own)->contains("decided");
            return audit::Share{.opened = says_decided ? Opened::nothing : Opened::authority,
                                .authority = static_cast<std::size_t>(own - parts.begin())};
        }
    }
    return fail(ErrorCode::not_your_data);
}

}  // namespace shikaku::inquiry
