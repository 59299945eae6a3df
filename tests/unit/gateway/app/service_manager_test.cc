#include "gateway/app/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>

namespace {

using namespace shikaku;
using app::ServiceManager;
using namespace std::chrono_literals;

// An abstract name: '@' in the environment stands for a zero byte.
class Listener {
  public:
    Listener() : name_("@shikaku-test-" + std::to_string(::getpid())) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(name_, address.sun_path);
        address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    }
    ~Listener() { ::close(descriptor_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    // Empty: nothing came.
    [[nodiscard]] std::string next() const {
        char buffer[1024];
        const ssize_t size = ::recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
        return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
    }

  private:
    std::string name_;
    int descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

ServiceManager manager(const std::string& socket, const char* usec, const std::string& pid) {
    ::setenv("NOTIFY_SOCKET", socket.c_str(), 1);
    ::setenv("WATCHDOG_USEC", usec, 1);
    ::setenv("WATCHDOG_PID", pid.c_str(), 1);
    auto made = ServiceManager::from_environment();
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
        CHECK(std::getenv(name) == nullptr);
    return made;
}

TEST_CASE("a service manager is told in its own words, one datagram each") {
    const Listener systemd;
    const auto told = manager(systemd.name(), "30000000", std::to_string(::getpid()));
    CHECK(told.feed_every() == 10s);
    told.ready();
    CHECK(systemd.next() == "READY=1\n");
    told.status("not ready: log: two\nlines");
    CHECK(systemd.next() == "STATUS=not ready: log: two lines\n");
    told.feed();
    CHECK(systemd.next() == "WATCHDOG=1\n");
    told.reloading();
    CHECK(systemd.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    told.stopping();
    CHECK(systemd.next().starts_with("STOPPING=1\n"));
    CHECK(systemd.next().empty());
}

TEST_CASE("no watchdog is fed that is another's, switched off, or nonsense") {
    const Listener systemd;
    const std::string us = std::to_string(::getpid());
    CHECK(manager(systemd.name(), "30000000", "").feed_every() == 10s);
    CHECK_FALSE(manager(systemd.name(), "30000000", "1").feed_every());
    for (const char* usec : {"", "0", "-1", "abc", "1s", "99999999999999999999"})
        CHECK_FALSE(manager(systemd.name(), usec, us).feed_every());
}

TEST_CASE("without a service manager, or with one that is gone, nothing happens") {
    manager("", "30000000", "").ready();
    CHECK_FALSE(manager("", "30000000", "").feed_every());
    manager("/nowhere/notify", "1", "").ready();
    manager(std::string(200, 'x'), "1", "").ready();
}

}  // namespace
