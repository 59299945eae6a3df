#include "tests/bench/load/silence.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>
#include <string>

namespace shikaku::bench {
namespace {

int bind_to(const char* address, std::uint16_t port, int type) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        throw std::runtime_error(std::string("not an IPv4 address: ") + address);
    }
    const int made = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) {
        throw std::runtime_error("cannot take port " + std::to_string(port));
    }
    return made;
}

}  // namespace

void be_silent(const char* address, std::uint16_t udp_port, std::uint16_t tcp_port) {
    if (udp_port != 0) static_cast<void>(bind_to(address, udp_port, SOCK_DGRAM));
    // The kernel connects whoever comes; nobody accepts. Both end with the process.
    if (tcp_port != 0 && listen(bind_to(address, tcp_port, SOCK_STREAM), SOMAXCONN) != 0) {
        throw std::runtime_error("cannot listen");
    }
    std::cout << "{\"silent\": true}" << std::endl;
    pause();
}

}  // namespace shikaku::bench
