// Which linkage secret publications were made with: two of them never stand beside each other, and
// another one than that in force waits for a person.
#include "tests/unit/gateway/registry/registry_fixture.h"

namespace registry_test {
namespace {

const auto kOne = domain::LinkageCheck::parse("abcdefghijklmnop");
const auto kOther = domain::LinkageCheck::parse("ponmlkjihgfedcba");

struct Linkage : RegistryFixture {
    PublicationReport publish_with(std::optional<domain::LinkageCheck> linkage,
                                   const std::vector<Row>& rows, Mode mode = Mode::full) {
        auto wanted = request(mode);
        wanted.linkage = linkage;
        return publish(std::move(wanted), csv(rows));
    }
    [[nodiscard]] std::optional<domain::LinkageCheck> told() const {
        const auto now = registry->in_force(kHachioji);
        REQUIRE(now);
        return now->linkage;
    }
};

TEST_CASE_METHOD(Linkage, "what a publication told is kept with it, over a restart too") {
    CHECK_FALSE(registry->in_force(kHachioji));
    publish_with(kOne, people(3));
    CHECK(told() == kOne);
    close();
    open();
    CHECK(told() == kOne);
    publish_with(std::nullopt, people(4));  // tells nothing: as it was
    CHECK(told() == kOne);
}

TEST_CASE_METHOD(Linkage, "a full publication with another secret is held, and says so") {
    publish_with(kOne, people(3));
    const auto held = publish_with(kOther, people(4));
    CHECK(held.state == PublicationState::held);
    REQUIRE(held.held_because.size() == 1);
    CHECK(held.held_because[0].en.find("linkage secret") != std::string::npos);
    CHECK(held.held_because[0].ja.find("連携用秘密鍵") != std::string::npos);
    CHECK(told() == kOne);
    SECTION("until it is released") {
        REQUIRE(registry->release(kHachioji, held.id, "new secret", "operator:a"));
        CHECK(told() == kOther);
        SECTION("and taken back") {
            REQUIRE(registry->rollback(kHachioji, held.id, "too early", "operator:a"));
            CHECK(told() == kOne);
        }
    }
    SECTION("while the right one goes on") {
        CHECK(publish_with(kOne, people(5)).state == PublicationState::active);
        CHECK(told() == kOne);
    }
}

TEST_CASE_METHOD(Linkage, "a delta with another secret is rejected and changes nothing") {
    publish_with(kOne, people(3));
    const auto rejected = publish_with(kOther, {{.key = 9, .of = 9}}, Mode::delta);
    CHECK(rejected.state == PublicationState::rejected);
    REQUIRE(rejected.rejected_because.size() == 1);
    CHECK(rejected.rejected_because[0].en.find("linkage secret") != std::string::npos);
    CHECK(says(9).empty());
    CHECK(told() == kOne);
    CHECK(publish_with(kOne, {{.key = 9, .of = 9}}, Mode::delta).state == PublicationState::active);
    CHECK(told() == kOne);
}

TEST_CASE_METHOD(Linkage, "the first to tell a value is taken at its word") {
    publish_with(std::nullopt, people(3));
    CHECK_FALSE(told());
    CHECK(publish_with(kOther, people(3)).state == PublicationState::active);
    CHECK(told() == kOther);
}

TEST_CASE_METHOD(Linkage, "a delta does not tell with which secret the data was made") {
    publish_with(std::nullopt, people(3));
    CHECK(publish_with(kOther, {{.key = 9, .of = 9}}, Mode::delta).state ==
          PublicationState::active);
    CHECK_FALSE(told());
    // The right secret is not held against that delta, and the next one is.
    CHECK(publish_with(kOne, people(4), Mode::full).state == PublicationState::active);
    CHECK(told() == kOne);
    CHECK(publish_with(kOther, {{.key = 9, .of = 9}}, Mode::delta).state ==
          PublicationState::rejected);
    publish_with(std::nullopt, {{.key = 9, .of = 9}}, Mode::delta);
    CHECK(told() == kOne);
}

}  // namespace
}  // namespace registry_test
