// The power fails at every moment: what was acknowledged before is there, what was shown holds, and
// both stores go on.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "gateway/support/log.h"
#include "tests/reliability/disk_model.h"
#include "tests/reliability/house.h"
#include "tests/reliability/report.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;

constexpr std::uint64_t kPeople = 40;

// Questions while publications come, go and are taken back, checkpoints in between, one restart.
Promises day(House& house, Disk& disk) {
    Promises promises;
    const auto moment = [&] { return disk.operations(); };
    for (int run = 0; run < 2; ++run) {
        auto stores = house.open(house.folder());
        REQUIRE(stores);
        for (int round = 0; round < (long_run() ? 4 : 2); ++round) {
            REQUIRE(house.publish(*stores, promises, moment));
            for (const int questions : {1, 3, 20}) {
                REQUIRE(house.ask(*stores, questions, promises, moment));
                REQUIRE(house.look(*stores, promises, moment));
            }
            if (round % 2 == 1) REQUIRE(house.roll_back(*stores, promises, moment));
        }
    }
    return promises;
}

constexpr Loss kLosses[] = {Loss::all, Loss::none, Loss::some, Loss::torn};

// Everything between the first acknowledged promise and the end.
TEST_CASE("a power cut at any moment loses nothing that was acknowledged") {
    REQUIRE(configure_log("off", ""));
    House house(kPeople);
    auto disk = std::make_unique<Disk>(house.folder());
    const Promises promises = day(house, *disk);
    const Trace trace = disk->trace();
    disk.reset();

    const auto step = static_cast<std::size_t>(step_of(9));
    const std::uint64_t seeds = long_run() ? 2 : 1;
    DiskModel model(trace);
    std::uint64_t cuts = 0, again = 0;
    for (std::size_t moment = promises.entries.front().moment; moment <= trace.operations.size();
         moment += step) {
        model.advance(moment);
        for (const Loss loss : kLosses) {
            const bool by_chance = loss == Loss::some || loss == Loss::torn;
            for (std::uint64_t seed = 0; seed < (by_chance ? seeds : 1); ++seed) {
                CAPTURE(moment, static_cast<int>(loss), seed);
                std::mt19937_64 random(moment * 1000 + seed);
                shikaku::testing::TemporaryFolder after;
                model.lay_out(after.path(), loss, random);
                ++cuts;
                if (cuts % (long_run() ? 200 : 60) != 0) {
                    REQUIRE(house.keeps(after.path(), promises, moment) == "");
                    continue;
                }
                // A second cut, at any moment of the start that follows the first.
                auto recovering = std::make_unique<Disk>(after.path());
                REQUIRE(house.keeps(after.path(), promises, moment) == "");
                const Trace recovery = recovering->trace();
                recovering.reset();
                DiskModel second(recovery);
                for (std::size_t then = 0; then <= recovery.operations.size(); then += step) {
                    second.advance(then);
                    shikaku::testing::TemporaryFolder finally;
                    second.lay_out(finally.path(), kLosses[then % 4], random);
                    ++again;
                    CAPTURE(then);
                    REQUIRE(house.keeps(finally.path(), promises, moment) == "");
                }
            }
        }
    }
    report({.fault = "power cut",
            .tried = cuts,
            .outcome = "nothing lost",
            .how = fmt::format("after {} {} writes, flushes and renames of a day of {} "
                               "questions and {} publications, some of them taken back",
                               every(step_of(9)), trace.operations.size(), promises.entries.size(),
                               promises.generations.size())});
    report({.fault = "power cut, and another while the gateway starts again",
            .tried = again,
            .outcome = "nothing lost",
            .how = fmt::format("after {} the operations of the start", every(step_of(9)))});
}

}  // namespace
