// The log for anyone with a certificate: /log/checkpoint, /log/tile/... (C2SP tlog-tiles), and
// /v1/receipts/{index} for those concerned (docs/contract.md 6).
#pragma once

#include "gateway/api/routes.h"
#include "gateway/audit/log.h"

namespace shikaku::api {

class LogFiles {
  public:
    explicit LogFiles(audit::Log& log) : log_(log) {}

    HandlerResult checkpoint(Context& context);
    // Level "entries" are the entries themselves. What is not there (yet) is 404 without an entry.
    HandlerResult tile(Context& context);
    // Who asked, the authority concerned, auditors, each with the part they may see; anybody else:
    // not_your_data. What an auditor opens is itself an entry, written first.
    HandlerResult receipt(Context& context);

  private:
    asio::awaitable<Status> trace_auditor(const Context& context, std::uint64_t index);

    audit::Log& log_;
};

}  // namespace shikaku::api
