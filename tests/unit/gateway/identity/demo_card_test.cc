#include "gateway/identity/demo_card.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "gateway/crypto/hash.h"
#include "tests/unit/gateway/crypto/test_file.h"

namespace shikaku::identity {
namespace {

constexpr const char* kCard = R"({
  "id": "01-child-eligible",
  "title": {"ja": "子ども", "en": "A child"},
  "personal_number": "123456789018",
  "birth_date": "2018-05-01",
  "residence": "132012",
  "consent": true,
  "proof": "face",
  "insurance": {"insurer_number": "01130012", "symbol": "1", "number": "2", "branch": "00"},
  "question": {"setting": "outpatient", "clinic": "clinic-a"},
  "expect": {"outcome": "eligible", "reason": "ACTIVE"}
})";

TEST_CASE("a demo card is read and written without loss") {
    const auto card = parse_demo_card(kCard);
    REQUIRE(card);
    CHECK(card->id == "01-child-eligible");
    CHECK(card->title_ja == "子ども");
    CHECK(card->title_en == "A child");
    CHECK(card->personal_number == "123456789018");
    CHECK(card->birth_date.iso() == "2018-05-01");
    CHECK(card->residence == domain::AuthorityCode::parse("132012"));
    CHECK(card->consent);
    CHECK(card->proof == ProofMethod::face);
    REQUIRE(card->insurance);
    CHECK(card->insurance->branch == "00");
    CHECK(card->question["clinic"] == "clinic-a");
    CHECK(card->expect["outcome"] == "eligible");
    CHECK(*parse_json(to_json(*card)) == *parse_json(kCard));
}

struct Row {
    const char* pointer;
    std::function<void(Json&)> change;
};

TEST_CASE("a bad demo card is refused at the place that is wrong") {
    const std::vector<Row> table = {
        {"", [](Json& c) { c = Json::array(); }},
        {"/resident", [](Json& c) { c["resident"] = "132012"; }},
        {"/id", [](Json& c) { c.erase("id"); }},
        {"/id", [](Json& c) { c["id"] = 1; }},
        {"/title", [](Json& c) { c["title"] = "x"; }},
        {"/title/fr", [](Json& c) { c["title"]["fr"] = "x"; }},
        {"/title/ja", [](Json& c) { c["title"]["ja"] = 1; }},
        {"/title/en", [](Json& c) { c["title"]["en"] = 1; }},
        {"/personal_number", [](Json& c) { c.erase("personal_number"); }},
        {"/personal_number", [](Json& c) { c["personal_number"] = "123456789012"; }},
        {"/personal_number", [](Json& c) { c["personal_number"] = "1234-5678-9018"; }},
        {"/personal_number", [](Json& c) { c["personal_number"] = 123456789018; }},
        {"/birth_date", [](Json& c) { c.erase("birth_date"); }},
        {"/birth_date", [](Json& c) { c["birth_date"] = "H30.5.1"; }},
        {"/residence", [](Json& c) { c["residence"] = "132013"; }},
        {"/residence", [](Json& c) { c["residence"] = 132012; }},
        {"/consent", [](Json& c) { c.erase("consent"); }},
        {"/consent", [](Json& c) { c["consent"] = "true"; }},
        {"/consent_checkups", [](Json& c) { c["consent_checkups"] = 1; }},
        {"/proof", [](Json& c) { c.erase("proof"); }},
        {"/proof", [](Json& c) { c["proof"] = "voice"; }},
        {"/insurance", [](Json& c) { c["insurance"] = nullptr; }},
        {"/insurance/insurer_number", [](Json& c) { c["insurance"].erase("insurer_number"); }},
        {"/insurance/insurer_number", [](Json& c) { c["insurance"]["insurer_number"] = "1"; }},
        {"/insurance/number", [](Json& c) { c["insurance"]["number"] = 1; }},
        {"/insurance/kigou", [](Json& c) { c["insurance"]["kigou"] = "1"; }},
        {"/question", [](Json& c) { c["question"] = "x"; }},
        {"/expect", [](Json& c) { c["expect"] = 1; }},
    };
    for (const Row& row : table) {
        Json json = *parse_json(kCard);
        row.change(json);
        INFO(json.dump());
        const auto card = parse_demo_card(json.dump());
        REQUIRE_FALSE(card);
        CHECK(card.error().code == ErrorCode::invalid_field);
        CHECK(card.error().pointer == row.pointer);
    }
    CHECK(parse_demo_card("{").error().code == ErrorCode::invalid_field);
    CHECK(load_demo_card("/nonexistent/card").error().code == ErrorCode::io_failed);
}

TEST_CASE("random personal numbers are valid and differ") {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const std::string number = random_personal_number();
        CHECK(number.size() == 12);
        CHECK(domain::is_personal_number(number));
        seen.insert(number);
    }
    CHECK(seen.size() > 190);
}

TEST_CASE("a link key is the HMAC of the twelve digits") {
    const Hash256 secret = crypto::sha256(as_bytes("secret"));
    const LinkageSecret linkage(secret);
    const auto link_key = linkage.link_key("123456789018");
    REQUIRE(link_key);
    CHECK(*link_key == crypto::hmac_sha256(secret, as_bytes("123456789018")));
    for (const char* bad : {"", "123456789012", "12345678901", "1234567890180", "1234-5678-9018",
                            "１２３４５６７８９０１８", "12345678901a"}) {
        CHECK(linkage.link_key(bad).error().code == ErrorCode::invalid_field);
    }
    const auto card = parse_demo_card(kCard);
    REQUIRE(card);
    const auto person = tap(*card, linkage, 1'795'132'800);
    REQUIRE(person);
    CHECK(person->link_key == *link_key);
    CHECK(person->proof_time_s == 1'795'132'800);
    CHECK(person->token_id.size() == 32);
    CHECK(person->token_id != tap(*card, linkage, 1'795'132'800)->token_id);
}

TEST_CASE("a linkage secret is read strictly") {
    const testing::TemporaryFolder folder;
    const Hash256 secret = crypto::sha256(as_bytes("secret"));
    const std::string text = to_base64(secret);
    const auto load = [&folder](const std::string& content, unsigned mode = 0600) {
        return LinkageSecret::load(testing::test_file(folder, "linkage.secret", content, mode));
    };
    for (const std::string& good : {text, text + "\n"}) {
        const auto linkage = load(good);
        REQUIRE(linkage);
        CHECK(*linkage->link_key("123456789018") ==
              crypto::hmac_sha256(secret, as_bytes("123456789018")));
    }
    for (const std::string& bad : {std::string(), std::string("x"), text + "\n\n", text + " ",
                                   to_hex(secret), to_base64(Bytes(31, 1)), to_base64url(secret)}) {
        INFO(bad);
        CHECK(load(bad).error().code == ErrorCode::bad_key);
    }
    CHECK(load(text, 0640).error().code == ErrorCode::bad_key);
    CHECK(LinkageSecret::load(folder.path() / "absent").error().code == ErrorCode::io_failed);
}

}  // namespace
}  // namespace shikaku::identity
