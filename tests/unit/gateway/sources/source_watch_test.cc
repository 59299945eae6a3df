#include "gateway/sources/source_watch.h"

#include "gateway/support/bounds.h"
#include "gateway/support/json.h"
#include "gateway/support/log.h"
#include "gateway/support/text.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace std::chrono_literals;

const SourceWatch::Time kStart{std::chrono::hours(1)};
const Error kDown{ErrorCode::source_unavailable, "down", {}};
const Error kBroken{ErrorCode::source_malformed, "broken", "/records/0"};

// What the process log says meanwhile: message and how often.
class Lines {
  public:
    Lines() { REQUIRE(configure_log("info", path())); }
    ~Lines() { static_cast<void>(configure_log("info", "")); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    [[nodiscard]] std::vector<std::string> read() const {
        std::vector<std::string> out;
        const std::string text = read_file(path()).value();
        for (const std::string_view line : split(text, '\n')) {
            if (line.empty()) continue;
            const Json json = parse_json(line).value();
            out.push_back(json.value("error", json.at("message").get<std::string>()) + " " +
                          std::to_string(json.value("times", 0)));
        }
        return out;
    }

  private:
    [[nodiscard]] std::string path() const { return (folder_.path() / "log").string(); }
    testing::TemporaryFolder folder_;
};

TEST_CASE("each kind of failure is told at a bounded rate, with how often it happened") {
    SourceWatch watch(sources::test::authority("130001"));
    const Lines lines;
    for (int i = 0; i < 1000; ++i)
        watch.fails(kStart + i * 1ms, kDown);
    watch.fails(kStart + 2s, kBroken);  // another kind is told although one was just now
    watch.fails(kStart + bounds::kSourceFailureTold, kDown);
    CHECK(lines.read() == std::vector<std::string>{"source_unavailable 1", "source_malformed 1",
                                                   "source_unavailable 1000"});
}

TEST_CASE("a source that flaps fills no log, and the last word on it comes true") {
    SourceWatch watch(sources::test::authority("130001"));
    const Lines lines;
    for (int i = 0; i < 1000; ++i) {
        watch.fails(kStart + i * 1ms, kDown);
        watch.answers(kStart + i * 1ms);
    }
    CHECK(lines.read() == std::vector<std::string>{"source_unavailable 1", "source answers 0"});
    watch.fails(kStart + 2s, kBroken);
    watch.answers(kStart + 3s);  // too soon after the last time
    CHECK(lines.read().back() == "source_malformed 1");
    watch.answers(kStart + bounds::kSourceFailureTold);
    CHECK(lines.read().back() == "source answers 0");
}

TEST_CASE("look-ups are counted under their authority, with the age of its data") {
    SourceWatch watch(sources::test::authority("132047"));
    const auto value = [](const char* result) {
        return counter("shikaku_source_lookups_total", "",
                       {{"authority", "132047"}, {"result", result}})
            .Value();
    };
    watch.looked_up(adapters::Records{.entitlements = {}, .as_of = Instant(5000ms)}, 1ms);
    watch.looked_up(std::unexpected(kDown), 1ms);
    watch.not_asked();
    watch.show(Breaker::State::probing);
    CHECK(value("no_record") == 1);
    CHECK(value("unavailable") == 1);
    CHECK(value("not_asked") == 1);
    CHECK(value("answered") == 0);
    const Labels labels{{"authority", "132047"}};
    CHECK(gauge("shikaku_source_as_of_seconds", "", labels).Value() == 5);
    CHECK(gauge("shikaku_source_paused", "", labels).Value() == 1);
    watch.show(Breaker::State::closed);
    CHECK(gauge("shikaku_source_paused", "", labels).Value() == 0);
}

}  // namespace
