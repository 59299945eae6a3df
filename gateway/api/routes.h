// The route table as data: what can be called, by whom, how large the body may be, and what runs.
// /openapi.json describes the same table; a test keeps both equal.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/context.h"
#include "gateway/support/bounds.h"

namespace shikaku::api {

// Sets of roles; `anyone` still means a client certificate with a known role.
enum Who : unsigned {
    kInstitution = 1U << 0,
    kAuthority = 1U << 1,
    kAuditor = 1U << 2,
    kOperator = 1U << 3,
    kAnyone = kInstitution | kAuthority | kAuditor | kOperator,
};
[[nodiscard]] Who who(identity::Role role);

using Handler = std::function<HandlerResult(Context&)>;

struct Route {
    http::Method method = http::Method::get;
    // "/v1/publications/{id}/release"; a last part of "{path...}" takes all that follows.
    std::string_view pattern;
    unsigned roles = kAnyone;
    http::BodyPlan body{.bytes_max = 0, .stream = false};
    Handler handler;
};

struct Match {
    const Route* route = nullptr;
    std::string parameter;
    std::vector<http::Method> allowed;  // methods of the path when none fits: 405
};

class Routes {
  public:
    explicit Routes(std::vector<Route> table) : table_(std::move(table)) {}
    // HEAD matches GET. Neither route nor allowed methods: 404.
    [[nodiscard]] Match match(http::Method method, std::string_view path) const;
    [[nodiscard]] const std::vector<Route>& table() const { return table_; }

  private:
    std::vector<Route> table_;
};

// The part of the path that stands for the pattern's parameter; "" for none; nullopt: no match.
[[nodiscard]] std::optional<std::string_view> match_pattern(std::string_view pattern,
                                                            std::string_view path);

}  // namespace shikaku::api
