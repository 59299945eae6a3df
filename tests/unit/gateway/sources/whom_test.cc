#include "gateway/sources/whom.h"

#include <set>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace shikaku::sources::test;
using By = Part::By;

struct World {
    Connections connections;
    std::set<domain::AuthorityCode> publishers;
    std::vector<registry::PublishedFor> published;

    World& live(std::string_view code) {
        connections.emplace(authority(code), connected(std::make_shared<FakeSource>(), {}));
        return *this;
    }
    World& published_adapter(std::string_view code) {
        connections.emplace(authority(code), connected(std::make_shared<FakePublished>(), {}));
        return *this;
    }
    World& has_published(std::string_view code) {
        publishers.insert(authority(code));
        return *this;
    }
    World& about_person(std::string_view code) {
        has_published(code);
        published.push_back({.authority = authority(code), .entitlements = {row("A")}});
        return *this;
    }
    Whom ask(std::string_view residence) const {
        std::optional<domain::AuthorityCode> lives;
        if (!residence.empty()) lives = authority(residence);
        return whom_to_ask(lives, published, connections, [this](domain::AuthorityCode code) {
            return publishers.contains(code);
        });
    }
};

std::string names(const Whom& whom) {
    std::string out;
    for (const Part& part : whom.parts) {
        out += out.empty() ? "" : " ";
        out += part.authority.text();
        out += part.by == By::source     ? ":source"
               : part.by == By::registry ? ":registry"
                                         : ":nobody";
    }
    return out;
}

}  // namespace

TEST_CASE(
    "residence, prefecture and whoever has published about the person are asked, in code order") {
    World world;
    world.published_adapter("132012").live("130001").about_person("141003").about_person("132012");
    CHECK(names(world.ask("132012")) == "130001:source 132012:registry 141003:registry");
}

TEST_CASE(
    "a municipality of residence that takes no part is named; its prefecture then need not be") {
    CHECK(names(World().ask("132047")) == "132047:nobody");
    CHECK(names(World().live("130001").ask("132047")) == "130001:source 132047:nobody");
}

TEST_CASE("a connection without published data does not count as connected") {
    CHECK(names(World().published_adapter("132012").ask("132012")) == "132012:nobody");
    CHECK(names(World().published_adapter("130001").live("132012").ask("132012")) ==
          "132012:source");
}

TEST_CASE("whoever has published takes part without configuration") {
    CHECK(names(World().has_published("132012").ask("132012")) == "132012:registry");
    CHECK(names(World().has_published("132012").has_published("130001").ask("132012")) ==
          "130001:registry 132012:registry");
}

TEST_CASE("a live connection is asked also where data was published") {
    World world;
    world.live("132012").about_person("132012");
    CHECK(names(world.ask("132012")) == "132012:source");
}

TEST_CASE("without a residence only those who have published, and their prefectures, are asked") {
    CHECK(names(World().live("130001").published_adapter("132012").ask("")).empty());
    CHECK(names(World().about_person("132012").ask("")) == "132012:registry");
    CHECK(names(World().live("130001").about_person("132012").ask("")) ==
          "130001:source 132012:registry");
}

TEST_CASE("whether a prefecture is asked does not tell whether the person lives there") {
    World world;
    world.live("130001").about_person("132012").has_published("272078");
    CHECK(names(world.ask("132012")) == "130001:source 132012:registry");
    CHECK(names(world.ask("272078")) == "130001:source 132012:registry 272078:registry");
}

TEST_CASE("someone who lives in a prefecture's own code is asked about once") {
    CHECK(names(World().live("130001").ask("130001")) == "130001:source");
}

TEST_CASE(
    "more authorities than the bound: the residence stays, and it is said that some are missing") {
    World world;
    for (const char* code :
         {"011002", "131016", "131121", "132187", "132195", "141003", "192015", "215031", "222216",
          "231002", "271004", "272078", "273414", "281000", "282014", "401307"})
        world.about_person(code);
    CHECK(world.ask("").parts.size() == bounds::kAuthoritiesPerQuestion);
    CHECK_FALSE(world.ask("").some_left_out);
    const Whom whom = world.ask("472018");
    CHECK(whom.parts.size() == bounds::kAuthoritiesPerQuestion);
    CHECK(whom.some_left_out);
    CHECK(whom.parts.back().authority == authority("472018"));
}

TEST_CASE("a prefecture named without a row takes no place of one that has rows") {
    World world;
    world.has_published("130001");
    world.published.push_back({.authority = authority("130001"), .entitlements = {}});
    world.about_person("132012");
    CHECK(names(world.ask("")) == "130001:registry 132012:registry");
    CHECK(names(world.ask("141003")) == "130001:registry 132012:registry 141003:nobody");
    for (const char* code :
         {"141003", "192015", "215031", "222216", "231002", "271004", "272078", "273414", "281000",
          "282014", "401307", "011002", "131016", "131121", "132187"})
        world.about_person(code);
    const Whom whom = world.ask("");
    CHECK(whom.some_left_out);
    CHECK(std::ranges::none_of(
        whom.parts, [](const Part& part) { return part.authority == authority("130001"); }));
}

TEST_CASE("an authority of whose rows none could be read is heard all the same") {
    World world;
    world.has_published("141003");
    world.published.push_back({.authority = authority("141003"), .entitlements = {}});
    CHECK(names(world.ask("132047")) == "132047:nobody");
    world.published.back().cut_off = true;
    CHECK(names(world.ask("132047")) == "132047:nobody 141003:registry");
}
