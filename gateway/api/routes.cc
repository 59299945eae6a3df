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

std::optional<PathParameters> match_pattern(std::string_view pattern, std::string_view path,
                                            Tail tail) {
    PathParameters parameters;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        const std::string_view fixed = pattern.substr(0, open);
        const bool in_tail = tail == Tail::all_parts && pattern.rfind('{') == open;
        if (in_tail && path.empty() && fixed == "/") return parameters;
        if (!path.starts_with(fixed)) return std::nullopt;
        path.remove_prefix(fixed.size());
        if (open == std::string_view::npos) break;
        const std::size_t close = pattern.find('}', open);
        const std::string_view name = pattern.substr(open + 1, close - open - 1);
        pattern.remove_prefix(close + 1);
        const std::string_view value = path.substr(0, in_tail ? path.size() : path.find('/'));
        if ((value.empty() && !in_tail) || !parameters.add(name, value)) return std::nullopt;
        path.remove_prefix(value.size());
    }
    if (!path.empty()) return std::nullopt;
    return parameters;
}

Match Routes::match(http::Method method, std::string_view path) const {
    const http::Method wanted = method == http::Method::head ? http::Method::get : method;
    Match found;
    for (const Route& route : table_) {
        const auto parameters = match_pattern(route.pattern, path, route.tail);
        if (!parameters) continue;
        if (route.method == wanted) return {&route, *parameters, {}};
        found.allowed.push_back(route.method);
    }
    return found;
}

}  // namespace shikaku::api
