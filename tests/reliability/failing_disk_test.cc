// A disk that refuses, cuts short, fails to flush or lies about it, at every operation in turn:
// what was acknowledged is durable, or, where the disk lied, its loss is noticed at start.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "gateway/support/log.h"
#include "tests/reliability/disk_model.h"
#include "tests/reliability/house.h"
#include "tests/reliability/report.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;

constexpr std::uint64_t kPeople = 10;
constexpr int kStep = 9;

// A publication and questions, as far as it goes.
void work(House& house, House::Stores& stores, Promises& promises, const House::Moment& moment) {
    const bool published = house.publish(stores, promises, moment).has_value();
    const bool asked = house.ask(stores, 3, promises, moment).has_value();
    if (published && asked) static_cast<void>(house.look(stores, promises, moment));
}

// The second publication, when both are known to have been in force.
void take_back(House& house, House::Stores& stores, Promises& promises,
               const House::Moment& moment) {
    const auto in_force = [](const auto& one) { return one.acknowledged != SIZE_MAX; };
    if (promises.generations.size() == 2 && std::ranges::all_of(promises.generations, in_force))
        static_cast<void>(house.roll_back(stores, promises, moment));
}

// After a power cut at the end, the worst one and some by chance.
std::string after_power_cut(const House& house, const Disk& disk, const Promises& promises) {
    const Trace trace = disk.trace();
    DiskModel model(trace);
    model.advance(trace.operations.size());
    for (const Loss loss : {Loss::all, Loss::some, Loss::torn}) {
        shikaku::testing::TemporaryFolder after;
        std::mt19937_64 random(trace.operations.size());
        model.lay_out(after.path(), loss, random);
        auto wrong = house.keeps(after.path(), promises, trace.operations.size());
        if (!wrong.empty()) return wrong;
    }
    return {};
}

struct Tried {
    std::uint64_t count = 0, failed_calls = 0;
};

// The fault at operation n = 0, 1, 2, ... until there is no such operation. Then the disk is well;
// the program starts again over what the system shows it, goes on, and the power fails.
Tried at_every_operation(Fault fault) {
    REQUIRE(configure_log("off", ""));
    Tried tried;
    for (std::int64_t n = 0;; n += step_of(kStep)) {
        REQUIRE(n < 10'000);
        House house(kPeople);
        Disk disk(house.folder());
        const auto moment = [&] { return disk.operations(); };
        Promises promises;
        REQUIRE(house.open(house.folder()));  // made while the disk was well
        disk.arm(fault, n);
        {
            auto stores = house.open(house.folder());
            if (stores) {
                work(house, *stores, promises, moment);
                work(house, *stores, promises, moment);
                take_back(house, *stores, promises, moment);
            }
        }
        const bool happened = disk.disarm();
        CAPTURE(static_cast<int>(fault), n);
        for (int run = 0; run < 2; ++run) {
            auto stores = house.open(house.folder());
            if (!stores) FAIL("does not start again: " << stores.error().detail);
            REQUIRE(house.ask(*stores, 2, promises, moment));
            const auto published = house.publish(*stores, promises, moment);
            if (!published) FAIL("does not publish again: " << published.error().detail);
        }
        REQUIRE(after_power_cut(house, disk, promises) == "");
        ++tried.count;
        if (!happened) return tried;
    }
}

TEST_CASE("a flush that fails once: nothing acknowledged is lost, though the system forgets") {
    const auto tried = at_every_operation(Fault::sync_fails);
    report({.fault = "fsync fails once (EIO)",
            .tried = tried.count,
            .outcome = "nothing lost",
            .how = "at " + every(step_of(kStep)) +
                   " the flushes; the pages count as written although the disk has not "
                   "got them; started again, gone on, then a power cut"});
}

TEST_CASE("a disk that is full for a while: nothing acknowledged is lost") {
    const auto tried = at_every_operation(Fault::no_space);
    report({.fault = "no space (ENOSPC)",
            .tried = tried.count,
            .outcome = "nothing lost",
            .how = "from " + every(step_of(kStep)) +
                   " the writes on, every file that wants to grow; then space again, "
                   "started again, gone on, then a power cut"});
}

TEST_CASE("a write cut short, and one interrupted: nothing acknowledged is lost") {
    const auto cut = at_every_operation(Fault::short_write);
    const auto interrupted = at_every_operation(Fault::interrupted);
    report({.fault = "write cut short, or interrupted (EINTR)",
            .tried = cut.count + interrupted.count,
            .outcome = "nothing lost",
            .how = every(step_of(kStep)) + " the writes"});
}

TEST_CASE("a read that fails once: nothing acknowledged is lost") {
    const auto tried = at_every_operation(Fault::read_fails);
    report({.fault = "a read fails once (EIO)",
            .tried = tried.count,
            .outcome = "nothing lost",
            .how = "at " + every(step_of(kStep)) +
                   " the reads; then started again, gone on, and a power cut"});
}

TEST_CASE(
    "a file that cannot be opened, renamed, removed or cut once: nothing acknowledged is lost") {
    const auto tried = at_every_operation(Fault::name_fails);
    report({.fault = "open, rename, removal or truncation fails once (EIO)",
            .tried = tried.count,
            .outcome = "nothing lost",
            .how = "at " + every(step_of(kStep)) +
                   " such calls; then started again, gone on, and a power cut"});
}

// Which files lie, and whether a loss was noticed.
struct Lies {
    std::uint64_t kept = 0, refused = 0, unnoticed = 0;
};

// Flushes of the files with that ending do nothing from the second run on; the power fails at
// several moments.
Lies lying(const std::string& ending) {
    REQUIRE(configure_log("off", ""));
    House house(kPeople);
    Disk disk(house.folder());
    const auto moment = [&] { return disk.operations(); };
    Promises promises;
    {
        auto stores = house.open(house.folder());
        REQUIRE(stores);
        work(house, *stores, promises, moment);
    }
    const auto well = moment();
    disk.arm(Fault::sync_lies, 0, ending);
    {
        auto stores = house.open(house.folder());
        REQUIRE(stores);
        for (int i = 0; i < 4; ++i)
            work(house, *stores, promises, moment);
    }
    disk.disarm();
    const Trace trace = disk.trace();
    DiskModel model(trace);
    Lies lies;
    for (auto cut = well; cut <= trace.operations.size();
         cut += static_cast<std::size_t>(step_of(kStep))) {
        model.advance(cut);
        for (const Loss loss : {Loss::all, Loss::some, Loss::torn}) {
            shikaku::testing::TemporaryFolder after;
            std::mt19937_64 random(cut);
            model.lay_out(after.path(), loss, random);
            const auto wrong = house.keeps(after.path(), promises, cut);
            if (wrong.empty()) {
                ++lies.kept;
            } else if (wrong.starts_with("does not start: ")) {
                ++lies.refused;
            } else {
                ++lies.unnoticed;
                UNSCOPED_INFO("cut " << cut << " loss " << static_cast<int>(loss) << ": " << wrong);
            }
        }
    }
    return lies;
}

TEST_CASE("a disk that lies about one file: what is lost is noticed at start") {
    for (const std::string file : {"log.entries", "registry.db-wal", "log.db-wal", ".db", ""}) {
        const auto lies = lying(file);
        report({.fault = "fsync of " + (file.empty() ? "every file" : "`*" + file + "`") +
                         " does nothing until later",
                .tried = lies.kept + lies.refused + lies.unnoticed,
                .outcome = fmt::format("{} nothing lost, {} start refused, {} lost and not noticed",
                                       lies.kept, lies.refused, lies.unnoticed),
                .how = "then a power cut after " + every(step_of(kStep)) + " the operations"});
    }
}

}  // namespace
