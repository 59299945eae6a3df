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

void copy_all(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
}

// The log's files as they are without the program's own write-ahead files.
constexpr auto kLog = {"log.db", "log.entries"};
constexpr auto kRegistry = {"registry.db", "registry.db-wal"};

// Stopped twice: before a publication that revokes a child, and after.
struct Town {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();
    identity::DemoCard other = test::person();
    fs::path earlier = gateway.folder() / "earlier", now = gateway.folder() / "now";
    fs::path kept = gateway.folder() / "kept-checkpoint";
    std::string vkey;
    std::uint64_t earlier_size = 0;

    Town() {
        gateway.start();
        vkey = gateway.vkey();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566") +
                                 test::csv_row(other, "h-2", "1234574"));
        ask(8);
        REQUIRE(gateway.terminate() == 0);
        copy_all(gateway.data(), earlier);
        earlier_size = static_cast<std::uint64_t>(
            number(earlier / "log.db", "SELECT max(size) FROM checkpoint"));
        gateway.start();
        // A full publication without the first child would be held; a delta that ends the row is
        // what an officer sends.
        std::string ended = test::csv_row(child, "h-1", "1234566");
        ended.replace(ended.size() - 2, 1, "1");
        REQUIRE(gateway.upload(test::csv_header() + ended, "delta").status == 202);
        ask(8);
        const auto note = gateway.call("auditor-a", Method::get, "/log/checkpoint");
        REQUIRE(write_file(kept, note.body, 0600));
        ask(3);
        REQUIRE(gateway.terminate() == 0);
        copy_all(gateway.data(), now);
    }
    void ask(int times) {
        for (int i = 0; i < times; ++i)
            REQUIRE(gateway.ask("clinic-a", other).status == 200);
    }

    [[nodiscard]] fs::path data(const char* file) const { return gateway.data() / file; }
    void restore(const std::initializer_list<const char*>& files) const {
        for (const char* file : files) {
            fs::remove(data(file));
            if (fs::exists(earlier / file)) fs::copy_file(earlier / file, data(file));
        }
    }
    // The older checkpoint in the place of the newest.
    void forget_newest_checkpoint() const {
        sql(data("log.db"),
            fmt::format("ATTACH '{}' AS earlier; DELETE FROM checkpoint WHERE size > "
                        "{}; INSERT OR IGNORE INTO checkpoint SELECT * FROM "
                        "earlier.checkpoint",
                        (earlier / "log.db").string(), earlier_size));
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
         }},
        {"the last checkpoint's text changed",
         [](const Town& town) {
             sql(town.data("log.db"),
                 "UPDATE checkpoint SET text = replace(text, char(10), ' ' || char(10))");
         }},
    };
    return all;
}

struct Outcome {
    enum class Kind : std::uint8_t { refused, found, unnoticed } kind = Kind::unnoticed;
    std::string words;
};

// What shikaku-audit verify says against the log: nothing when it verifies or cannot be read.
std::string found_by_audit(const Town& town) {
    const auto verified =
        test::run({test::program("shikaku-audit"), "verify", "--json", "--database",
                   town.data("log.db").string(), "--vkey", town.vkey, "--keyring",
                   (test::certs() / "keyring.json").string()});
    if (verified.exit_code != 1) return {};
    const auto said = parse_json(last_words(verified.output, town.gateway.folder()));
    REQUIRE(said);
    const auto index = said->find("first_bad_index");
    return (index == said->end() ? "" : "entry " + index->dump() + ": ") +
           said->value("detail", "");
}

Outcome outcome_of(Town& town) {
    const auto found = found_by_audit(town);
    if (const auto refused = try_start(town.gateway); !refused.empty())
        return {.kind = Outcome::Kind::refused, .words = refused};
    town.gateway.terminate();
    if (!found.empty()) return {.kind = Outcome::Kind::found, .words = found};
    return {};
}

TEST_CASE("edited files: the gateway refuses to start, or shikaku-audit verify finds it") {
    Town town;
    for (const Edit& edit : edits()) {
        copy_all(town.now, town.gateway.data());
        edit.make(town);
        const Outcome outcome = outcome_of(town);
        INFO(edit.name);
        CHECK(outcome.kind != Outcome::Kind::unnoticed);
        report({.fault = edit.name,
                .tried = 1,
                .outcome = outcome.kind == Outcome::Kind::refused ? "start refused"
                           : outcome.kind == Outcome::Kind::found
                               ? "found by `shikaku-audit verify`"
                               : "NOT NOTICED",
                .how = outcome.words});
    }
}

}  // namespace
