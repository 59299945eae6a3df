// A small disk fills up under uploads and questions; then there is space again.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "tests/reliability/town.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;
using http::Method;
using test::GatewayFixture;
namespace fs = std::filesystem;

// A file system of its own for the data directory, gone with this process.
class SmallDisk {
  public:
    explicit SmallDisk(fs::path folder, std::size_t mebibytes) : folder_(std::move(folder)) {
        fs::create_directories(folder_);
        there_ = ::unshare(CLONE_NEWNS) == 0 &&
                 ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                 ::mount("small", folder_.c_str(), "tmpfs", 0,
                         fmt::format("size={}m", mebibytes).c_str()) == 0;
    }
    ~SmallDisk() {
        if (there_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool there() const { return there_; }

    // Something else takes all but so much.
    void leave(std::uint64_t bytes) {
        give_back();
        const auto free = fs::space(folder_).free;
        const int fd = ::open(ballast().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        REQUIRE(fd >= 0);
        if (free > bytes) REQUIRE(::posix_fallocate(fd, 0, static_cast<off_t>(free - bytes)) == 0);
        ::close(fd);
    }
    void give_back() { fs::remove(ballast()); }

  private:
    [[nodiscard]] fs::path ballast() const { return folder_ / "ballast"; }
    fs::path folder_;
    bool there_ = false;
};

struct Received {
    std::string answer_id;
    std::uint64_t index = 0;
};

struct Town {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();
    std::vector<Received> received;

    // The status; what was answered is kept.
    int ask() {
        const auto response = gateway.ask("clinic-a", child);
        if (response.status == 200) {
            const auto answer = parse_json(response.body);
            received.push_back({.answer_id = answer->at("answer_id"),
                                .index = answer->at("evidence").at("index")});
            CHECK(answer->at("reason") == "ACTIVE");
        }
        return response.status;
    }
    [[nodiscard]] std::string recipients(int others) const {
        std::string csv = test::csv_header() + test::csv_row(child, "h-1", "1234566");
        for (int i = 0; i < others; ++i)
            csv += test::csv_row(test::person(), fmt::format("o-{}", i), "1234566");
        return csv;
    }
};

TEST_CASE("a full disk refuses, keeps what was acknowledged, and serves again with space") {
    Town town;
    SmallDisk disk(town.gateway.data(), 96);
    if (!disk.there()) {
        std::cout << "skipped: a small file system cannot be mounted here (root only)\n";
        return;
    }
    town.gateway.start();
    town.gateway.publish_hachioji(town.recipients(500));
    for (int i = 0; i < 20; ++i)
        REQUIRE(town.ask() == 200);

    std::map<int, int> uploads, questions;
    // Space runs out bit by bit, under uploads and questions.
    for (const std::uint64_t left :
         {8U << 20U, 2U << 20U, 1U << 20U, 256U << 10U, 64U << 10U, 0U}) {
        disk.leave(left);
        for (int i = 0; i < 3; ++i)
            ++uploads[town.gateway.upload(town.recipients(2000), "full").status];
        for (int i = 0; i < 50; ++i)
            ++questions[town.ask()];
    }
    for (const auto& [status, count] : uploads)
        UNSCOPED_INFO("uploads " << status << ": " << count);
    for (const auto& [status, count] : questions)
        UNSCOPED_INFO("questions " << status << ": " << count);
    for (const auto& [status, count] : questions)
        CHECK((status == 200 || status == 503));
    const auto answered_while_full = town.received.size();

    disk.give_back();
    int without_restart = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while ((without_restart = town.ask()) != 200 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(without_restart == 200);
    CHECK(town.gateway.upload(town.recipients(500), "full").status == 202);

    town.gateway.kill9();
    town.gateway.start();
    for (const Received& one : town.received) {
        const auto receipt =
            town.gateway.call("clinic-a", Method::get, "/v1/receipts/" + std::to_string(one.index));
        REQUIRE(receipt.status == 200);
        REQUIRE(receipt_names(receipt.body, one.answer_id));
    }
    REQUIRE(town.ask() == 200);
    const auto verified = town.gateway.verify_log();
    INFO(verified.output);
    REQUIRE(verified.exit_code == 0);
    report({.fault = "full disk",
            .tried = 6,
            .outcome = fmt::format("nothing lost: {} answers in the log ({} questions refused with "
                                   "503 meanwhile); with space again it serves {} a restart",
                                   answered_while_full, questions[503],
                                   without_restart == 200 ? "without" : "ONLY AFTER"),
            .how = "the real program on a file system of 96 MiB, filled from outside in six steps "
                   "while questions are asked and publications uploaded"});
}

}  // namespace
