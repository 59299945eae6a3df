// Files as an attacker, a clumsy operator or an old backup leaves them, under the real programs:
// the gateway refuses to start, or shikaku-audit finds it. What each said stands in the page.
#include <fmt/format.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "gateway/support/file.h"
#include "tests/reliability/town.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;
using http::Method;
using test::GatewayFixture;
namespace fs = std::filesystem;

void sql(const fs::path& file, const std::string& text) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
    char* words = nullptr;
    const int code = sqlite3_exec(database, text.c_str(), nullptr, nullptr, &words);
    INFO(text << ": " << (words ? words : ""));
    REQUIRE(code == SQLITE_OK);
    REQUIRE(sqlite3_total_changes(database) > 0);
    REQUIRE(sqlite3_close(database) == SQLITE_OK);
}

std::int64_t number(const fs::path& file, const std::string& text) {
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_prepare_v2(database, text.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    const auto found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return found;
}

void flip_byte(const fs::path& file, std::uint64_t at) {
    std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
    io.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(io.get() ^ 0x20);
    io.seekp(static_cast<std::streamoff>(at));
    io.put(byte);
    REQUIRE(io.good());
}

// The log's files as they are without the program's own write-ahead files.
constexpr auto kLog = {"log.db", "log.entries"};
constexpr auto kRegistry = {"registry.db", "registry.db-wal"};

// The gateway's files at one moment, and what was true then.
struct Moment {
    fs::path files;
    std::string reason{};    // of the answer about the child
    std::string newcomer{};  // and about one of many who came in between
    std::string last_answer{};
    std::uint64_t last_index = 0;
    [[nodiscard]] fs::path checkpoint() const { return files.string() + "-checkpoint"; }
};

constexpr std::size_t kNewcomers = 200;

// Stopped before a publication that ends a child's subsidy, stopped after it, and killed after
// another that brings it back.
struct Town {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();
    std::vector<identity::DemoCard> newcomers;
    Moment earlier{.files = gateway.folder() / "earlier"};
    Moment now{.files = gateway.folder() / "now"};
    Moment killed{.files = gateway.folder() / "killed"};
    std::string vkey;
    std::uint64_t earlier_size = 0;

    Town() {
        const std::string row = test::csv_row(child, "h-1", "1234566");
        gateway.start();
        vkey = gateway.vkey();
        gateway.publish_hachioji(test::csv_header() + row);
        ask(earlier);
        REQUIRE(gateway.terminate() == 0);
        copy_data(gateway.data(), earlier.files);
        earlier_size = static_cast<std::uint64_t>(
            number(earlier.files / "log.db", "SELECT max(size) FROM checkpoint"));

        gateway.start();
        std::string ended = row;
        ended.replace(ended.size() - 2, 1, "1");
        publish(ended + many("n"));
        ask(now);
        REQUIRE(gateway.terminate() == 0);
        copy_data(gateway.data(), now.files);

        // With what the databases may not have taken over from their write-ahead logs yet.
        gateway.start();
        publish(row + many("m"));
        ask(killed);
        gateway.kill9();
        copy_data(gateway.data(), killed.files);
    }
    // Rows enough to fill pages of their own.
    std::string many(const std::string& key) {
        std::string rows;
        for (std::size_t i = 0; i < kNewcomers; ++i) {
            newcomers.push_back(test::person());
            rows += test::csv_row(newcomers.back(), fmt::format("{}-{}", key, i), "1234574");
        }
        return rows;
    }
    void publish(const std::string& rows) {
        const auto report = parse_json(gateway.upload(test::csv_header() + rows, "delta").body);
        REQUIRE(report->value("state", "") == "active");
    }
    void ask(Moment& moment) {
        if (!newcomers.empty()) moment.newcomer = answer_to(gateway, newcomers[kNewcomers / 2]);
        for (int i = 0; i < 8; ++i) {
            const auto answer = parse_json(gateway.ask("clinic-a", child).body);
            REQUIRE(answer);
            moment.reason = answer->at("reason");
            moment.last_answer = answer->at("answer_id");
            moment.last_index = answer->at("evidence").at("index");
        }
        const auto receipt = gateway.call("clinic-a", Method::get,
                                          "/v1/receipts/" + std::to_string(moment.last_index));
        REQUIRE(receipt_names(receipt.body, moment.last_answer));
        const auto note = gateway.call("auditor-a", Method::get, "/log/checkpoint");
        REQUIRE(write_file(moment.checkpoint(), note.body, 0600));
    }
    // Empty: the running gateway has and says what it had and said at that moment.
    [[nodiscard]] std::string deviates(const Moment& moment) {
        const auto receipt = gateway.call("clinic-a", Method::get,
                                          "/v1/receipts/" + std::to_string(moment.last_index));
        if (!receipt_names(receipt.body, moment.last_answer)) return "an answer is not in the log";
        const auto now_said = answer_to(gateway, child);
        if (!now_said.ends_with(moment.reason)) return now_said;
        for (std::size_t i = 0; i < kNewcomers && !moment.newcomer.empty(); ++i)
            if (const auto said = answer_to(gateway, newcomers[i]); said != moment.newcomer)
                return said;
        return {};
    }

    [[nodiscard]] fs::path data(const char* file) const { return gateway.data() / file; }
    void restore(const std::initializer_list<const char*>& files) const {
        for (const char* file : files) {
            fs::remove(data(file));
            if (fs::exists(earlier.files / file)) fs::copy_file(earlier.files / file, data(file));
        }
    }
    // The older checkpoint in the place of the newest.
    void forget_newest_checkpoint() const {
        sql(data("log.db"),
            fmt::format("ATTACH '{}' AS earlier; DELETE FROM checkpoint WHERE size > "
                        "{}; INSERT OR IGNORE INTO checkpoint SELECT * FROM "
                        "earlier.checkpoint",
                        (earlier.files / "log.db").string(), earlier_size));
    }
    // Where the detail of an entry lies in log.entries, and how much of it.
    [[nodiscard]] std::uint64_t at(std::uint64_t index) const {
        return static_cast<std::uint64_t>(
            number(data("log.db"), fmt::format("SELECT at FROM entry WHERE idx = {}", index)));
    }
    [[nodiscard]] std::uint64_t end_of(std::uint64_t index) const {
        return static_cast<std::uint64_t>(number(
            data("log.db"), fmt::format("SELECT at + abs(size) FROM entry WHERE idx = {}", index)));
    }
};

struct Edit {
    std::string name;
    std::function<void(const Town&)> make;
    Moment Town::* at = &Town::now;
    bool can_heal = false;  // nothing is lost that the other files do not have
};

const std::vector<Edit>& edits() {
    static const std::vector<Edit> all = {
        {"newest checkpoint deleted and a later leaf changed",
         [](const Town& town) {
             town.forget_newest_checkpoint();
             sql(town.data("log.db"),
                 fmt::format("UPDATE entry SET leaf = substr(leaf, 1, 41) || x'00' WHERE idx = {}",
                             town.earlier_size + 2));
         }},
        {"the end of both files cut back to an older checkpoint",
         [](const Town& town) {
             const auto end = town.end_of(town.earlier_size - 1);
             town.forget_newest_checkpoint();
             sql(town.data("log.db"),
                 fmt::format("DELETE FROM entry WHERE idx >= {}", town.earlier_size));
             fs::resize_file(town.data("log.entries"), end);
         }},
        {"log.db removed", [](const Town& town) { fs::remove(town.data("log.db")); }},
        {"log.db removed and a byte of log.entries changed",
         [](const Town& town) {
             flip_byte(town.data("log.entries"), town.at(town.earlier_size) - 8);
             fs::remove(town.data("log.db"));
         }},
        {"log.entries removed", [](const Town& town) { fs::remove(town.data("log.entries")); }},
        {"log.entries emptied",
         [](const Town& town) { fs::resize_file(town.data("log.entries"), 0); }},
        {"both files of the log removed",
         [](const Town& town) {
             for (const char* file : kLog)
                 fs::remove(town.data(file));
         }},
        {"data directory empty (a volume that is not mounted)",
         [](const Town& town) {
             for (const auto& entry : fs::directory_iterator(town.gateway.data()))
                 fs::remove_all(entry.path());
         }},
        {"an older pair of the log's files", [](const Town& town) { town.restore(kLog); }},
        {"an older registry.db under this log", [](const Town& town) { town.restore(kRegistry); }},
        {"registry.db removed",
         [](const Town& town) {
             for (const char* file : kRegistry)
                 fs::remove(town.data(file));
         }},
        {"registry.db emptied",
         [](const Town& town) {
             fs::remove(town.data("registry.db-wal"));
             fs::resize_file(town.data("registry.db"), 0);
         }},
        {"this registry.db under an older log", [](const Town& town) { town.restore(kLog); }},
        {"the whole data directory of an older backup",
         [](const Town& town) {
             const auto anchor = read_file(town.gateway.data().string() + ".anchor");
             copy_data(town.earlier.files, town.gateway.data());
             if (anchor)
                 REQUIRE(write_file(town.gateway.data().string() + ".anchor", *anchor, 0600));
         }},
        {"the whole data directory of an older backup, and the anchor file with it",
         [](const Town& town) { copy_data(town.earlier.files, town.gateway.data()); }},
        {"the anchor file removed",
         [](const Town& town) { fs::remove(town.gateway.data().string() + ".anchor"); }},
        {"the end of log.entries cut by one byte",
         [](const Town& town) {
             const auto last = number(town.data("log.db"), "SELECT max(idx) FROM entry");
             fs::resize_file(town.data("log.entries"),
                             town.end_of(static_cast<std::uint64_t>(last)) - 1);
         }},
        {"a leaf in log.db changed",
         [](const Town& town) {
             sql(town.data("log.db"),
                 "UPDATE entry SET leaf = substr(leaf, 1, 41) || x'00' WHERE idx = 3");
         }},
        {"a token column in log.db changed",
         [](const Town& town) {
             sql(town.data("log.db"),
                 "UPDATE entry SET token = x'00' || substr(token, 2) WHERE token IS NOT NULL");
         }},
        {"two entries in log.db exchanged",
         [](const Town& town) {
             sql(town.data("log.db"),
                 "UPDATE entry SET idx = -1 WHERE idx = 3;"
                 "UPDATE entry SET idx = 3 WHERE idx = 4;"
                 "UPDATE entry SET idx = 4 WHERE idx = -1");
         }},
        {"an entry in log.db deleted",
         [](const Town& town) { sql(town.data("log.db"), "DELETE FROM entry WHERE idx = 3"); }},
        {"a place in log.db changed",
         [](const Town& town) {
             sql(town.data("log.db"), "UPDATE entry SET at = at + 1 WHERE idx = 3");
         }},
        {"a detail marked as erased without a cause",
         [](const Town& town) {
             sql(town.data("log.db"), "UPDATE entry SET size = -size WHERE idx = 3");
         }},
        {"a byte of a sealed detail in log.entries changed",
         [](const Town& town) { flip_byte(town.data("log.entries"), town.at(3) + 20); }},
        {"a byte of a leaf in log.entries changed",
         [](const Town& town) { flip_byte(town.data("log.entries"), town.at(5) - 4); }},
        {"something appended to log.entries",
         [](const Town& town) {
             std::ofstream(town.data("log.entries"), std::ios::app | std::ios::binary) << "more";
         },
         &Town::now, true},
        {"the last checkpoint's text changed",
         [](const Town& town) {
             sql(town.data("log.db"),
                 "UPDATE checkpoint SET text = replace(text, char(10), ' ' || char(10))");
         }},
        {"after a kill, an older registry.db beside the newer registry.db-wal",
         [](const Town& town) { town.restore({"registry.db"}); }, &Town::killed, true},
        {"after a kill, an older log.db beside the newer log.db-wal",
         [](const Town& town) { town.restore({"log.db"}); }, &Town::killed, true},
        {"after a kill, registry.db-wal removed",
         [](const Town& town) { fs::remove(town.data("registry.db-wal")); }, &Town::killed, true},
        {"after a kill, log.db-wal removed",
         [](const Town& town) { fs::remove(town.data("log.db-wal")); }, &Town::killed, true},
    };
    return all;
}

// What shikaku-audit verify says against the log, to someone who kept a checkpoint: nothing when it
// verifies or cannot be read.
std::string found_by_audit(const Town& town, const Moment& moment) {
    const auto verified = test::run(
        {test::program("shikaku-audit"), "verify", "--json", "--database",
         town.data("log.db").string(), "--vkey", town.vkey, "--keyring",
         (test::certs() / "keyring.json").string(), "--since", moment.checkpoint().string()});
    if (verified.exit_code != 1) return {};
    const auto said = parse_json(last_words(verified.output, town.gateway.folder()));
    REQUIRE(said);
    const auto index = said->find("first_bad_index");
    return (index == said->end() ? "" : "entry " + index->dump() + ": ") +
           said->value("detail", "");
}

TEST_CASE("edited files: the gateway refuses to start, or shikaku-audit verify finds it") {
    Town town;
    for (const Edit& edit : edits()) {
        INFO(edit.name);
        const Moment& moment = town.*edit.at;
        copy_data(moment.files, town.gateway.data());
        edit.make(town);
        const auto found = found_by_audit(town, moment);
        const auto refused = try_start(town.gateway);
        const auto deviation = refused.empty() ? town.deviates(moment) : std::string();
        if (refused.empty()) town.gateway.terminate();
        std::string outcome = "NOT NOTICED", words = deviation;
        if (!refused.empty()) {
            outcome = "start refused";
            words = refused;
        } else if (!found.empty()) {
            outcome = "found by `shikaku-audit verify --since`";
            words = found;
        } else if (deviation.starts_with("unknown")) {
            outcome = "no answer, so no false one";
        } else if (edit.can_heal && deviation.empty()) {
            outcome = "nothing lost";
            words = "taken from the other files";
        }
        CHECK(outcome != "NOT NOTICED");
        report({.fault = edit.name, .tried = 1, .outcome = outcome, .how = words});
    }
}

}  // namespace
