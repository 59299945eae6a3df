#include "gateway/support/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "gateway/support/metrics.h"

namespace shikaku {
namespace {

// /proc/self/stat from its third field on (proc(5)): the second, the program's name, may hold
// anything, and ends with the last ')'.
struct Stat {
    double cpu_ticks = 0;
    double start_ticks = 0;  // since boot
    double resident_pages = 0;
    bool read = false;
};

Stat read_stat() {
    std::ifstream file("/proc/self/stat");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream fields(text.substr(name_end + 1));
    Stat stat;
    std::string skipped;
    double user = 0;
    double system = 0;
    for (int number = 3; number < 14; ++number)
        fields >> skipped;
    fields >> user >> system;  // 14, 15
    for (int number = 16; number < 22; ++number)
        fields >> skipped;
    fields >> stat.start_ticks >> skipped >> stat.resident_pages;  // 22, 23, 24
    stat.cpu_ticks = user + system;
    stat.read = static_cast<bool>(fields);
    return stat;
}

double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure_descriptors() {
    static auto& open = gauge("process_open_fds", "Open file descriptors");
    static auto& limit = gauge("process_max_fds", "How many file descriptors may be open");
    std::error_code error;
    const auto descriptors = std::filesystem::directory_iterator("/proc/self/fd", error);
    if (!error)  // but the one that lists them
        open.Set(static_cast<double>(std::distance(begin(descriptors), end(descriptors)) - 1));
    rlimit now{};
    if (::getrlimit(RLIMIT_NOFILE, &now) == 0) limit.Set(static_cast<double>(now.rlim_cur));
}

}  // namespace

void measure_process() {
    static auto& cpu = counter("process_cpu_seconds_total", "Processor time used");
    static auto& memory = gauge("process_resident_memory_bytes", "Memory in RAM");
    static auto& started = gauge("process_start_time_seconds", "When the process was started");
    measure_descriptors();
    const Stat stat = read_stat();
    if (!stat.read) return;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    cpu.Increment(stat.cpu_ticks / ticks - cpu.Value());
    memory.Set(stat.resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    // Once: a wall clock that is set later does not move it.
    static const double boot = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
    started.Set(boot + stat.start_ticks / ticks);
}

}  // namespace shikaku
