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

// What stands for a pattern's last parameter: one part of the path, or all that follows, if any.
enum class Tail : std::uint8_t { one_part, all_parts };

struct Route {
    http::Method method = http::Method::get;
    std::string_view pattern;  // "/v1/publications/{id}/release"
    unsigned roles = kAnyone;
    http::BodyPlan body{.bytes_max = 0, .stream = false};
    Handler handler;
    unsigned cost = 1;     // of what the caller may ask (rate_limits.h); 0: the handler counts
    bool changes = false;  // what is in force: counted apart, so that no upload or poll delays it
    Tail tail = Tail::one_part;
};

struct Match {
    const Route* route = nullptr;
    PathParameters parameters;
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

// What stands for the pattern's parameters; nullopt: no match.
[[nodiscard]] std::optional<PathParameters> match_pattern(std::string_view pattern,
                                                          std::string_view path,
                                                          Tail tail = Tail::one_part);

}  // namespace shikaku::api
