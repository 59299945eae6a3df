#include "gateway/sources/sources.h"

#include <set>
#include <thread>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace shikaku::sources::test;
using domain::Freshness;
using domain::SourceStatus;
using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::milliseconds(1'795'132'740'000)};
constexpr auto kShort = 500ms;  // the question's time where a source is late
constexpr auto kNever = 1h;

// Hachioji lives on published data, Tokyo answers live; others as a test says. The context is
// declared last, as contexts must go first.
struct House {
    explicit House(std::chrono::milliseconds question_time = 10s, Breaker::Pauses pauses = {})
        : sources(
              Published{.find_all = [this](const Hash256& key) { return find_all(key); },
                        .in_force =
                            [this](domain::AuthorityCode code) -> std::optional<registry::InForce> {
                            if (!publishers.contains(code)) return std::nullopt;
                            return registry::InForce{.as_of = published_at, .linkage = linkage};
                        }},
              *cache.cache, clock, question_time, pauses) {
        publishers.insert(authority("132012"));
        connect("130001", tokyo);
    }

    Result<std::vector<registry::PublishedFor>> find_all(const Hash256& key) const {
        if (while_reading) while_reading();
        if (registry_fails) return fail(ErrorCode::storage_unavailable, "disk");
        if (key != person(1)) return std::vector<registry::PublishedFor>();
        return published;
    }
    void connect(std::string_view code, std::shared_ptr<adapters::Adapter> adapter,
                 Policy policy = {}) {
        connections.insert_or_assign(authority(code), connected(std::move(adapter), policy));
        sources.replace(std::make_shared<const Connections>(connections));
    }
    Sources::About about(std::string_view residence, std::uint8_t who = 1) const {
        Sources::About question{.link_key = person(who),
                                .residence = std::nullopt,
                                .service_date = date("2026-11-20"),
                                .request_id = "request-1"};
        if (!residence.empty()) question.residence = authority(residence);
        return question;
    }
    std::vector<domain::Finding> ask(std::string_view residence = "132012", std::uint8_t who = 1) {
        auto findings = run(context, sources.ask(about(residence, who)));
        cache.cache->flush();
        return findings;
    }
    domain::Finding ask_tokyo() { return ask("130001").at(0); }

    CacheHouse cache;
    ManualClock clock{kNow};
    std::vector<registry::PublishedFor> published;
    std::set<domain::AuthorityCode> publishers;
    Instant published_at = kNow;
    std::optional<domain::LinkageCheck> linkage;
    bool registry_fails = false;
    std::function<void()> while_reading;
    std::shared_ptr<FakeSource> tokyo = std::make_shared<FakeSource>();
    Connections connections;
    Sources sources;
    asio::io_context context;
};

adapters::Records one_row() {
    return {.entitlements = {row("T", kNow)}, .as_of = kNow, .ambiguous = false};
}

const Error kDown{ErrorCode::source_unavailable, "down", {}};

}  // namespace

TEST_CASE("published data is answered without asking anyone") {
    House house;
    house.published = {
        {.authority = authority("132012"), .as_of = kNow - 1h, .entitlements = {row("H")}}};
    house.connections.clear();
    house.connect("132012", std::make_shared<FakePublished>());
    const auto findings = house.ask();
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].status == SourceStatus::answered);
    CHECK(findings[0].kind == "published");
    CHECK(findings[0].freshness == Freshness::published);
    CHECK(findings[0].as_of == kNow - 1h);
    CHECK(findings[0].entitlements == std::vector{row("H")});
}

TEST_CASE("that an authority knows nobody is as old as its last publication") {
    House house;
    house.published_at = kNow - 40 * 24h;
    CHECK(house.ask().at(1).as_of == kNow - 40 * 24h);
    CHECK(house.ask().at(1).status == SourceStatus::no_record);
    house.clock.advance(5 * 24h + 1ms);
    const auto old = house.ask().at(1);
    CHECK(old.status == SourceStatus::unavailable);
    CHECK(old.beyond_policy);
    house.connect("132012", std::make_shared<FakePublished>(), {.published_up_to = 400 * 24h});
    CHECK(house.ask().at(1).status == SourceStatus::no_record);
    house.clock.advance(400 * 24h);
    CHECK(house.ask().at(1).beyond_policy);
}

TEST_CASE(
    "the prefecture of the residence that publishes is heard about somebody it does not know") {
    House house;
    house.connections.clear();
    house.connect("130001", std::make_shared<FakePublished>());
    house.publishers.insert(authority("130001"));
    house.published_at = kNow - 2h;
    const auto findings = house.ask();
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].authority == authority("130001"));
    CHECK(findings[0].status == SourceStatus::no_record);
    CHECK(findings[0].as_of == kNow - 2h);
}

TEST_CASE("in data made with another linkage secret nobody is said to be unknown") {
    House house;
    house.linkage = domain::LinkageCheck::parse("abcdefghijklmnop");
    const auto ask_with = [&house](std::string_view check) {
        auto about = house.about("132012");
        about.linkage = domain::LinkageCheck::parse(check);
        return run(house.context, house.sources.ask(about)).at(1);
    };
    const auto other = ask_with("ponmlkjihgfedcba");
    CHECK(other.status == SourceStatus::unavailable);
    CHECK(other.other_linkage);
    CHECK(other.as_of == kNow);
    CHECK(ask_with("abcdefghijklmnop").status == SourceStatus::no_record);
    CHECK(ask_with("").status == SourceStatus::no_record);  // the token tells nothing
    house.while_reading = [&house] {                        // another one is switched in meanwhile
        house.linkage = domain::LinkageCheck::parse("ponmlkjihgfedcba");
    };
    CHECK(ask_with("abcdefghijklmnop").other_linkage);
    house.while_reading = nullptr;
    house.linkage.reset();
    CHECK(ask_with("ponmlkjihgfedcba").status == SourceStatus::no_record);
}

TEST_CASE("a prefecture named beside a row is heard wherever the person lives") {
    House house;
    house.connections.clear();
    house.connect("130001", std::make_shared<FakePublished>());
    const auto residence = GENERATE("", "141003");
    const auto ask_with = [&](Instant as_of, std::string_view made_with) {
        house.published = {
            {.authority = authority("130001"),
             .as_of = as_of,
             .entitlements = {},
             .linkage = domain::LinkageCheck::parse(made_with)},
            {.authority = authority("132012"), .as_of = kNow, .entitlements = {row("H")}}};
        auto about = house.about(residence);
        about.linkage = domain::LinkageCheck::parse("abcdefghijklmnop");
        auto findings = run(house.context, house.sources.ask(about));
        REQUIRE(findings.size() >= 2);
        REQUIRE(findings[0].authority == authority("130001"));
        CHECK(findings[1].status == SourceStatus::answered);
        return findings[0];
    };
    CHECK(ask_with(kNow - 1h, "").status == SourceStatus::no_record);
    CHECK(ask_with(kNow - 1h, "").as_of == kNow - 1h);
    CHECK(ask_with(kNow - 400 * 24h, "").beyond_policy);
    CHECK(ask_with(kNow - 1h, "ponmlkjihgfedcba").other_linkage);
    CHECK(ask_with(kNow - 1h, "abcdefghijklmnop").status == SourceStatus::no_record);
}

TEST_CASE("live and published answers stand beside each other in code order") {
    House house;
    house.tokyo->says = one_row();
    const auto findings = house.ask();
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].authority == authority("130001"));
    CHECK(findings[0].status == SourceStatus::answered);
    CHECK(findings[0].freshness == Freshness::live);
    CHECK(findings[0].kind == "fake");
    CHECK(findings[1].authority == authority("132012"));
    CHECK(findings[1].status == SourceStatus::no_record);
    const adapters::LookUp& lookup = house.tokyo->about.at(0);
    CHECK(lookup.authority == authority("130001"));
    CHECK(lookup.link_key == person(1));
    CHECK(lookup.service_date == date("2026-11-20"));
    CHECK(lookup.request_id == "request-1");
}

TEST_CASE("sources are asked at the same time") {
    House house;
    auto mitaka = std::make_shared<FakeSource>();
    house.connect("132047", mitaka);
    house.tokyo->meet_with(*mitaka);  // neither answers before both are asked
    const auto findings = house.ask("132047");
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].status == SourceStatus::no_record);
    CHECK(findings[1].status == SourceStatus::no_record);
}

TEST_CASE("a source that is late is cut off, and the others' answers are there") {
    House house(kShort);
    house.tokyo->deaf = GENERATE(false, true);
    house.tokyo->pause = kNever;
    auto mitaka = std::make_shared<FakeSource>();
    mitaka->says = one_row();
    house.connect("132047", mitaka);
    const auto findings = house.ask("132047");
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].status == SourceStatus::timeout);
    CHECK(findings[0].entitlements.empty());
    CHECK(findings[1].status == SourceStatus::answered);
    CHECK(house.sources.state(authority("130001")) == "failing");
    CHECK(house.sources.state(authority("132047")) == "answering");
}

TEST_CASE("what an adapter says too late is kept for the next question") {
    House house(kShort);
    house.tokyo->deaf = true;
    house.tokyo->pause = kShort + 200ms;
    house.tokyo->says = one_row();
    CHECK(house.ask_tokyo().status == SourceStatus::timeout);
    house.context.restart();
    house.context.run();  // until the adapter has ended
    house.cache.cache->flush();
    const auto finding = house.ask_tokyo();
    CHECK(finding.status == SourceStatus::answered);
    CHECK(finding.freshness == Freshness::cached);
    CHECK(house.tokyo->asked == 1);
}

TEST_CASE("equal look-ups in flight are one") {
    House house;
    house.tokyo->pause = 20ms;
    house.tokyo->says = one_row();
    std::vector<std::vector<domain::Finding>> answers;
    for (const std::uint8_t who : std::to_array<std::uint8_t>({1, 1, 1, 2}))
        asio::co_spawn(house.context, house.sources.ask(house.about("130001", who)),
                       [&answers](std::exception_ptr, std::vector<domain::Finding> findings) {
                           answers.push_back(std::move(findings));
                       });
    house.context.run();
    REQUIRE(answers.size() == 4);
    for (const auto& findings : answers)
        CHECK(findings.at(0).freshness == Freshness::live);
    CHECK(house.tokyo->asked == 2);
}

TEST_CASE("a fresh answer in the cache is used without asking") {
    House house;
    house.tokyo->says = one_row();
    CHECK(house.ask_tokyo().freshness == Freshness::live);
    house.clock.advance(299s);
    const auto finding = house.ask_tokyo();
    CHECK(finding.freshness == Freshness::cached);
    CHECK(finding.as_of == kNow);
    CHECK(finding.entitlements == one_row().entitlements);
    CHECK(house.tokyo->asked == 1);
    house.clock.advance(1s);
    CHECK(house.ask_tokyo().freshness == Freshness::live);
    CHECK(house.tokyo->asked == 2);
}

TEST_CASE("that nobody is known there is kept for a shorter time") {
    House house;
    CHECK(house.ask_tokyo().status == SourceStatus::no_record);
    house.clock.advance(59s);
    CHECK(house.ask_tokyo().freshness == Freshness::cached);
    house.clock.advance(1s);
    CHECK(house.ask_tokyo().freshness == Freshness::live);
}

TEST_CASE("a failing source is answered from the cache, marked stale, then not at all") {
    House house;
    house.connect("130001", house.tokyo, {.fresh_for = 10s, .stale_up_to = 1h});
    house.tokyo->says = one_row();
    REQUIRE(house.ask_tokyo().status == SourceStatus::answered);
    house.tokyo->says = std::unexpected(kDown);
    house.clock.advance(1h);
    const auto stale = house.ask_tokyo();
    CHECK(stale.status == SourceStatus::unavailable);  // how it did now
    CHECK(stale.freshness == Freshness::stale);        // where the facts are from
    CHECK(stale.as_of == kNow);
    CHECK(stale.entitlements.size() == 1);
    house.clock.advance(1ms);
    const auto too_old = house.ask_tokyo();
    CHECK(too_old.status == SourceStatus::unavailable);
    CHECK(too_old.beyond_policy);
    CHECK(too_old.entitlements.empty());
}

TEST_CASE("what a source said before it was configured otherwise is not its word") {
    House house;
    house.tokyo->says = one_row();
    REQUIRE(house.ask_tokyo().status == SourceStatus::answered);
    auto other = std::make_shared<FakeSource>();
    other->where = "https://two.example";
    house.connect("130001", other);
    SECTION("although it would still be fresh") {
        CHECK(house.ask_tokyo().status == SourceStatus::no_record);
        CHECK(other->asked == 1);
    }
    SECTION("nor when the new one fails") {
        other->says = std::unexpected(kDown);
        const auto finding = house.ask_tokyo();
        CHECK(finding.status == SourceStatus::unavailable);
        CHECK(finding.freshness == Freshness::live);
        CHECK(finding.entitlements.empty());
    }
    SECTION("and counts again when the old configuration is back") {
        house.connect("130001", house.tokyo);
        CHECK(house.ask_tokyo().freshness == Freshness::cached);
    }
}

TEST_CASE("a failing source that nothing is known of is named with its trouble") {
    House house;
    house.tokyo->says = std::unexpected(kDown);
    CHECK(house.ask_tokyo().status == SourceStatus::unavailable);
    house.tokyo->says = fail(ErrorCode::source_refused);
    CHECK(house.ask_tokyo().status == SourceStatus::refused);
    house.tokyo->says = fail(ErrorCode::source_timeout);
    CHECK(house.ask_tokyo().status == SourceStatus::timeout);
    CHECK_FALSE(house.ask_tokyo().beyond_policy);
}

TEST_CASE("an adapter that throws or gives too much has failed") {
    House house;
    SECTION("throws") {
        house.tokyo->throws = true;
    }
    SECTION("too many entitlements") {
        adapters::Records many;
        for (std::size_t i = 0; i <= bounds::kEntitlementsPerAuthority; ++i)
            many.entitlements.push_back(row(std::to_string(i)));
        house.tokyo->says = many;
    }
    const auto finding = house.ask_tokyo();
    CHECK(finding.status == SourceStatus::unavailable);
    CHECK(finding.entitlements.empty());
    const Hash256 source = house.connections.at(authority("130001")).source;
    CHECK_FALSE(house.cache.cache->find(authority("130001"), source, person(1)));
}

TEST_CASE("a row keeps the time of its last change over look-ups that say the same") {
    House house;
    house.tokyo->says = one_row();
    REQUIRE(house.ask_tokyo().status == SourceStatus::answered);
    house.clock.advance(1h);
    house.tokyo->says->entitlements = {row("T", kNow + 1h), row("U", kNow + 1h)};
    const auto finding = house.ask_tokyo();
    REQUIRE(finding.entitlements.size() == 2);
    CHECK(finding.freshness == Freshness::live);
    CHECK(finding.entitlements[0].changed_at == kNow);
    CHECK(finding.entitlements[1].changed_at == kNow + 1h);
}

TEST_CASE("a municipality of residence that takes no part is not_connected") {
    House house;
    const auto findings = house.ask("132047");
    REQUIRE(findings.size() == 2);
    CHECK(findings[1].authority == authority("132047"));
    CHECK(findings[1].status == SourceStatus::not_connected);
    CHECK(findings[1].kind.empty());
}

TEST_CASE("one that publishes while the rows are read is not connected yet, and never a no") {
    House house;
    house.publishers.clear();
    house.while_reading = [&house] { house.publishers.insert(authority("132012")); };
    const auto findings = house.ask();
    REQUIRE(findings.size() == 2);
    CHECK(findings[1].authority == authority("132012"));
    CHECK(findings[1].status == SourceStatus::not_connected);
    CHECK(house.ask()[1].status == SourceStatus::no_record);
}

TEST_CASE("without residence and published data there is nobody to ask") {
    House house;
    CHECK(house.ask("", 2).empty());
    CHECK(house.tokyo->asked == 0);
}

TEST_CASE("when authorities are left out, nothing that was heard leads to a no") {
    House house;
    house.sources.replace(std::make_shared<const Connections>());
    for (const char* code :
         {"011002", "131016", "131121", "132187", "132195", "141003", "192015", "215031", "222216",
          "231002", "271004", "272078", "273414", "281000", "282014"})
        house.published.push_back(
            {.authority = authority(code), .as_of = kNow, .entitlements = {row("A")}});
    const auto heard = [&house] {
        const auto findings = house.ask("472018");
        CHECK(findings.size() == bounds::kAuthoritiesPerQuestion);
        return std::ranges::count(findings, SourceStatus::answered, &domain::Finding::status);
    };
    CHECK(heard() == 15);
    house.published.push_back(
        {.authority = authority("401307"), .as_of = kNow, .entitlements = {row("A")}});
    CHECK(heard() == 0);
    CHECK(house.ask("472018").at(0).entitlements.size() == 1);  // good enough for a yes
}

TEST_CASE("a registry that cannot be read never looks like an answer") {
    House house;
    house.registry_fails = true;
    const auto findings = house.ask();
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].status == SourceStatus::unavailable);  // Tokyo said "no record"
    CHECK(findings[1].status == SourceStatus::unavailable);
    house.tokyo->says = one_row();
    house.clock.advance(1h);
    CHECK(house.ask()[0].entitlements.size() == 1);  // good enough for a yes
    house.registry_fails = false;
    CHECK(house.ask()[1].status == SourceStatus::no_record);
}

TEST_CASE("the state of a source is that of its last look-up") {
    House house;
    house.connect("132047", std::make_shared<FakePublished>());
    CHECK(house.sources.state(authority("130001")) == "idle");
    CHECK(house.sources.state(authority("132012")) == "answering");
    CHECK(house.sources.state(authority("132047")) == "idle");
    CHECK(house.sources.state(authority("141003")) == "not_connected");
    house.tokyo->says = std::unexpected(kDown);
    (void)house.ask_tokyo();
    CHECK(house.sources.state(authority("130001")) == "failing");
    house.tokyo->says = one_row();
    (void)house.ask_tokyo();
    CHECK(house.sources.state(authority("130001")) == "answering");
}

TEST_CASE("a paused source is answered from the cache, else as unavailable; never with a no") {
    House house(10s, {.first = 1h, .longest = 1h});
    (void)house.ask("130001", 1);  // nothing is known about person 1 there
    house.tokyo->says = one_row();
    (void)house.ask("130001", 2);
    house.clock.advance(1h);
    house.tokyo->says = std::unexpected(kDown);
    for (std::uint8_t who = 10; who < 10 + bounds::kBreakerFailures; ++who)
        (void)house.ask("130001", who);
    CHECK(house.sources.state(authority("130001")) == "paused");
    const int asked = house.tokyo->asked;
    const auto unknown = house.ask("130001", 99)[0];
    CHECK(unknown.status == SourceStatus::unavailable);
    const auto no_record = house.ask("130001", 1)[0];
    CHECK(no_record.status == SourceStatus::unavailable);
    CHECK(no_record.freshness == Freshness::stale);
    const auto known = house.ask("130001", 2)[0];
    CHECK(known.status == SourceStatus::unavailable);
    CHECK(known.freshness == Freshness::stale);
    CHECK(known.entitlements.size() == 1);
    CHECK(house.tokyo->asked == asked);
}

TEST_CASE("a question in flight keeps the connections it began with") {
    House house;
    house.tokyo->pause = 10ms;
    house.tokyo->says = one_row();
    std::optional<std::vector<domain::Finding>> answer;
    asio::co_spawn(house.context, house.sources.ask(house.about("130001")),
                   [&answer](std::exception_ptr, std::vector<domain::Finding> findings) {
                       answer = std::move(findings);
                   });
    house.context.poll();
    house.connections.clear();
    house.sources.replace(std::make_shared<const Connections>());
    house.tokyo.reset();
    house.context.run();
    REQUIRE(answer);
    CHECK(answer->at(0).status == SourceStatus::answered);
}

TEST_CASE("a context may go while a look-up hangs") {
    House house;
    house.tokyo->pause = kNever;
    house.tokyo->deaf = true;
    {
        asio::io_context other;
        asio::co_spawn(other, house.sources.ask(house.about("130001")),
                       [](std::exception_ptr, const std::vector<domain::Finding>&) {});
        other.poll();
    }
    CHECK(house.tokyo->asked == 1);
    house.tokyo->pause = 0ms;
    CHECK(house.ask_tokyo().status == SourceStatus::no_record);  // a new look-up
}

TEST_CASE("questions on two threads share look-ups and all get their answer") {
    House house;
    struct Safe final : adapters::Adapter {
        std::string_view kind() const override { return "safe"; }
        std::string configuration() const override { return {}; }
        Freshness freshness() const override { return Freshness::live; }
        asio::awaitable<Result<adapters::Records>> look_up(const adapters::LookUp&) override {
            asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            co_return one_row();
        }
    };
    house.connect("130001", std::make_shared<Safe>(), {.fresh_for = 0s, .stale_up_to = 1h});
    std::atomic<int> answered = 0;
    const auto work = [&house, &answered] {
        asio::io_context context;
        for (int round = 0; round < 25; ++round) {
            for (std::uint8_t who = 0; who < 8; ++who)
                asio::co_spawn(
                    context, house.sources.ask(house.about("130001", who)),
                    [&answered](std::exception_ptr, const std::vector<domain::Finding>& findings) {
                        answered += findings.at(0).status == SourceStatus::answered ? 1 : 0;
                    });
            context.restart();
            context.run();
        }
    };
    std::thread first(work), second(work);
    first.join();
    second.join();
    CHECK(answered == 2 * 25 * 8);
}
