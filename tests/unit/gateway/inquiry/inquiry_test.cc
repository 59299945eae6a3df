// The desk's question as a use case, with a real registry, log, cache and sources in a folder of
// their own. Only the municipalities' own systems are played.
#include "gateway/inquiry/inquiry.h"

#include "gateway/api/answer_body.h"
#include "gateway/api/rate_limits.h"
#include "gateway/crypto/hash.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/support/json.h"
#include "tests/unit/gateway/audit/failing_disk.h"
#include "tests/unit/gateway/registry/registry_fixture.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

namespace asio = boost::asio;

using namespace shikaku;
using namespace std::chrono_literals;
using registry_test::kHachioji;
using registry_test::kMusashino;
using sources::test::FakeSource;

const domain::AuthorityCode kTokyo = *domain::AuthorityCode::parse("130001");
const domain::InstitutionCode kClinic = *domain::InstitutionCode::parse("1312012342");
const domain::InstitutionCode kOtherClinic = *domain::InstitutionCode::parse("1410122226");
const domain::LinkageCheck kLinkage = *domain::LinkageCheck::parse("abcdefghijklmnop");
const domain::LinkageCheck kOtherLinkage = *domain::LinkageCheck::parse("ponmlkjihgfedcba");
constexpr const char* kIssuer = "https://card-issuer.shikaku.example";
constexpr const char* kSecondIssuer = "https://second-issuer.shikaku.example";

identity::CardIssuer issuer_of(std::string kid) {
    return *identity::CardIssuer::create(crypto::SigningKey::generate(crypto::Algorithm::EdDSA),
                                         crypto::Algorithm::EdDSA, std::move(kid));
}

// A clinic in front of a gateway. Hachioji has published person 1; Musashino and Tokyo are asked
// live.
struct Surgery : registry_test::RegistryFixture {
    explicit Surgery(const api::Rates& given = {}) : rates(given) {
        full(registry_test::people(1));
        const auto key_file = [this](const identity::CardIssuer& of, const char* name) {
            auto file = folder.path() / name;
            REQUIRE(write_file(file, Json{{"keys", Json::array({of.public_jwk()})}}.dump(), 0600));
            return file;
        };
        trust.issuers =
            *identity::Issuers::load({{kIssuer, key_file(issuer, "one.json")},
                                      {kSecondIssuer, key_file(second_issuer, "two.json")}});
        caller.institution = kClinic;
        caller.certificate = crypto::sha256(as_bytes("certificate of the clinic"));
        claims.person.issuer = kIssuer;
        claims.person.link_key = registry_test::person(1);
        claims.person.proof = identity::ProofMethod::pin;
        claims.person.consent = true;
        claims.person.residence = kHachioji;
        claims.audience = "shikaku";
        claims.client_certificate = caller.certificate;
        new_card();
        question.today = domain::Date::of_instant_jst(clock.now());
        question.service_date = question.today;
        start();
    }

    void start() {
        inquiry.reset();
        sources.reset();
        cache = std::move(sources::Cache::open(folder.path() / "cache.db", *keys).value());
        ask_through(std::make_unique<sources::Sources>(*registry, *cache, clock));
    }
    // The sources of the question from now on.
    void ask_through(std::unique_ptr<sources::Sources> all) {
        inquiry.reset();
        sources = std::move(all);
        sources->replace(std::make_shared<const sources::Connections>(
            sources::Connections{{kMusashino, sources::connected(musashino, {})},
                                 {kTokyo, sources::connected(tokyo, {})}}));
        inquiry = std::make_unique<inquiry::Inquiry>(inquiry::Inquiry::Parts{.keys = *keys,
                                                                             .log = *log,
                                                                             .registry = *registry,
                                                                             .sources = *sources,
                                                                             .replay_guard = guard,
                                                                             .clock = clock,
                                                                             .forgeries = rates});
    }
    void restart() {
        inquiry.reset();
        sources.reset();
        cache.reset();
        close();
        open();
        start();
    }

    // The card is read, now: a token that nobody has used.
    void new_card() {
        claims.issued_s =
            std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch())
                .count();
        claims.person.expires_s = claims.issued_s + 300;
        claims.person.proof_time_s = claims.person.consent_time_s = claims.issued_s - 1;
        claims.person.token_id = identity::random_token_id();
        question.card_token = issuer.issue(claims);
    }
    asio::awaitable<Result<std::string>> asking(bool with_receipt = false) {
        const auto proven =
            co_await inquiry->ask(trust, caller, "request-1", question, with_receipt);
        if (!proven) co_return fail(proven.error());
        co_return api::answer_body(api::proven_body(*proven), "shikaku.example/log",
                                   question.known_content_hash);
    }
    Result<std::string> try_ask(bool with_receipt = false) {
        return sources::test::run(context, asking(with_receipt));
    }
    Json ask(bool with_receipt = false) {
        const auto body = try_ask(with_receipt);
        if (!body) FAIL(body.error().detail);
        return parse_json(*body).value();
    }
    ErrorCode refusal() {
        const auto body = try_ask();
        REQUIRE_FALSE(body);
        return body.error().code;
    }
    std::size_t logged(audit::Kind kind) const {
        const auto all = entries();
        return static_cast<std::size_t>(std::ranges::count_if(
            all, [kind](const audit::OpenedEntry& one) { return one.leaf.kind == kind; }));
    }
    std::size_t answers_logged() const { return logged(audit::Kind::eligibility); }

    identity::CardIssuer issuer = issuer_of("k-1");
    identity::CardIssuer second_issuer = issuer_of("k-2");
    inquiry::Trust trust;
    identity::Caller caller;
    identity::CardClaims claims;
    inquiry::Question question;
    api::RateLimits rates;
    identity::ReplayGuard guard;
    std::shared_ptr<FakeSource> musashino = std::make_shared<FakeSource>();
    std::shared_ptr<FakeSource> tokyo = std::make_shared<FakeSource>();
    std::unique_ptr<sources::Cache> cache;
    std::unique_ptr<sources::Sources> sources;
    std::unique_ptr<inquiry::Inquiry> inquiry;
    asio::io_context context{1};  // last: it goes before what its handlers use
};

TEST_CASE("a person with a certificate is answered, and the answer is in the log") {
    Surgery surgery;
    const Json answer = surgery.ask();
    CHECK(answer.at("outcome") == "eligible");
    CHECK(answer.at("evidence").at("log") == "shikaku.example/log");
    const auto index = answer.at("evidence").at("index").get<std::uint64_t>();
    REQUIRE(surgery.covered(index));
    const auto entry = surgery.log->open_entry(index);
    REQUIRE(entry);
    CHECK(entry->leaf.kind == audit::Kind::eligibility);
    CHECK(entry->detail.asker.contains(answer.at("answer_id").get<std::string>()));
    CHECK(surgery.tokyo->asked == 1);  // the prefecture of the residence
}

TEST_CASE("a receipt comes when it is asked for, one that proves this very entry") {
    Surgery surgery;
    CHECK_FALSE(surgery.ask().at("evidence").contains("receipt"));
    surgery.new_card();
    const Json answer = surgery.ask(true);
    const auto receipt =
        audit::parse_receipt(answer.at("evidence").at("receipt").get<std::string>());
    REQUIRE(receipt);
    CHECK(receipt->index == answer.at("evidence").at("index").get<std::uint64_t>());
}

TEST_CASE("who knows the answer already is told that it has not changed") {
    Surgery surgery;
    const Json first = surgery.ask();
    surgery.new_card();
    surgery.question.known_content_hash = first.at("content_hash").get<std::string>();
    const Json second = surgery.ask();
    CHECK(second.at("unchanged") == true);
    CHECK_FALSE(second.contains("outcome"));
    CHECK(second.at("evidence").at("index") != first.at("evidence").at("index"));
}

TEST_CASE("without consent nobody is asked, and that too is in the log") {
    Surgery surgery;
    surgery.claims.person.consent = false;
    for (const auto residence : {kHachioji, kMusashino}) {
        surgery.claims.person.residence = residence;
        surgery.new_card();
        const Json answer = surgery.ask();
        CHECK(answer.at("outcome") == "unknown");
        CHECK(answer.at("reason") == "CONSENT_REFUSED");
    }
    CHECK(surgery.musashino->asked == 0);
    CHECK(surgery.tokyo->asked == 0);
    CHECK(surgery.answers_logged() == 2);
}

TEST_CASE("the same request with the same token gets the same answer from the log") {
    Surgery surgery;
    const Json first = surgery.ask();
    surgery.clock.advance(59s);
    const Json again = surgery.ask(true);
    CHECK(again.at("answer_id") == first.at("answer_id"));
    CHECK(again.at("content_hash") == first.at("content_hash"));
    CHECK(again.at("evidence").at("index") == first.at("evidence").at("index"));
    CHECK(again.at("evidence").contains("receipt"));
    CHECK(surgery.tokyo->asked == 1);
    CHECK(surgery.answers_logged() == 1);
}

TEST_CASE("a used token with anything else in the request is refused") {
    struct Row {
        const char* what;
        std::function<void(Surgery&)> change;
    };
    const std::vector<Row> table = {
        {"another service date",
         [](Surgery& s) { s.question.service_date = s.question.today.plus_days(-1); }},
        {"another setting", [](Surgery& s) { s.question.setting = domain::Setting::pharmacy; }},
        {"explain", [](Surgery& s) { s.question.explain = true; }},
        {"a minute later", [](Surgery& s) { s.clock.advance(61s); }},
    };
    Surgery surgery;
    for (const Row& row : table) {
        CAPTURE(row.what);
        surgery.new_card();
        const inquiry::Question before = surgery.question;
        static_cast<void>(surgery.ask());
        const auto answers = surgery.answers_logged();
        row.change(surgery);
        CHECK(surgery.refusal() == ErrorCode::token_replayed);
        CHECK(surgery.answers_logged() == answers);
        surgery.question = before;
    }
}

TEST_CASE("how urgent it is does not make the request another one") {
    Surgery surgery;
    const Json first = surgery.ask();
    surgery.question.priority = domain::Priority::emergency;
    CHECK(surgery.ask().at("evidence").at("index") == first.at("evidence").at("index"));
}

TEST_CASE("two issuers may give the same token id") {
    Surgery surgery;
    static_cast<void>(surgery.ask());
    surgery.claims.person.issuer = kSecondIssuer;
    surgery.question.card_token = surgery.second_issuer.issue(surgery.claims);
    static_cast<void>(surgery.ask());
    CHECK(surgery.answers_logged() == 2);
}

TEST_CASE("who asks again while the first answer is made waits for it and gets it") {
    Surgery surgery;
    surgery.tokyo->pause = 30ms;
    std::vector<Json> answers;
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(surgery.context, surgery.asking(),
                       [&answers](const std::exception_ptr& thrown, Result<std::string> body) {
                           REQUIRE_FALSE(thrown);
                           REQUIRE(body);
                           answers.push_back(parse_json(*body).value());
                       });
    surgery.context.run();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].at("answer_id") == answers[1].at("answer_id"));
    CHECK(surgery.tokyo->asked == 1);
    CHECK(surgery.answers_logged() == 1);
}

TEST_CASE("what could not be logged is not answered, and the token is free again") {
    log_test::FailingDisk disk;
    Surgery surgery;
    surgery.tokyo->says = fail(ErrorCode::source_refused);  // nothing that the cache would write
    disk.arm(0);
    CHECK(surgery.refusal() == ErrorCode::audit_stopped);
    REQUIRE(disk.disarm());
    surgery.restart();
    CHECK(surgery.ask().at("outcome") == "eligible");
}

TEST_CASE("an exception between a token's claim and its answer leaves the token free") {
    bool breaks = true;
    Surgery surgery;
    sources::Published published{
        .find_all = [&](const Hash256& person) -> Result<std::vector<registry::PublishedFor>> {
            if (breaks) throw std::bad_alloc();
            return surgery.registry->find_all(person);
        },
        .in_force = [&](domain::AuthorityCode of) { return surgery.registry->in_force(of); }};
    surgery.ask_through(
        std::make_unique<sources::Sources>(std::move(published), *surgery.cache, surgery.clock));
    asio::co_spawn(surgery.context, surgery.asking(),
                   [](const std::exception_ptr& thrown, const Result<std::string>&) {
                       if (thrown) std::rethrow_exception(thrown);
                   });
    CHECK_THROWS_AS(surgery.context.run(), std::bad_alloc);
    CHECK(surgery.guard.size() == 0);
    breaks = false;
    CHECK(surgery.ask().at("outcome") == "eligible");
}

TEST_CASE("a token of another linkage secret is refused instead of finding nobody") {
    Surgery surgery;
    surgery.trust.linkage = kLinkage;
    surgery.claims.person.linkage_check = kOtherLinkage;
    surgery.new_card();
    CHECK(surgery.refusal() == ErrorCode::token_invalid);
    CHECK(surgery.tokyo->asked == 0);
    for (const auto& good : {std::optional(kLinkage), std::optional<domain::LinkageCheck>()}) {
        surgery.claims.person.linkage_check = good;
        surgery.new_card();
        CHECK(surgery.ask().at("outcome") == "eligible");
    }
}

TEST_CASE("while the clock is unsure nothing is answered") {
    Surgery surgery;
    surgery.clock.distrust();
    CHECK(surgery.refusal() == ErrorCode::clock_unsure);
    CHECK(surgery.tokyo->asked == 0);
}

TEST_CASE("who sent too many forged tokens is not believed, except in an emergency") {
    Surgery surgery(api::Rates{.forged = {.per_minute = 1, .burst = 2}});
    const identity::CardIssuer forger = issuer_of("k-1");  // the name of a key it does not have
    const auto good = surgery.question.card_token;
    for (int i = 0; i < 2; ++i) {
        surgery.question.card_token = forger.issue(surgery.claims);
        CHECK(surgery.refusal() == ErrorCode::token_invalid);
    }
    surgery.question.card_token = good;
    CHECK(surgery.refusal() == ErrorCode::rate_limited);
    surgery.question.priority = domain::Priority::emergency;
    CHECK(surgery.ask().at("outcome") == "eligible");
}

TEST_CASE("of what is too long to log, the source that said most counts as not heard") {
    Surgery surgery;
    surgery.claims.person.residence = kMusashino;
    surgery.claims.person.link_key = registry_test::person(2);
    surgery.new_card();
    // Nowhere designated: a no of both, as long as both are heard.
    adapters::Records records{.entitlements = {}, .as_of = surgery.clock.now(), .ambiguous = false};
    for (int i = 0; i < 32; ++i) {
        domain::Entitlement one = sources::test::row("H" + std::to_string(i));
        one.recipient_number = std::to_string(1'000'000 + i);
        one.designated_institutions.assign(bounds::kDesignatedInstitutionsMax, kOtherClinic);
        records.entitlements.push_back(std::move(one));
    }
    surgery.tokyo->says = records;
    CHECK(surgery.ask().at("outcome") == "not_eligible");

    surgery.claims.person.link_key = registry_test::person(3);
    surgery.new_card();
    records.entitlements.pop_back();
    surgery.musashino->says = records;
    const Json answer = surgery.ask();
    CHECK(answer.at("outcome") == "unknown");
    std::vector<std::string> unavailable;
    for (const Json& one : answer.at("authorities"))
        if (one.at("status") == "unavailable") unavailable.push_back(one.at("code"));
    CHECK(unavailable == std::vector<std::string>{std::string(kTokyo.text())});
}

}  // namespace
