// Bytes of bodies in memory, of one client and of all. A request's body takes a share of
// bounds::kApiBodyBytes at most before any of it is read, and more as it arrives; a streamed one
// what is buffered of it at once; a response's body is taken as a whole. The last quarter is kept
// for small bodies, so that questions come through while large ones fill the rest. Thread-safe,
// without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "gateway/http/http_metrics.h"
#include "gateway/http/server.h"

namespace shikaku::http {

class BodyBudget {
  public:
    using Bytes = std::atomic<std::size_t>;

    enum class Of : std::uint8_t { requests, responses };

    BodyBudget(const BodyBounds& bounds, HttpMetrics& metrics, Of of = Of::requests)
        : bounds_(bounds), metrics_(metrics), of_(of) {}

    // Given back on destruction.
    class Share {
      public:
        Share() = default;
        Share(Share&& other) noexcept { *this = std::move(other); }
        Share& operator=(Share&& other) noexcept {
            std::swap(all_, other.all_);
            std::swap(client_, other.client_);
            std::swap(bytes_, other.bytes_);
            return *this;
        }
        ~Share() {
            if (bytes_ == 0) return;
            all_->fetch_sub(bytes_, std::memory_order_relaxed);
            client_->fetch_sub(bytes_, std::memory_order_relaxed);
        }

        [[nodiscard]] std::size_t bytes() const { return bytes_; }

      private:
        friend class BodyBudget;
        Share(Bytes* all, Bytes* client, std::size_t bytes)
            : all_(all), client_(client), bytes_(bytes) {}
        Bytes* all_ = nullptr;
        Bytes* client_ = nullptr;
        std::size_t bytes_ = 0;
    };

    // Of a body that will have `whole` bytes at most, so many now. overloaded: the client, or all
    // clients, have too much in memory already.
    [[nodiscard]] Result<Share> take(Bytes& client, std::uint64_t bytes, std::uint64_t whole);
    [[nodiscard]] Result<Share> take(Bytes& client, std::uint64_t bytes) {
        return take(client, bytes, bytes);
    }
    // So many more; on an error the share stays as it was. Not for an empty share.
    [[nodiscard]] Status grow(Share& share, std::uint64_t bytes);
    [[nodiscard]] std::size_t in_use() const { return all_.load(std::memory_order_relaxed); }

  private:
    [[nodiscard]] Status take_more(Bytes& client, std::uint64_t bytes, std::uint64_t whole);

    const BodyBounds bounds_;
    HttpMetrics& metrics_;
    const Of of_;
    Bytes all_ = 0;
};

}  // namespace shikaku::http
