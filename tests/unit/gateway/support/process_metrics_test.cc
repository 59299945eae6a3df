#include "gateway/support/process_metrics.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <vector>

#include "gateway/support/metrics.h"

namespace {

using namespace shikaku;

double value(const char* name) {
    return gauge(name, "").Value();
}

TEST_CASE("a process tells what it uses") {
    measure_process();
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    CHECK(value("process_start_time_seconds") > now - 86'400);
    CHECK(value("process_start_time_seconds") < now + 1);
    CHECK(value("process_max_fds") >= value("process_open_fds"));

    const double files = value("process_open_fds");
    const double memory = value("process_resident_memory_bytes");
    CHECK(files >= 3);
    CHECK(memory > 1024 * 1024);
    const int another = ::dup(0);
    std::vector<char> much(64 * 1024 * 1024, 'x');
    measure_process();
    ::close(another);
    CHECK(value("process_open_fds") == files + 1);
    CHECK(value("process_resident_memory_bytes") > memory + 32 * 1024 * 1024);
}

TEST_CASE("processor time only grows") {
    auto& cpu = counter("process_cpu_seconds_total", "");
    measure_process();
    const double before = cpu.Value();
    volatile double sum = 0;
    while (cpu.Value() < before + 0.02) {  // two ticks
        for (int i = 0; i < 100'000; ++i)
            sum = sum + i;
        measure_process();
    }
    CHECK(cpu.Value() > before);
}

}  // namespace
