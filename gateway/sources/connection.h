// One authority's live source as it is configured: who asks it, and how long its answers count.
#pragma once

#include <chrono>
#include <map>
#include <memory>

#include "adapters/adapter.h"
#include "gateway/support/bounds.h"

namespace shikaku::sources {

struct Policy {
    std::chrono::seconds fresh_for{300};       // a cached answer younger than this is used unasked
    std::chrono::seconds stale_up_to{86'400};  // when the source fails: usable up to this age
    // Published data: so long after the last publication it may say no.
    std::chrono::seconds published_up_to = bounds::kPublishedUpTo;
    int pause_after = bounds::kBreakerFailures;  // failures in a row; breaker.h
};

struct Connected {
    std::shared_ptr<adapters::Adapter> adapter;
    Policy policy;
    // Hash of the adapter's kind and configuration. An answer that was given under another one is
    // another source's: neither the cache nor a look-up in flight mixes them.
    Hash256 source{};
};
using Connections = std::map<domain::AuthorityCode, Connected>;

[[nodiscard]] Connected connected(std::shared_ptr<adapters::Adapter> adapter, Policy policy);

}  // namespace shikaku::sources
