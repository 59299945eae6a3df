#include "gateway/registry/report_json.h"

#include <catch2/catch.hpp>

using namespace shikaku;
using namespace shikaku::registry;

namespace {

PublicationReport full_report() {
    PublicationReport report{.id = "01JD0000000000000000000000",
                             .state = PublicationState::held,
                             .mode = Mode::delta,
                             .dry_run = true};
    report.read = 10;
    report.added = 1;
    report.changed = 2;
    report.ended = 3;
    report.unchanged = 4;
    report.refused = 5;
    report.warnings = 6;
    report.rows.push_back(
        {.line = 3, .column = "valid_to", .code = "bad_date", .message = {"日", "date"}});
    report.held_because.push_back({"多い", "many"});
    report.rejected_because.push_back({"だめ", "no"});
    report.received = Instant(std::chrono::seconds(1'795'132'740));
    report.switched = Instant(std::chrono::seconds(1'795'132'745));
    report.log_index = 4711;
    return report;
}

}  // namespace

TEST_CASE("a report is read back as it was written") {
    const PublicationReport report = full_report();
    const std::string text = report_json(report);
    const auto json = parse_json(text);
    REQUIRE(json);
    const auto back = read_report(*json);
    REQUIRE(back);
    CHECK(report_json(*back) == text);
    CHECK(back->state == PublicationState::held);
    CHECK(back->mode == Mode::delta);
    CHECK(back->switched == report.switched);
    CHECK(back->received == report.received);
    CHECK(back->log_index == 4711U);
    CHECK(back->ended == 3);
    REQUIRE(back->rows.size() == 1);
    CHECK(back->rows[0].message.ja == "日");
}

TEST_CASE("an untouched report has no switch time and no evidence") {
    const auto json = parse_json(report_json({.id = "x"}));
    REQUIRE(json);
    CHECK_FALSE(json->contains("switched"));
    CHECK_FALSE(json->contains("evidence"));
    CHECK(json->at("counts").at("new") == 0);
    CHECK(json->at("state") == "receiving");
}

TEST_CASE("what is no report is refused") {
    for (const std::string_view text :
         {"{}", "[]", "1", R"({"id":1})", R"({"id":"x","state":"held"})",
          R"({"id":"x","state":"held","mode":"full","dry_run":false,"counts":{}})"}) {
        const auto json = parse_json(text);
        REQUIRE(json);
        CHECK_FALSE(read_report(*json));
    }
}

TEST_CASE("every state is read by its name") {
    for (const auto state :
         {PublicationState::receiving, PublicationState::checking, PublicationState::held,
          PublicationState::active, PublicationState::rejected, PublicationState::rolled_back})
        CHECK(parse_publication_state(name(state)) == state);
    CHECK_FALSE(parse_publication_state("gone"));
}
