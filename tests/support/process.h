// A real child process for integration tests: started with arguments, output in files, killed hard
// or asked to end. Killed when the test ends.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace shikaku::test {

class Process {
  public:
    Process(std::vector<std::string> arguments, const std::filesystem::path& output);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] bool running();
    void kill9();
    void signal(int number) const;
    // Waits for the end, at most `limit`; the exit status, or -1 when it had to be killed.
    int wait(std::chrono::seconds limit = std::chrono::seconds(30));
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
    int status_ = 0;
};

struct Finished {
    int exit_code = -1;
    std::string output;  // stdout and stderr
};
[[nodiscard]] Finished run(std::vector<std::string> arguments,
                           const std::vector<std::string>& environment = {});

}  // namespace shikaku::test
