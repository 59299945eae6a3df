#include "gateway/app/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <ctime>

namespace shikaku::app {
namespace {

std::string taken(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    const char* value = std::getenv(name);
    std::string text = value == nullptr ? std::string() : std::string(value);
    ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text;
}

std::int64_t number(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
    ServiceManager manager;
    manager.socket_ = taken("NOTIFY_SOCKET");
    const std::int64_t within = number(taken("WATCHDOG_USEC"));
    const std::string whose = taken("WATCHDOG_PID");
    if (!manager.socket_.empty() && within > 0 && (whose.empty() || number(whose) == ::getpid()))
        manager.feed_every_ = std::chrono::microseconds(std::max<std::int64_t>(within / 3, 1));
    return manager;
}

void ServiceManager::reloading() const {
    // Type=notify-reload wants to know since when.
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    send("RELOADING=1\nMONOTONIC_USEC=" +
         std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000) + "\n");
}

void ServiceManager::status(std::string_view one_line) const {
    std::string text = "STATUS=" + std::string(one_line);
    std::ranges::replace(text, '\n', ' ');
    send(text + "\n");
}

void ServiceManager::send(std::string_view lines) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    std::ranges::copy(socket_, address.sun_path);
    if (socket_.front() == '@') address.sun_path[0] = '\0';
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    ::sendto(descriptor, lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), size);
    ::close(descriptor);
}

}  // namespace shikaku::app
