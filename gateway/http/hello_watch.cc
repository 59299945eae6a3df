#include "gateway/http/hello_watch.h"

#include <algorithm>

#include "gateway/support/bounds.h"

namespace shikaku::http {
namespace {

constexpr std::uint8_t kHandshake = 22;  // RFC 8446, 5.1
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kHellosMax = 2;

}  // namespace

bool HelloWatch::take(std::span<const char> bytes) {
    while (!bytes.empty() && !over_) {
        const bool of_handshake = record_[0] == kHandshake;
        std::size_t passed = 1;
        if (record_known_ < record_.size()) {
            record_[record_known_++] = static_cast<std::uint8_t>(bytes.front());
            if (record_known_ == record_.size()) begin_record();
        } else if (of_handshake && message_left_ == 0) {
            --record_left_;
            message_[message_known_++] = static_cast<std::uint8_t>(bytes.front());
            if (message_known_ == message_.size() && !begin_message()) return false;
        } else {
            passed = std::min<std::size_t>(bytes.size(), record_left_);
            if (of_handshake) passed = std::min<std::size_t>(passed, message_left_);
            record_left_ = static_cast<std::uint16_t>(record_left_ - passed);
            if (of_handshake) message_left_ -= static_cast<std::uint32_t>(passed);
        }
        bytes = bytes.subspan(passed);
        if (record_known_ == record_.size() && record_left_ == 0) record_known_ = 0;
    }
    return !(asked_again_ && second_is_too_long_);
}

void HelloWatch::begin_record() {
    record_left_ = static_cast<std::uint16_t>(record_[3] << 8 | record_[4]);
}

bool HelloWatch::begin_message() {
    message_known_ = 0;
    message_left_ = static_cast<std::uint32_t>(message_[1] << 16 | message_[2] << 8 | message_[3]);
    const bool too_long = message_[0] == kClientHello && message_left_ > bounds::kClientHelloBytes;
    over_ = ++messages_ == kHellosMax;
    if (messages_ == 1) return !too_long;
    // Where a TLS 1.2 session is resumed these bytes are encrypted: only the answer tells.
    second_is_too_long_ = too_long;
    return !(asked_again_ && too_long);
}

void HelloWatch::answered(Answer answer) {
    asked_again_ = answer == Answer::asks_again;
    if (!asked_again_) over_ = true;
}

}  // namespace shikaku::http
