#include "gateway/support/log.h"

#include <catch2/catch.hpp>
#include <regex>
#include <thread>

#include "gateway/support/file.h"
#include "gateway/support/json.h"
#include "gateway/support/text.h"
#include "tests/support/temporary_folder.h"

namespace shikaku {
namespace {

// A log in a file of its own; back to stderr at the end.
class LogFile {
  public:
    explicit LogFile(std::string_view level) { REQUIRE(configure_log(level, path().string())); }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile() { static_cast<void>(configure_log("info", "")); }

    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "log"; }
    [[nodiscard]] std::vector<Json> lines() const {
        const auto text = read_file(path());
        REQUIRE(text);
        std::vector<Json> out;
        for (const std::string_view line : split(*text, '\n')) {
            if (line.empty()) continue;
            auto json = parse_json(line);
            REQUIRE(json);
            out.push_back(std::move(*json));
        }
        return out;
    }

  private:
    testing::TemporaryFolder folder_;
};

TEST_CASE("a line is one JSON object with time, level, message and fields") {
    const LogFile log("info");
    const std::string owned = "132012";
    log_info("publication active",
             {{"authority", owned}, {"rows", 12U}, {"dry", false}, {"c", "x"}});
    const auto lines = log.lines();
    REQUIRE(lines.size() == 1);
    Json line = lines[0];
    CHECK(std::regex_match(line["time"].get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
    line.erase("time");
    CHECK(line.dump() ==
          R"({"level":"info","message":"publication active","authority":"132012","rows":12,)"
          R"("dry":false,"c":"x"})");
}

TEST_CASE("only lines at the level or above it are written") {
    const auto [level, expected] = GENERATE(table<std::string, std::vector<std::string>>({
        {"debug", {"debug", "info", "warn", "error"}},
        {"info", {"info", "warn", "error"}},
        {"warn", {"warn", "error"}},
        {"error", {"error"}},
        {"off", {}},
    }));
    const LogFile log(level);
    log_debug("d");
    log_info("i");
    log_warn("w");
    log_error("e");
    std::vector<std::string> written;
    for (const Json& line : log.lines())
        written.push_back(line["level"]);
    CHECK(written == expected);
}

TEST_CASE("an error is written with its code, detail and place") {
    const LogFile log("info");
    log_error("start", Error{ErrorCode::bad_key, "too short", ""});
    log_error("reload", Error{ErrorCode::bad_configuration, "unknown key", "/log/levle"});
    const auto lines = log.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0]["code"] == "bad_key");
    CHECK(lines[0]["detail"] == "too short");
    CHECK_FALSE(lines[0].contains("pointer"));
    CHECK(lines[1]["pointer"] == "/log/levle");
}

TEST_CASE("no text can break a line: quotes, line ends, formats, invalid UTF-8") {
    const LogFile log("info");
    log_info("a\"\n{\"x\":1}\r\n", {{"f", "{} %v %s \\ \x01"}, {"g", "\xFF-\xFE"}, {"h", "資格"}});
    const auto lines = log.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["message"] == "a\"\n{\"x\":1}\r\n");
    CHECK(lines[0]["f"] == "{} %v %s \\ \x01");
    CHECK(lines[0]["g"] == "?-?");
    CHECK(lines[0]["h"] == "資格");
}

TEST_CASE("threads write whole lines while the log is configured anew") {
    const LogFile log("info");
    constexpr int kThreads = 4;
    constexpr int kEach = 200;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([t] {
                for (int i = 0; i < kEach; ++i)
                    log_info("line", {{"thread", t}, {"i", i}});
            });
        }
        for (int i = 0; i < 20; ++i)
            CHECK(configure_log("info", log.path().string()));
    }
    CHECK(log.lines().size() == kThreads * kEach);
}

TEST_CASE("a wrong level or file is refused and the log goes on as it was") {
    const LogFile log("info");
    for (const auto* level : {"", "INFO", "trace", "warning", "info ", "2"}) {
        const auto refused = configure_log(level, "");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::bad_configuration);
    }
    const auto no_folder = configure_log("info", log.path().string() + "/below/a/file");
    REQUIRE_FALSE(no_folder);
    CHECK(no_folder.error().code == ErrorCode::io_failed);
    log_info("still here");
    CHECK(log.lines().size() == 1);
}

}  // namespace
}  // namespace shikaku
