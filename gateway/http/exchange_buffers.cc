#include "gateway/http/exchange_buffers.h"

namespace shikaku::http {
namespace {

constexpr std::size_t kSpareSets = 64;
constexpr std::size_t kKeptBytes = 64 * 1024;

void empty(std::string& text) {
    text.clear();
    if (text.capacity() > kKeptBytes) text.shrink_to_fit();
}

}  // namespace

std::unique_ptr<ExchangeBuffers> BufferPool::take() {
    if (spare_.empty()) return std::make_unique<ExchangeBuffers>();
    auto buffers = std::move(spare_.back());
    spare_.pop_back();
    return buffers;
}

void BufferPool::give_back(std::unique_ptr<ExchangeBuffers> buffers) {
    if (spare_.size() >= kSpareSets) return;
    buffers->input.consume(buffers->input.view().size());
    buffers->request.peer.reset();
    empty(buffers->request.body);
    empty(buffers->output);
    spare_.push_back(std::move(buffers));
}

}  // namespace shikaku::http
