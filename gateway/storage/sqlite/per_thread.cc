#include "gateway/storage/sqlite/per_thread.h"

namespace shikaku::storage::detail {

HeldReaders& HeldReaders::of_this_thread() {
    thread_local HeldReaders held;
    return held;
}

HeldReaders::~HeldReaders() {
    for (const auto& held : held_)
        if (auto pool = held.pool.lock()) pool->give_back(held.slot);
}

void HeldReaders::add(std::uint64_t owner, void* slot, std::weak_ptr<ReaderPool> pool) {
    std::erase_if(held_, [](const Held& held) { return held.pool.expired(); });
    held_.push_back({owner, slot, std::move(pool)});
}

std::uint64_t next_reader_owner() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace shikaku::storage::detail
