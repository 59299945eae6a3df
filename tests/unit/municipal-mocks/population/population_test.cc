#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "gateway/crypto/hash.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/json.h"
#include "municipal-mocks/people.h"
#include "municipal-mocks/population/demo_cards.h"
#include "municipal-mocks/population/files.h"
#include "municipal-mocks/population/residents.h"

namespace {

using namespace shikaku;
using namespace shikaku::mocks;

domain::Date day(std::string_view text) {
    return *domain::Date::parse_iso(text);
}

struct Population {
    explicit Population(domain::Date today, std::uint64_t seed = 1, std::size_t count = 500)
        : dice(seed),
          certificates(today),
          cards(demo_cards(today, dice, certificates)),
          residents(random_residents(count, today, dice, certificates)) {}

    Dice dice;
    Certificates certificates;
    std::vector<DemoCard> cards;
    std::vector<Resident> residents;
};

const DemoCard& card(const Population& population, std::string_view id) {
    const auto found = std::ranges::find(population.cards, id, &DemoCard::id);
    REQUIRE(found != population.cards.end());
    return *found;
}

std::string someday() {
    return GENERATE(as<std::string>(), "2026-04-01", "2026-09-30", "2026-10-01", "2026-11-20",
                    "2027-03-31", "2028-02-29", "2031-01-01");
}

}  // namespace

TEST_CASE("every number of a synthetic person is right, and none is used twice") {
    const Population population(day("2026-11-20"));
    std::set<std::string> numbers, keys;
    CHECK(population.residents.size() == 550);
    for (const Resident& person : population.residents) {
        CHECK(domain::is_personal_number(person.personal_number));
        CHECK(numbers.insert(person.personal_number).second);
        for (const auto* rows : {&person.hachioji, &person.tokyo})
            for (const Row& row : *rows) {
                CHECK(keys.insert(row.history_key).second);
                CHECK(domain::PayerNumber::parse(row.payer_number)->check_digit_ok());
                CHECK(domain::RecipientNumber::parse(row.recipient_number)->national_form_ok());
                CHECK(row.valid_from <= row.valid_to);
            }
    }
}

TEST_CASE("the same seed and day give the same people, another seed others") {
    const Population one(day("2026-11-20")), same(day("2026-11-20")), other(day("2026-11-20"), 2);
    CHECK(hachioji_csv(one.residents).value() == hachioji_csv(same.residents).value());
    CHECK(hachioji_csv(one.residents).value() != hachioji_csv(other.residents).value());
    CHECK(one.cards[0].json() == same.cards[0].json());
}

TEST_CASE("the people of the cards fit what the cards show, in any year") {
    const std::string text = someday();
    INFO(text);
    const domain::Date today = day(text);
    const Population population(today, 1, 0);
    const auto covers = [today](const Row& row) {
        return row.valid_from <= today && today <= row.valid_to;
    };
    const Row& child = card(population, "01-child-eligible").person.hachioji.at(0);
    CHECK(child.scheme_id == "maru-ko");
    CHECK(child.payer_number == "88131248");
    CHECK(covers(child));
    CHECK(card(population, "14-infant").person.hachioji.at(0).scheme_id == "maru-nyu");
    CHECK(covers(card(population, "14-infant").person.hachioji.at(0)));
    CHECK(card(population, "04-expired").person.hachioji.at(0).valid_to < today);
    CHECK(card(population, "05-not-yet-valid").person.hachioji.at(0).valid_from > today);
    const Resident& both = card(population, "02-two-subsidies").person;
    CHECK(covers(both.hachioji.at(0)));
    CHECK(covers(both.tokyo.at(0)));
    CHECK(both.personal_number ==
          card(population, "08-source-down-with-cache").person.personal_number);
    CHECK(card(population, "08-source-down-with-cache").phase == 2);
    CHECK(card(population, "12-revoked").person.tokyo.at(0).deleted);
    CHECK(covers(card(population, "12-revoked").person.tokyo.at(0)));
    CHECK(card(population, "10-no-record").person.hachioji.empty());
    CHECK(card(population, "10-no-record").person.tokyo.empty());
}

TEST_CASE("random certificates fit the age of their holder on the day") {
    const domain::Date today = day(someday());
    for (const Resident& person : Population(today).residents) {
        if (person.hachioji.empty() || person.hachioji.back().scheme_id == "maru-oya") continue;
        const Row& row = person.hachioji.back();
        const int to_age = row.scheme_id == "maru-nyu" ? 6 : row.scheme_id == "maru-ko" ? 15 : 18;
        CHECK(row.valid_to <= domain::fiscal_year_end_after_age(person.birth_date, to_age));
        CHECK(row.valid_to >= today);
        CHECK(row.valid_from >= person.birth_date);
    }
}

TEST_CASE("a card is a demo card file") {
    const Population population(day("2026-11-20"), 1, 0);
    std::set<std::string> ids;
    for (const DemoCard& one : population.cards) {
        const auto json = parse_json(one.json());
        REQUIRE(json);
        CHECK(ids.insert(json->at("id").get<std::string>()).second);
        CHECK_FALSE(json->at("title").at("ja").get<std::string>().empty());
        CHECK_FALSE(json->at("title").at("en").get<std::string>().empty());
        CHECK(domain::AuthorityCode::parse(json->at("residence").get<std::string>()));
        CHECK(domain::InsurerNumber::parse(
                  json->at("insurance").at("insurer_number").get<std::string>())
                  ->check_digit_ok());
        CHECK(json->at("expect").contains("reason"));
    }
    CHECK(ids.size() == 17);
}

TEST_CASE("of two people with checkups one consents to show them, and both are in the file") {
    const Population population(day(someday()), 1, 0);
    const DemoCard& shown = card(population, "16-checkups");
    const DemoCard& refused = card(population, "17-checkups-refused");
    CHECK(shown.consent_checkups);
    CHECK_FALSE(refused.consent_checkups);
    CHECK(refused.consent);  // for subsidies, which does not cover checkups
    CHECK(shown.person.personal_number != refused.person.personal_number);
    const auto csv = checkups_csv({shown.person, refused.person});
    REQUIRE(csv);
    CHECK(std::ranges::count(*csv, '\n') == 5);  // the header, and two rows each
    CHECK(csv->contains(shown.person.personal_number));
}

TEST_CASE("Hachioji's file is CP932 with CRLF and one line for each row") {
    const Population population(day("2026-11-20"));
    const auto csv = hachioji_csv(population.residents);
    REQUIRE(csv);
    CHECK(csv->starts_with("\x97\x9A\x97\xF0\x83\x4C\x81\x5B,"));  // 履歴キー
    std::size_t rows = 1;
    for (const Resident& person : population.residents)
        rows += person.hachioji.size();
    CHECK(static_cast<std::size_t>(std::ranges::count(*csv, '\n')) == rows);
    CHECK(static_cast<std::size_t>(std::ranges::count(*csv, '\r')) == rows);
    Resident odd = population.residents[0];
    odd.hachioji.at(0).certificate_name = "\xF0\x9F\x98\x80";  // an emoji
    CHECK_FALSE(hachioji_csv({odd}));
}

TEST_CASE("Tokyo's file holds link keys and no personal numbers") {
    const Population population(day("2026-11-20"));
    const Bytes secret(32, 7);
    const std::string json = tokyo_json(population.residents, secret);
    const auto people = People::from_json(json);
    REQUIRE(people);
    CHECK(people->size() == 50);
    const auto patient = std::ranges::find_if(
        population.residents, [](const Resident& one) { return !one.tokyo.empty(); });
    const Hash256 link_key = crypto::hmac_sha256(secret, as_bytes(patient->personal_number));
    CHECK(people->find(to_base64url(link_key)) != nullptr);
    CHECK_FALSE(domain::contains_personal_number(json));
}
