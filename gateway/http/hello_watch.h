// How long a ClientHello is that a client announces, seen in its bytes before OpenSSL makes room
// for it: of the first one, and of the second that a HelloRetryRequest asks for. What stands
// between them (alerts, ChangeCipherSpec, early data that is refused) is passed over. It does not
// matter in which pieces and records the bytes come, nor whether the second hello comes before it
// is asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace shikaku::http {

class HelloWatch {
  public:
    // What the client sent, in order. False: a hello announces more than
    // bounds::kClientHelloBytes.
    [[nodiscard]] bool take(std::span<const char> bytes);
    // The server has answered: it asks for another hello, or no more of them will come.
    enum class Answer : std::uint8_t { asks_again, final };
    void answered(Answer answer);

  private:
    void begin_record();
    [[nodiscard]] bool begin_message();

    std::array<std::uint8_t, 5> record_{};   // its head: type, version, length
    std::array<std::uint8_t, 4> message_{};  // its head: type, length
    std::uint8_t record_known_ = 0;          // bytes of the head
    std::uint8_t message_known_ = 0;
    std::uint16_t record_left_ = 0;
    std::uint32_t message_left_ = 0;
    std::uint8_t messages_ = 0;
    bool asked_again_ = false;
    bool second_is_too_long_ = false;
    bool over_ = false;
};

}  // namespace shikaku::http
