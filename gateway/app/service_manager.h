// What systemd is told about this program, by its protocol (sd_notify(3)): datagrams of lines to
// the socket that NOTIFY_SOCKET names. Without one nothing is sent. A datagram that cannot be sent
// is lost: the next one says what matters again.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace shikaku::app {

class ServiceManager {
  public:
    // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no child
    // speaks for us. Once, before there are threads.
    [[nodiscard]] static ServiceManager from_environment();

    // How often to feed the watchdog; nullopt: there is none.
    [[nodiscard]] std::optional<std::chrono::microseconds> feed_every() const {
        return feed_every_;
    }

    void ready() const { send("READY=1\n"); }
    void reloading() const;
    void stopping() const { send("STOPPING=1\nSTATUS=draining\n"); }
    void status(std::string_view one_line) const;
    void feed() const { send("WATCHDOG=1\n"); }

  private:
    void send(std::string_view lines) const;

    std::string socket_;  // a path, or '@' and an abstract name; empty: nobody listens
    std::optional<std::chrono::microseconds> feed_every_;
};

}  // namespace shikaku::app
