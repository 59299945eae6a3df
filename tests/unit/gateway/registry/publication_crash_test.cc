#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <csignal>

#include <random>

#include "registry_fixture.h"

using namespace registry_test;

namespace {

constexpr std::uint64_t kRows = 3000;

std::vector<Row> generation(std::uint64_t round) {
    auto rows = people(kRows);
    for (Row& row : rows)
        row.segment = "G" + std::to_string(round);
    return rows;
}

// In the child: publishes round after round until it is killed, reporting each finished one.
[[noreturn]] void publish_forever(RegistryFixture& fixture, std::uint64_t round, int done) {
    fixture.open();
    fixture.last_key = static_cast<int>(round * 1000);  // keys of earlier children are used up
    while (true) {
        const auto report = fixture.full(generation(round));
        if (report.state != PublicationState::active) _exit(1);
        if (write(done, &round, sizeof round) != sizeof round) _exit(2);
        ++round;
    }
}

// Kills the child after it has finished some rounds and then a random number of microseconds; the
// last round it reported.
std::uint64_t run_and_kill(RegistryFixture& fixture, std::uint64_t first, useconds_t delay) {
    int done[2];
    REQUIRE(pipe(done) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        close(done[0]);
        publish_forever(fixture, first, done[1]);
    }
    close(done[1]);
    std::uint64_t last = 0;
    REQUIRE(read(done[0], &last, sizeof last) == sizeof last);
    usleep(delay);  // where in the next round the kill falls is the point of the test
    kill(child, SIGKILL);
    std::uint64_t more = 0;
    while (read(done[0], &more, sizeof more) == sizeof more)
        last = more;
    close(done[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    return last;
}

}  // namespace

TEST_CASE_METHOD(RegistryFixture, "kill -9 leaves the old generation or the new one, never a mix") {
    close();  // before fork: the parent must hold neither threads nor files
    std::mt19937 random(20261120);
    std::uniform_int_distribution<useconds_t> delay(0, 900'000);
    std::uint64_t first = 1;
    for (int kill_number = 0; kill_number < 10; ++kill_number) {
        const std::uint64_t reported = run_and_kill(*this, first, delay(random));
        open();
        const std::string now = says(1);
        CAPTURE(kill_number, reported, now);
        CHECK((now == "G" + std::to_string(reported) || now == "G" + std::to_string(reported + 1)));
        for (std::uint64_t i = 1; i <= kRows; i += 97)
            CHECK(says(i) == now);
        CHECK(registry->authorities()[0].rows == kRows);
        CHECK(staging_files() == 0);
        close();
        first = reported + 2;
    }
    open();
    last_key = 1'000'000'000;
    const auto report = full(generation(0));  // and the registry goes on
    CHECK(report.changed == kRows);
    CHECK(says(kRows) == "G0");
}
