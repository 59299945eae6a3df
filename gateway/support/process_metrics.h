// What the process itself uses, under the names that Prometheus' own client libraries give it:
// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds,
// process_start_time_seconds. Read from /proc at each call; what cannot be read keeps its value.
#pragma once

namespace shikaku {

void measure_process();

}  // namespace shikaku
