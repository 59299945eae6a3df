#include "adapters/rest/field_map.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/common/entitlement_builder.h"
#include "gateway/support/text.h"

namespace shikaku::adapters::rest {
namespace {

constexpr std::size_t kPathDepth = 8;

using Name = std::pair<std::string_view, std::string_view>;

constexpr auto kAround = std::to_array<Name>({
    {"answer.link_key", "linkKey"},
    {"answer.as_of", "asOf"},
    {"answer.records", "records"},
    {"answer.ambiguous", "ambiguous"},
});

Result<Path> parse_path(std::string_view ours, std::string_view text) {
    Path path;
    for (const std::string_view part : split(text, '.'))
        path.emplace_back(part);
    if (path.size() > kPathDepth || std::ranges::any_of(path, &std::string::empty))
        return fail(ErrorCode::bad_configuration,
                    "the path of the field '" + std::string(ours) + "' is not one");
    return path;
}

}  // namespace

Result<FieldMap> FieldMap::make(const std::map<std::string, std::string>& changes) {
    for (const auto& [ours, theirs] : changes)
        if (std::ranges::find(kAround, ours, &Name::first) == kAround.end() &&
            EntitlementBuilder::find_field(ours) == nullptr)
            return fail(ErrorCode::bad_configuration, "there is no field '" + ours + "'");

    const auto path_of = [&changes](std::string_view ours, std::string_view by_default) {
        const auto changed = changes.find(std::string(ours));
        return parse_path(
            ours, changed == changes.end() ? by_default : std::string_view(changed->second));
    };
    FieldMap map;
    for (const Name& name : kAround) {
        SHIKAKU_TRY_LET(auto path, path_of(name.first, name.second));
        map.around_.emplace(name.first, std::move(path));
    }
    for (const domain::EntitlementField& field : domain::kEntitlementFields) {
        if (field.wire.empty()) continue;
        SHIKAKU_TRY_LET(auto path, path_of(field.name, field.wire));
        map.of_record_.push_back({.ours = field.name, .form = field.form, .path = std::move(path)});
    }
    return map;
}

Result<const Json*> find(const Json& root, const Path& path) {
    const Json* at = &root;
    for (const std::string& name : path) {
        if (!at->is_object())
            return fail(ErrorCode::source_malformed, "an object was expected", join(path));
        const auto member = at->find(name);
        if (member == at->end() || member->is_null()) return nullptr;
        at = &*member;
    }
    return at;
}

std::string join(const Path& path) {
    std::string out;
    for (const std::string& name : path) {
        if (!out.empty()) out += '.';
        out += name;
    }
    return out;
}

}  // namespace shikaku::adapters::rest
