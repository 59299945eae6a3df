#include "tests/support/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace shikaku::test {
namespace {

pid_t spawn(const std::vector<std::string>& arguments, const std::filesystem::path& output,
            const std::vector<std::string>& environment) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork failed");
    if (pid > 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    for (const std::string& variable : environment)
        putenv(const_cast<char*>(variable.c_str()));
    execvp(argv[0], argv.data());
    _exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> arguments, const std::filesystem::path& output)
    : pid_(spawn(arguments, output, {})) {}

Process::~Process() {
    kill9();
}

bool Process::running() {
    if (pid_ < 0) return false;
    if (waitpid(pid_, &status_, WNOHANG) == 0) return true;
    pid_ = -1;
    return false;
}

void Process::signal(int number) const {
    if (pid_ > 0) kill(pid_, number);
}

void Process::kill9() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
    pid_ = -1;
}

int Process::wait(std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (running()) {
        if (std::chrono::steady_clock::now() > deadline) {
            kill9();
            return -1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

Finished run(std::vector<std::string> arguments, const std::vector<std::string>& environment) {
    char name[] = "/tmp/shikaku-test-XXXXXX";
    const int fd = mkstemp(name);
    close(fd);
    const pid_t pid = spawn(arguments, name, environment);
    int status = 0;
    waitpid(pid, &status, 0);
    std::ifstream in(name, std::ios::binary);
    Finished finished{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                      .output = std::string(std::istreambuf_iterator<char>(in), {})};
    unlink(name);
    return finished;
}

}  // namespace shikaku::test
