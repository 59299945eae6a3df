#include "gateway/support/id.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace shikaku {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kRandomBytes = 10;

// Random bytes from the kernel, fetched for several ids at once: one system call per id would cost
// more than the rest of making it.
class RandomPool {
  public:
    std::span<const std::uint8_t, kRandomBytes> take() {
        if (used_ + kRandomBytes > pool_.size()) refill();
        const auto taken = std::span(pool_).subspan(used_).first<kRandomBytes>();
        used_ += kRandomBytes;
        return taken;
    }

  private:
    void refill() {
        // 256 bytes at most cannot be refused by a running Linux kernel (getentropy(3)).
        if (::getentropy(pool_.data(), pool_.size()) != 0) std::abort();
        used_ = 0;
    }

    std::array<std::uint8_t, 250> pool_{};
    std::size_t used_ = pool_.size();
};

// The low 5 * count bits of `bits`, most significant first.
void append_base32(std::string& out, std::uint64_t bits, unsigned count) {
    for (unsigned i = count; i-- > 0;)
        out += kCrockford[bits >> (5 * i) & 31U];
}

}  // namespace

std::string make_ulid(Instant now) {
    thread_local RandomPool random;
    const auto bytes = random.take();
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        high = high << 8U | bytes[i];
        low = low << 8U | bytes[i + 5];
    }
    std::string id;
    id.reserve(26);
    append_base32(id, static_cast<std::uint64_t>(now.time_since_epoch().count()), 10);
    append_base32(id, high, 8);
    append_base32(id, low, 8);
    return id;
}

}  // namespace shikaku
