#include "gateway/api/replay.h"

#include <catch2/catch.hpp>

#include "gateway/domain/wording.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/domain/builders.h"

namespace {

using namespace shikaku;
using namespace shikaku::domain::test;
using State = api::Replayed::State;

// One answer, as the log keeps it.
struct Entry {
    domain::RuleBook rules = domain::test::rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    domain::Case facts =
        domain::test::facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
    Json detail;

    Entry() { write(); }

    void write() {
        const testing::TemporaryFolder folder;
        const auto file = folder.path() / "keyring.json";
        REQUIRE(write_file(file, crypto::KeyRing::generate_json(), 0600));
        const auto keys = crypto::KeyRing::load(file).value();
        const identity::Caller caller{.role = identity::Role::institution,
                                      .institution = institution(kClinic),
                                      .authority = {},
                                      .name = {}};
        const identity::CardToken token{
            .issuer = {}, .token_id = {}, .residence = {}, .birth_date = {}, .insurance = {}};
        const api::Answer answer = api::derive_answer(facts, rules, "01ID", instant("2026-11-20"));
        detail = parse_json(api::eligibility_detail({.caller = caller,
                                                     .request_id = "request-1",
                                                     .token = token,
                                                     .priority = domain::Priority::walk_in,
                                                     .facts = facts,
                                                     .rules = rules,
                                                     .answer = answer,
                                                     .answered = instant("2026-11-20")},
                                                    *keys))
                     .value();
    }
    [[nodiscard]] State state() const {
        const auto replayed =
            api::replay(detail.dump(), [this](domain::AuthorityCode authority, const std::string&) {
                return Result<std::shared_ptr<const domain::SchemePack>>(rules.packs.at(authority));
            });
        REQUIRE(replayed);
        CHECK(replayed->same() == (replayed->state() != State::different));
        return replayed->state();
    }
};

TEST_CASE("the same bytes come out again") {
    Entry entry;
    CHECK(entry.state() == State::same);
    CHECK(entry.detail.at("texts") == domain::wording());
}

TEST_CASE("other bytes under the same wording are an alarm") {
    Entry entry;
    entry.detail["content_hash"] = "sha256:00";
    CHECK(entry.state() == State::different);
}

TEST_CASE("other bytes under another wording are the same decision, when all else is the same") {
    Entry entry;
    entry.detail["content_hash"] = "sha256:00";
    entry.detail["texts"] = "00000000";
    CHECK(entry.state() == State::other_wording);
    const auto changed = [&](const char* member, const Json& value) {
        Entry other = entry;
        other.detail[member] = value;
        return other.state();
    };
    CHECK(changed("outcome", "unknown") == State::different);
    CHECK(changed("reason", "EXPIRED") == State::different);
    CHECK(changed("authorities", Json::array()) == State::different);
    CHECK(changed("authorities", {"130001"}) == State::different);
}

TEST_CASE("entries of before the fingerprint still read") {
    Entry entry;
    entry.detail.erase("texts");
    entry.detail.erase("accepted_ms");
    CHECK(entry.state() == State::same);
    entry.detail["content_hash"] = "sha256:00";
    CHECK(entry.state() == State::other_wording);
    entry.detail["reason"] = "EXPIRED";
    CHECK(entry.state() == State::different);
}

TEST_CASE("when a pack was accepted is part of the entry, as last_changed depends on it") {
    Entry entry;
    entry.rules.accepted[authority(kHachioji)] = instant("2026-11-25");
    entry.write();
    const auto at = instant("2026-11-25").time_since_epoch().count();
    CHECK(entry.detail.at("accepted_ms") == Json{{"132012", at}});
    entry.rules.accepted.clear();  // a replay knows it from the entry only
    CHECK(entry.state() == State::same);
    entry.detail["accepted_ms"]["132012"] = at + 1000;
    CHECK(entry.state() == State::different);
}

}  // namespace
