// A reader that goes away (of a pipe, of a log) must cost a program that write, not its life: the
// first line of every main().
#pragma once

#include <csignal>

namespace shikaku {

// Writing to a closed pipe or socket gives EPIPE from now on, in all threads.
inline void survive_broken_pipes() {
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace shikaku
