#include "gateway/api/routes.h"

namespace shikaku::api {

Who who(identity::Role role) {
    switch (role) {
        case identity::Role::institution:
            return kInstitution;
        case identity::Role::authority:
            return kAuthority;
        case identity::Role::auditor:
            return kAuditor;
        case identity::Role::operator_:
            return kOperator;
    }
    return kInstitution;
}

std::optional<std::string_view> match_pattern(std::string_view pattern, std::string_view path) {
    const std::size_t open = pattern.find('{');
    if (open == std::string_view::npos) {
        if (pattern == path) return std::string_view();
        return std::nullopt;
    }
    const std::size_t close = pattern.find('}', open);
    const std::string_view before = pattern.substr(0, open);
    const std::string_view after = pattern.substr(close + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after))
        return std::nullopt;
    const std::string_view value =
        path.substr(before.size(), path.size() - before.size() - after.size());
    const bool many_parts = pattern.substr(0, close).ends_with("...");
    if (!many_parts && value.contains('/')) return std::nullopt;
    return value;
}

Match Routes::match(http::Method method, std::string_view path) const {
    const http::Method wanted = method == http::Method::head ? http::Method::get : method;
    Match found;
    for (const Route& route : table_) {
        const auto parameter = match_pattern(route.pattern, path);
        if (!parameter) continue;
        if (route.method == wanted) return {&route, std::string(*parameter), {}};
        found.allowed.push_back(route.method);
    }
    return found;
}

}  // namespace shikaku::api
