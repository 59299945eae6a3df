// What municipalities call: PUT /v1/schemes, PUT /v1/checkup-packs and the /v1/publications family
// (docs/contract.md 5). An authority sees and changes its own data only; ids of others look as if
// they did not exist. What blocks waits in the caller's own turn: uploads of one hold up nobody
// else's, and no rollback.
#pragma once

#include "gateway/api/denial.h"
#include "gateway/api/routes.h"
#include "gateway/inquiry/inquiry.h"
#include "gateway/registry/registry.h"
#include "gateway/support/blocking_pool.h"

namespace shikaku::api {

class Publishing {
  public:
    static constexpr std::string_view kSchemesRoute = "/v1/schemes";
    static constexpr std::string_view kCheckupPackRoute = "/v1/checkup-packs";

    // `pool`: where SQLite may block.
    Publishing(registry::Registry& registry, Denials& denials, BlockingPool& pool,
               std::function<std::shared_ptr<const inquiry::Trust>()> trust)
        : registry_(registry), denials_(denials), pool_(pool), trust_(std::move(trust)) {}

    HandlerResult put_schemes(Context& context);
    // "<authority code>/<version>": a pack as it was published; rules are public, whoever asks.
    HandlerResult get_schemes(Context& context);
    HandlerResult put_checkup_pack(Context& context);
    HandlerResult get_checkup_pack(Context& context);
    HandlerResult publish(Context& context);  // streamed body
    HandlerResult report(Context& context);
    HandlerResult errors_csv(Context& context);
    HandlerResult release(Context& context);
    HandlerResult rollback(Context& context);

  private:
    using Step = Result<registry::PublicationReport> (registry::Registry::*)(domain::AuthorityCode,
                                                                             const std::string&,
                                                                             std::string,
                                                                             std::string_view);
    HandlerResult change(Context& context, Step step);
    HandlerResult refuse_pack(Context& context, std::string_view route,
                              const std::vector<domain::PackProblem>& problems);
    HandlerResult pack_text(Context& context, registry::RecordType records);

    registry::Registry& registry_;
    Denials& denials_;
    BlockingPool& pool_;
    std::function<std::shared_ptr<const inquiry::Trust>()> trust_;
};

}  // namespace shikaku::api
