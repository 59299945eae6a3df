// A name server and a municipal system that are there and never say a word.
#pragma once

#include <cstdint>

namespace shikaku::bench {

// Takes what comes to these ports of an IPv4 address, 0: none, and says nothing until a signal ends
// the process. Prints {"silent": true} when it is there.
void be_silent(const char* address, std::uint16_t udp_port, std::uint16_t tcp_port);

}  // namespace shikaku::bench
