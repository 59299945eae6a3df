// The question about checkups as a use case, with a real registry, log and sources in a folder of
// their own.
#include "gateway/inquiry/checkup_inquiry.h"

#include <algorithm>

#include "gateway/api/answer_body.h"
#include "gateway/api/rate_limits.h"
#include "gateway/crypto/hash.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/inquiry/inquiry.h"
#include "gateway/inquiry/share.h"
#include "gateway/kinds/checkup/checkup_kind.h"
#include "tests/unit/gateway/kinds/checkup/checkups.h"
#include "tests/unit/gateway/registry/registry_fixture.h"
#include "tests/unit/gateway/sources/support.h"

namespace {

namespace asio = boost::asio;

using namespace shikaku;
using checkup::checkups_of;
using registry::Mode;
using registry::RecordType;
using registry_test::kHachioji;
using registry_test::kMusashino;
using registry_test::person;

const domain::InstitutionCode kClinic = *domain::InstitutionCode::parse("1312012342");
const domain::LinkageCheck kLinkage = *domain::LinkageCheck::parse("abcdefghijklmnop");
const domain::LinkageCheck kOtherLinkage = *domain::LinkageCheck::parse("ponmlkjihgfedcba");
constexpr const char* kIssuer = "https://card-issuer.shikaku.example";

std::string csv_of(std::uint64_t number, std::string_view judgement = "recall") {
    return "history_key,link_key,checkup_id,fiscal_year,invited_from,invited_to,ticket_number,"
           "own_payment_yen,examined_on,items,judgement,detailed_exam\n"
           "I" +
           std::to_string(number) + "," + to_base64url(person(number)) +
           ",dental,2026,2026-06-01,2027-02-28,T-1,500,,,,\n"
           "R" +
           std::to_string(number) + "," + to_base64url(person(number)) +
           ",lung,2026,,,,,2026-07-01,xray:E1;packs:400:H," + std::string(judgement) + ",1\n";
}

// A clinic in front of a gateway that takes checkups. Hachioji has published those of person 1.
struct Desk : registry_test::RegistryFixture {
    Desk() : RegistryFixture(registry::RecordKinds({&checkup::checkup_kind()})) {
        REQUIRE(registry->put_pack(checkups_of(kHachioji), checkup_test::kPack, "a"));
        full(registry_test::people(1));
        publish_checkups(csv_of(1));
        const auto keys_file = folder.path() / "issuer.json";
        REQUIRE(
            write_file(keys_file, Json{{"keys", Json::array({issuer.public_jwk()})}}.dump(), 0600));
        trust.issuers = *identity::Issuers::load({{kIssuer, keys_file}});
        caller.institution = kClinic;
        caller.certificate = crypto::sha256(as_bytes("certificate of the clinic"));
        claims.person.issuer = kIssuer;
        claims.person.link_key = person(1);
        claims.person.proof = identity::ProofMethod::pin;
        claims.person.consent = true;
        claims.person.consent_checkups = true;
        claims.person.residence = kHachioji;
        claims.audience = "shikaku";
        claims.client_certificate = caller.certificate;
        start();
        new_card();
    }
    void start() {
        cache = std::move(sources::Cache::open(folder.path() / "cache.db", *keys).value());
        sources = std::make_unique<sources::Sources>(*registry, *cache, clock);
        checkups = std::make_unique<inquiry::CheckupInquiry>(
            inquiry::CheckupInquiry::Parts{.keys = *keys,
                                           .log = *log,
                                           .registry = *registry,
                                           .sources = *sources,
                                           .replay_guard = guard,
                                           .clock = clock,
                                           .forgeries = rates});
    }
    registry::PublicationReport publish_checkups(std::string_view body,
                                                 std::optional<domain::LinkageCheck> linkage = {},
                                                 Mode mode = Mode::full) {
        auto wanted = request(mode);
        wanted.records = RecordType::checkups;
        wanted.linkage = linkage;
        return publish(std::move(wanted), body);
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
        question.service_date = domain::Date::of_instant_jst(clock.now());
    }
    asio::awaitable<Result<std::string>> asking(bool with_receipt) {
        SHIKAKU_CO_TRY_LET(const auto proven, co_await checkups->ask(trust, caller, "request-1",
                                                                     question, with_receipt));
        co_return api::answer_body({.answer_id = proven.answer.answer_id,
                                    .head = proven.answer.head,
                                    .content_hash = proven.answer.content_hash,
                                    .index = proven.index,
                                    .receipt = proven.receipt},
                                   "shikaku.example/log", question.known_content_hash);
    }
    Result<std::string> try_ask(bool with_receipt = false) {
        return sources::test::run(context, asking(with_receipt));
    }
    Json ask(bool with_receipt = false) {
        const auto body = try_ask(with_receipt);
        if (!body) FAIL(body.error().detail);
        return parse_json(*body).value();
    }
    Json ask_anew() {
        new_card();
        return ask();
    }
    std::vector<audit::OpenedEntry> answers() const {
        std::vector<audit::OpenedEntry> all;
        for (auto& one : entries())
            if (one.leaf.kind == audit::Kind::checkups) all.push_back(std::move(one));
        return all;
    }
    inquiry::CheckupPackSource packs() const {
        return [this](domain::AuthorityCode authority, const std::string& version)
                   -> Result<std::shared_ptr<const checkup::CheckupPack>> {
            SHIKAKU_TRY_LET(const auto pack,
                            registry->packs().pack(checkups_of(authority), version));
            return checkup::as_checkup_pack(pack);
        };
    }

    identity::CardIssuer issuer = *identity::CardIssuer::create(
        crypto::SigningKey::generate(crypto::Algorithm::EdDSA), crypto::Algorithm::EdDSA, "k-1");
    inquiry::Trust trust;
    identity::Caller caller;
    identity::CardClaims claims;
    inquiry::CheckupQuestion question;
    api::RateLimits rates{api::Rates{}};
    identity::ReplayGuard guard;
    std::unique_ptr<sources::Cache> cache;
    std::unique_ptr<sources::Sources> sources;
    std::unique_ptr<inquiry::CheckupInquiry> checkups;
    asio::io_context context{1};  // last: it goes before what its handlers use
};

}  // namespace

TEST_CASE_METHOD(Desk, "invitations and results are shown with what their codes mean") {
    const Json answer = ask();
    CHECK(answer.at("outcome") == "found");
    CHECK(answer.at("reason") == "FOUND");
    REQUIRE(answer.at("invitations").size() == 1);
    const Json& invitation = answer["invitations"][0];
    CHECK(invitation["checkup"]["name"]["ja"] == "歯周疾患検診");
    CHECK(invitation["period"]["to"] == "2027-02-28");
    CHECK(invitation["state"] == "open");
    CHECK(invitation["ticket_number"] == "T-1");
    CHECK(invitation["own_payment_yen"] == 500);
    CHECK(invitation["freshness"]["class"] == "published");
    REQUIRE(answer.at("results").size() == 1);
    const Json& result = answer["results"][0];
    CHECK(result["items"][1]["name"]["ja"] == "喫煙指数");
    CHECK(result["items"][1]["value"] == "400");
    CHECK(result["items"][1]["unit"] == "本・年");
    CHECK(result["items"][1]["judgement"]["name"]["en"] == "High");
    CHECK(result["judgement"]["name"]["ja"] == "要精密検査");
    CHECK(result["detailed_exam"]["needed"] == true);
    CHECK(answer["authorities"] ==
          Json::array({{{"code", "132012"}, {"status", "answered"}, {"kind", "published"}}}));
    CHECK(answer["freshness"]["class"] == "published");
    CHECK(answer["evidence"]["index"].is_number());
    CHECK_FALSE(answer.contains("subsidies"));
}

TEST_CASE_METHOD(Desk, "consent for checkups is its own: every combination") {
    struct Case {
        bool subsidies, checkups;
        const char* reason;
    };
    for (const Case& one :
         {Case{false, false, "CONSENT_REFUSED"}, Case{true, false, "CONSENT_REFUSED"},
          Case{false, true, "FOUND"}, Case{true, true, "FOUND"}}) {
        CAPTURE(one.subsidies, one.checkups);
        claims.person.consent = one.subsidies;
        claims.person.consent_checkups = one.checkups;
        const Json answer = ask_anew();
        CHECK(answer["reason"] == one.reason);
        CHECK(answer["outcome"] == (one.checkups ? "found" : "unknown"));
        CHECK(answer["invitations"].empty() != one.checkups);
        CHECK(answer["results"].empty() != one.checkups);
        CHECK(answer["authorities"].empty() != one.checkups);
    }
    // Each was logged, and of what was refused nothing was looked up.
    const auto logged = answers();
    REQUIRE(logged.size() == 4);
    for (std::size_t i = 0; i < logged.size(); ++i) {
        const bool refused = i < 2;
        CHECK(logged[i].detail.authorities.empty() == refused);
        CHECK(logged[i].detail.asker.contains("CONSENT_REFUSED") == refused);
    }
}

TEST_CASE_METHOD(Desk, "whatever a card consents to, subsidies never show a checkup") {
    inquiry::Inquiry subsidies({.keys = *keys,
                                .log = *log,
                                .registry = *registry,
                                .sources = *sources,
                                .replay_guard = guard,
                                .clock = clock,
                                .forgeries = rates});
    for (unsigned bits = 0; bits < 8; ++bits) {
        claims.person.consent = (bits & 1U) != 0;
        claims.person.consent_checkups = (bits & 2U) != 0;
        claims.person.link_key = person((bits & 4U) != 0 ? 1 : 2);
        new_card();
        inquiry::Question asked;
        asked.card_token = question.card_token;
        asked.today = asked.service_date = question.service_date;
        asked.explain = true;
        const auto asking_subsidies = [&]() -> asio::awaitable<Result<inquiry::Proven>> {
            return subsidies.ask(trust, caller, "r", asked, false);
        };
        const auto proven = sources::test::run(context, asking_subsidies());
        REQUIRE(proven);
        for (const char* word : {"lung", "dental", "xray", "recall", "T-1", "検診"})
            CHECK_FALSE(proven->answer.head.contains(word));
    }
    for (const audit::OpenedEntry& entry : entries())
        for (const std::string& part : entry.detail.authorities)
            CHECK_FALSE(part.contains("xray"));
    CHECK(answers().empty());
}

TEST_CASE_METHOD(Desk, "a card of before, without the claim, consents to no checkups") {
    claims.person.consent_checkups = false;
    new_card();
    CHECK(ask()["reason"] == "CONSENT_REFUSED");
}

TEST_CASE_METHOD(Desk, "there is never a flat none out of ignorance") {
    claims.person.link_key = person(9);
    SECTION("everybody asked has answered") {
        const Json answer = ask_anew();
        CHECK(answer["outcome"] == "none");
        CHECK(answer["reason"] == "NO_RECORD");
        CHECK(answer["authorities"][0]["status"] == "no_record");
    }
    SECTION("the authority of residence has published no checkups") {
        put_schemes(kMusashino);
        claims.person.residence = kMusashino;
        const Json answer = ask_anew();
        CHECK(answer["outcome"] == "unknown");
        CHECK(answer["reason"] == "NOT_CONNECTED");
        CHECK(answer["authorities"][0]["status"] == "not_connected");
    }
    SECTION("no residence is known") {
        claims.person.residence.reset();
        CHECK(ask_anew()["reason"] == "NOT_CONNECTED");
    }
    SECTION("what was published was rolled back") {
        const auto report = publish_checkups(csv_of(1, "ok"));
        REQUIRE(registry->rollback(kHachioji, report.id, "r", "a"));
        CHECK(ask_anew()["reason"] == "NO_RECORD");  // what was in force before is again
    }
    SECTION("what was published is too old") {
        clock.advance(std::chrono::days(46));
        const Json answer = ask_anew();
        CHECK(answer["outcome"] == "unknown");
        CHECK(answer["reason"] == "STALE_BEYOND_POLICY");
        CHECK(answer["authorities"][0]["status"] == "unavailable");
    }
    SECTION("the person's row was refused") {
        publish_checkups(csv_of(9, "nonsense"), {}, Mode::delta);
        const Json answer = ask_anew();  // their invitation is there, their result is not
        CHECK(answer["outcome"] == "found");
        CHECK(answer["reason"] == "FOUND_PARTLY");
        CHECK(answer["results"].empty());
    }
    SECTION("the data was made with another linkage secret than the card") {
        auto report = publish_checkups(csv_of(1), kOtherLinkage);
        claims.person.linkage_check = kLinkage;
        const Json answer = ask_anew();
        CHECK(answer["outcome"] == "unknown");
        CHECK(answer["reason"] == "SOURCE_UNAVAILABLE");
    }
    SECTION("the first publication is held") {
        put_schemes(kMusashino);
        REQUIRE(registry->put_pack(
            checkups_of(kMusashino),
            [] {
                std::string text(checkup_test::kPack);
                text.replace(text.find("132012"), 6, "132039");
                return text;
            }(),
            "a"));
        auto wanted = request(Mode::full);
        wanted.records = RecordType::checkups;
        wanted.authority = kMusashino;
        // A row that is nobody's holds a first publication.
        const auto report = publish(std::move(wanted), csv_of(1) + ",,,,,,,,,,,\n");
        REQUIRE(report.state == registry::PublicationState::held);
        claims.person.residence = kMusashino;
        CHECK(ask_anew()["reason"] == "NOT_CONNECTED");
    }
}

TEST_CASE_METHOD(Desk, "where the person lives is not told where somebody else holds a record") {
    put_schemes(kMusashino);
    claims.person.residence = kMusashino;
    const Json answer = ask_anew();
    CHECK(answer["reason"] == "FOUND_PARTLY");
    CHECK(answer["authorities"] ==
          Json::array({{{"code", "132012"}, {"status", "answered"}, {"kind", "published"}},
                       {{"status", "not_connected"}}}));
    CHECK_FALSE(answer.dump().contains("132039"));
}

TEST_CASE_METHOD(Desk, "a card token has one answer, and about one thing") {
    const Json first = ask();
    const Json again = ask();
    CHECK(again["answer_id"] == first["answer_id"]);
    CHECK(again["content_hash"] == first["content_hash"]);
    CHECK(again["evidence"]["index"] == first["evidence"]["index"]);
    CHECK(answers().size() == 1);
    // Known content is not sent twice.
    question.known_content_hash = first["content_hash"];
    CHECK(ask()["unchanged"] == true);
    question.known_content_hash.clear();

    SECTION("another date is another question") {
        question.service_date = question.service_date.plus_days(1);
        CHECK(try_ask().error().code == ErrorCode::token_replayed);
    }
    SECTION("so are subsidies") {
        inquiry::Inquiry subsidies({.keys = *keys,
                                    .log = *log,
                                    .registry = *registry,
                                    .sources = *sources,
                                    .replay_guard = guard,
                                    .clock = clock,
                                    .forgeries = rates});
        inquiry::Question asked;
        asked.card_token = question.card_token;
        asked.today = asked.service_date = question.service_date;
        const auto proven =
            sources::test::run(context, subsidies.ask(trust, caller, "r", asked, false));
        REQUIRE_FALSE(proven);
        CHECK(proven.error().code == ErrorCode::token_replayed);
    }
    SECTION("a minute later") {
        clock.advance(std::chrono::seconds(61));
        CHECK(try_ask().error().code == ErrorCode::token_replayed);
    }
}

TEST_CASE_METHOD(Desk, "what the parts of an entry show, and to whom") {
    const Json answer = ask(true);
    CHECK(answer["evidence"]["receipt"].get<std::string>().starts_with("c2sp.org/tlog-proof@v1"));
    const auto logged = answers();
    REQUIRE(logged.size() == 1);
    const audit::Detail& detail = logged.front().detail;
    const std::string subject = to_base64(keys->blind(crypto::BlindPurpose::audit, person(1)));
    CHECK(detail.rest.contains(subject));
    REQUIRE(detail.authorities.size() == 1);
    for (const std::string& shown : {detail.asker, detail.authorities.front()}) {
        CHECK_FALSE(shown.contains(subject));
        CHECK_FALSE(shown.contains(to_base64url(person(1))));
    }
    CHECK_FALSE(detail.asker.contains("lung"));
    CHECK(detail.authorities.front().contains("xray:E1"));

    const auto share = [&](identity::Caller who) { return inquiry::share_of(who, logged.front()); };
    CHECK(share(caller)->opened == audit::Opened::asker);
    identity::Caller other = caller;
    other.institution = domain::InstitutionCode::parse("1410122226");
    CHECK_FALSE(share(other));
    identity::Caller authority;
    authority.role = identity::Role::authority;
    authority.authority = kHachioji;
    CHECK(share(authority)->opened == audit::Opened::authority);
    authority.authority = kMusashino;
    CHECK_FALSE(share(authority));
}

TEST_CASE_METHOD(Desk, "a logged answer is derived again to the same bytes, also years later") {
    ask();
    // What is in force changes: data, and what the codes mean.
    publish_checkups(csv_of(1, "ok"));
    std::string pack(checkup_test::kPack);
    pack.replace(pack.find("Needs a detailed examination"), 28, "Something quite different!!!");
    REQUIRE(registry->put_pack(checkups_of(kHachioji), pack, "a")->read.pack);
    const auto logged = answers();
    const auto replayed = inquiry::replay_checkups(logged.front(), packs());
    REQUIRE(replayed);
    CHECK(replayed->same_bytes());
    CHECK(replayed->same());
    CHECK(replayed->answer.head.contains("Needs a detailed examination"));

    SECTION("not when a part says something else") {
        auto forged = logged.front();
        auto& part = forged.detail.authorities.front();
        part.replace(part.find("recall"), 6, "ok\",\"x");
        CHECK_FALSE(inquiry::replay_checkups(forged, packs()));
        forged = logged.front();
        auto& other = forged.detail.authorities.front();
        other.replace(other.find(R"("j":"recall")"), 12, R"("j":"ok")");
        const auto different = inquiry::replay_checkups(forged, packs());
        REQUIRE(different);
        CHECK_FALSE(different->same());
        forged = logged.front();
        auto& asker = forged.detail.asker;
        asker.replace(asker.find("FOUND"), 5, "NO_RE");
        CHECK_FALSE(inquiry::replay_checkups(forged, packs())->same());
        forged = logged.front();
        forged.detail.authorities.front().replace(
            forged.detail.authorities.front().find("1312012342"), 10, "1410122226");
        CHECK_FALSE(inquiry::replay_checkups(forged, packs()));
        forged.opened = audit::Opened::nothing;
        CHECK(inquiry::replay_checkups(forged, packs()).error().code == ErrorCode::not_found);
        forged.leaf.kind = audit::Kind::eligibility;
        CHECK(inquiry::replay_checkups(forged, packs()).error().code == ErrorCode::unprocessable);
    }
}

TEST_CASE_METHOD(Desk, "used tokens and old entries are still known after a restart") {
    ask();
    checkups.reset();
    sources.reset();
    cache.reset();
    close();
    open();
    start();
    CHECK(ask_anew()["outcome"] == "found");
    CHECK(answers().size() == 2);
}

TEST_CASE_METHOD(Desk, "what cannot be logged whole is partly not heard") {
    std::string body =
        "history_key,link_key,checkup_id,fiscal_year,examined_on,institution_name,items\n";
    std::string items;
    for (int i = 0; i < 1; ++i)
        items = "note:" + std::string(50, 'n');
    for (int i = 0; i < 90; ++i)
        body += "L" + std::to_string(i) + "," + to_base64url(person(5)) + ",lung," +
                std::to_string(1930 + i) + "," + std::to_string(1930 + i) + "-07-01," +
                std::string(100, 'w') + std::string() + "," + items + "\n";
    for (int i = 0; i < 10; ++i)
        body += "W" + std::to_string(i) + "," + to_base64url(person(5)) + ",lung,2026,2026-07-0" +
                std::to_string(1 + i % 9) + "," + "\"" +
                [] {
                    std::string wide;
                    for (int j = 0; j < 100; ++j)
                        wide += "保";
                    return wide;
                }() +
                "\"," + items + "\n";
    publish_checkups(body, {}, Mode::delta);
    claims.person.link_key = person(5);
    const Json answer = ask_anew();
    CHECK(answer["outcome"] == "found");
    const auto logged = answers();
    CHECK(logged.back().detail.size() <= bounds::kLogDetailBytes);
}

TEST_CASE_METHOD(Desk, "nothing is answered that could not be believed or logged") {
    SECTION("a token for another certificate") {
        claims.client_certificate = Hash256{1};
        new_card();
        CHECK(try_ask().error().code == ErrorCode::token_not_bound);
    }
    SECTION("a token that has run out") {
        clock.advance(std::chrono::minutes(10));
        CHECK(try_ask().error().code == ErrorCode::token_expired);
    }
    SECTION("another linkage secret than the gateway's") {
        trust.linkage = kLinkage;
        claims.person.linkage_check = kOtherLinkage;
        new_card();
        CHECK(try_ask().error().code == ErrorCode::token_invalid);
    }
    CHECK(answers().empty());
}
