#include "gateway/app/believed.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"
#include "gateway/support/json.h"
#include "tests/unit/gateway/crypto/test_file.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace shikaku::app {
namespace {

struct Settings {
    testing::TemporaryFolder folder;
    http::testing::TestPki pki;
    Config config;
    Json keys = Json::array();

    Settings() {
        config.tls = pki.server();
        add_key("k-1");
    }
    void add_key(const std::string& kid) {
        keys.push_back(crypto::SigningKey::generate(crypto::Algorithm::EdDSA)
                           .public_jwk(kid, crypto::Algorithm::EdDSA));
    }
    [[nodiscard]] Believed believed() {
        const auto file = testing::test_file(folder, "keys.json", Json{{"keys", keys}}.dump());
        const auto issuers = identity::Issuers::load({{"https://a.example", file}});
        REQUIRE(issuers);
        const auto tls = http::TlsContext::server(config.tls);
        REQUIRE(tls);
        return {config, **tls, **issuers};
    }
};

Json change(const Believed& before, const Believed& after) {
    return parse_json(reload_detail(before, after).only()).value();
}

TEST_CASE("whoever is believed from a reload on, and who is not, stands in its entry") {
    Settings settings;
    const Believed before = settings.believed();
    CHECK(before == settings.believed());
    CHECK(before.fingerprint() == settings.believed().fingerprint());

    struct Row {
        const char* what;
        std::function<void(Settings&)> change;
        const char* added;  // how its line begins
        const char* removed;
    };
    const Row rows[] = {
        {"a key of an issuer", [](Settings& s) { s.add_key("k-2"); }, "issuer_key ", ""},
        {"a key that ends", [](Settings& s) { s.keys[0]["exp"] = 1'900'000'000; }, "issuer_key ",
         "issuer_key "},
        {"a holder withdrawn", [](Settings& s) { s.config.withdrawn.insert("auditor:a"); },
         "withdrawn auditor:a", ""},
        {"an authority of clients",
         [](Settings& s) {
             s.config.tls.ca = s.pki.joined({s.config.tls.ca, s.pki.client("b", "other-ca").ca});
         },
         "client_ca ", ""},
        {"revocation lists", [](Settings& s) { s.config.tls.crl = s.pki.crl(); },
         "client_crl checked", "client_crl none"},
        {"for whom card tokens are", [](Settings& s) { s.config.audience = "b"; }, "audience b",
         "audience shikaku"},
        {"the linkage secret",
         [](Settings& s) { s.config.linkage = domain::LinkageCheck::parse("abcdefghijklmnop"); },
         "linkage_check abcdefghijklmnop", ""},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        Settings changed;
        const Believed first = changed.believed();
        row.change(changed);
        const Believed then = changed.believed();
        CHECK_FALSE(then == first);
        const Json entry = change(first, then);
        CHECK(entry["kind"] == "operator_action");
        CHECK(entry["action"] == "reload");
        CHECK(entry["believed"] == then.fingerprint());
        REQUIRE(entry["added"].size() == 1);
        CHECK(entry["added"][0].get<std::string>().starts_with(row.added));
        const std::string removed = row.removed;
        REQUIRE(entry["removed"].size() == (removed.empty() ? 0 : 1));
        if (!removed.empty()) CHECK(entry["removed"][0].get<std::string>().starts_with(removed));
        // And back.
        CHECK(change(then, first)["removed"] == entry["added"]);
    }
}

TEST_CASE("an entry about very many names the first and counts all, and fits into the log") {
    std::set<std::string> many;
    for (int i = 0; i < 5000; ++i)
        many.insert("issuer_key " + std::string(250, 'x') + std::to_string(i));
    const auto detail = reload_detail({}, Believed(many));
    CHECK(detail.size() < bounds::kLogDetailBytes);
    const Json entry = parse_json(detail.only()).value();
    CHECK(entry["added"].size() == bounds::kBelievedNamed);
    CHECK(entry["added_in_all"] == 5000);
    CHECK_FALSE(entry.contains("removed_in_all"));
}

}  // namespace
}  // namespace shikaku::app
