// What municipalities call: PUT /v1/schemes and the /v1/publications family (contract 5). An
// authority sees and changes its own data only; ids of others look as if they did not exist.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "gateway/api/desk.h"
#include "gateway/api/routes.h"
#include "gateway/registry/registry.h"

namespace shikaku::api {

class Publishing {
  public:
    // `pool`: where SQLite may block.
    Publishing(registry::Registry& registry, asio::thread_pool& pool,
               std::function<std::shared_ptr<const Trust>()> trust)
        : registry_(registry), pool_(pool), trust_(std::move(trust)) {}

    HandlerResult put_schemes(Context& context);
    // "<authority code>/<version>": a pack as it was published; rules are public, whoever asks.
    HandlerResult get_schemes(Context& context);
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

    registry::Registry& registry_;
    asio::thread_pool& pool_;
    std::function<std::shared_ptr<const Trust>()> trust_;
};

}  // namespace shikaku::api
