// Full files of 1,000 rows in which whose row one is cannot be told: nobody ends by it.
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/pseudonymiser.h"
#include "registry_fixture.h"

using namespace registry_test;

namespace {

constexpr std::uint64_t kRows = 1000;
constexpr std::uint64_t kBroken = 500;

std::string without_end(std::string text) {
    text.pop_back();
    return text;
}

std::string csv_with(const std::string& broken) {
    std::string body(kHeader);
    for (const Row& row : people(kRows))
        body += row.key == kBroken ? broken + "\n" : line(row);
    return body;
}

std::string json_line(const Row& row, const std::string& key_member) {
    return "{" + key_member + ",\"certificate_type_id\":\"kodomo\",\"link_key\":\"" +
           to_base64url(person(row.of)) +
           "\",\"scheme_id\":\"child\",\"payer_number\":\"88131248\",\"recipient_number\":\"R" +
           std::to_string(row.key) +
           "\",\"segment\":\"A\",\"valid_from\":\"2026-04-01\",\"valid_to\":\"2027-03-31\"}";
}

std::string ndjson_with(const std::string& broken) {
    std::string body;
    for (const Row& row : people(kRows))
        body += (row.key == kBroken
                     ? broken
                     : json_line(row, "\"history_key\":\"H" + std::to_string(row.key) + "\"")) +
                "\n";
    return body;
}

struct Case {
    std::string_view what;
    BodyFormat format;
    std::string body;
    std::uint64_t ends;  // who would have been ended
};

std::vector<Case> cases() {
    const std::string good = without_end(line({.key = kBroken, .of = kBroken}));
    const auto csv_case = [&](std::string_view what, const std::string& row) {
        return Case{what, BodyFormat::csv_utf8, csv_with(row), kBroken};
    };
    const auto key_case = [&](std::string_view what, const std::string& key) {
        return csv_case(what, key + good.substr(good.find(',')));
    };
    const auto json_case = [](std::string_view what, const std::string& row) {
        return Case{what, BodyFormat::ndjson, ndjson_with(row), kBroken};
    };
    const Row row{.key = kBroken, .of = kBroken};
    std::vector<Case> all{
        csv_case("a comma too many", good + ","),
        csv_case("a comma too many in front", "," + good),
        csv_case("a column is missing", good.substr(0, good.rfind(','))),
        csv_case("a quote inside a word", "H5\"00" + good.substr(4)),
        csv_case("text after a quote", "\"H500\"x" + good.substr(4)),
        csv_case("an empty row", ",,,,,,,,,"),
        key_case("no key", ""),
        key_case("a key of spaces", "\u3000 "),
        key_case("a key that is too long", std::string(101, 'H')),
        key_case("a key with a control character", "H5\t00"),
        key_case("a personal number as the key", "123456789018"),
        key_case("another row's key", "H1"),
        json_case("half a line", json_line(row, "\"history_key\":\"H500\"").substr(0, 60)),
        json_case("no object", "[]"),
        json_case("a number as the key", json_line(row, "\"history_key\":500")),
        json_case("a list as the key", json_line(row, "\"history_key\":[\"H500\"]")),
        json_case("no value as the key", json_line(row, "\"history_key\":null")),
        json_case("a mistyped name of the key", json_line(row, "\"histry_key\":\"H500\"")),
        json_case("two keys", json_line(row, "\"history_key\":\"H500\",\"履歴キー\":\"H5\"")),
        json_case("a personal number as the key",
                  json_line(row, "\"history_key\":\"123456789018\"")),
        json_case("an empty object", "{}"),
    };
    // A quote that is closed in the next row: well formed, and that row is inside a cell.
    std::string swallowing(kHeader);
    for (const Row& one : people(kRows)) {
        const std::string text = line(one);
        if (one.key == kBroken)
            swallowing +=
                text.substr(0, text.find(",A,") + 1) + "\"" + text.substr(text.find("A,2"));
        else if (one.key == kBroken + 1)
            swallowing +=
                text.substr(0, text.find(",A,") + 2) + "\"" + text.substr(text.find(",2026"));
        else
            swallowing += text;
    }
    all.push_back({"a missing quote", BodyFormat::csv_utf8, swallowing, kBroken + 1});
    return all;
}

}  // namespace

TEST_CASE_METHOD(RegistryFixture, "a row that cannot be attributed ends nobody") {
    REQUIRE(full(people(kRows)).state == PublicationState::active);
    for (const Case& one : cases()) {
        CAPTURE(one.what);
        auto wanted = request(Mode::full);
        wanted.format = one.format;
        const auto report = publish(wanted, one.body);
        CHECK(report.state == PublicationState::held);
        CHECK(report.refused == 1);
        CHECK(report.ended >= 1);
        REQUIRE(report.held_because.size() == 1);
        const auto line_of = std::to_string(one.format == BodyFormat::ndjson ? 500 : 501);
        CHECK(report.held_because[0].ja.contains("(" + line_of + "行目)"));
        CHECK(report.held_because[0].en.contains("(line " + line_of + ")"));
        CHECK(says(one.ends) == "A");
    }
}

TEST_CASE_METHOD(RegistryFixture, "kept back at the edge, a row reaches the gateway unattributed") {
    REQUIRE(full(people(kRows)).state == PublicationState::active);
    for (const Case& one : cases()) {
        CAPTURE(one.what);
        auto edge = Pseudonymiser::make(one.format, kEntitlementColumns,
                                        [](std::string_view) { return Hash256{}; });
        REQUIRE(edge);
        std::string sent;
        REQUIRE((*edge)->feed(one.body, sent));
        REQUIRE((*edge)->finish(sent));
        auto wanted = request(Mode::full);
        wanted.format = one.format;
        CHECK(publish(wanted, sent).state == PublicationState::held);
        CHECK(says(one.ends) == "A");
    }
}

TEST_CASE_METHOD(RegistryFixture,
                 "a row that cannot be attributed lets nobody be unknown in a first publication") {
    const auto first = publish(request(Mode::full), csv(people(kRows)) + "H9\"x,,\n");
    CHECK(first.state == PublicationState::held);
    CHECK(first.refused == 1);
    CHECK(first.held_because.size() == 1);
    CHECK_FALSE(registry->in_force(kHachioji));  // nobody is told that there is no record
}

TEST_CASE_METHOD(RegistryFixture,
                 "nor beside new rows, and stops nothing that leaves all as it was") {
    full(people(kRows));
    const auto more = publish(request(Mode::full), csv(people(kRows + 1)) + "H9\"x,,\n");
    CHECK(more.state == PublicationState::held);
    CHECK(more.added == 1);
    CHECK(says(kRows + 1).empty());
    auto changed = people(kRows);
    changed[0].segment = "B";
    const auto same = publish(request(Mode::full), csv(changed) + "H9\"x,,\n");
    CHECK(same.state == PublicationState::active);
    CHECK(same.refused == 1);
    CHECK(says(1) == "B");
}
