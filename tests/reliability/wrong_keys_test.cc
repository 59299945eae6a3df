// The files of one set of keys under another: nobody is told "no" for it.
#include <catch2/catch.hpp>

#include "gateway/crypto/key_ring.h"
#include "gateway/support/file.h"
#include "tests/reliability/town.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;
using test::GatewayFixture;

struct Town {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();
    std::filesystem::path ring = gateway.folder() / "keyring.json";
    std::filesystem::path signer = gateway.folder() / "signer.key";
    std::filesystem::path data = gateway.folder() / "as-it-was";

    Town() {
        configure(gateway, (test::certs() / "keyring.json").string(), ring.string());
        configure(gateway, (test::certs() / "log-signer.key").string(), signer.string());
        own_keys();
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
        REQUIRE(answer_to(gateway, child) == "eligible ACTIVE");
        REQUIRE(gateway.terminate() == 0);
        copy_data(gateway.data(), data);
    }
    void own_keys() const {
        REQUIRE(write_file(ring, *read_secret_file(test::certs() / "keyring.json"), 0600));
        REQUIRE(write_file(signer, *read_secret_file(test::certs() / "log-signer.key"), 0600));
    }
    // A ring in which one purpose's secret (all of them: empty) is another.
    void other_ring(const std::string& purpose) const {
        auto own = *parse_json(*read_secret_file(test::certs() / "keyring.json"));
        const auto fresh = *parse_json(crypto::KeyRing::generate_json());
        for (auto& key : own["keys"])
            for (const auto& other : fresh["keys"])
                if (key["purpose"] == other["purpose"] &&
                    (purpose.empty() || key["purpose"] == purpose))
                    key["secret"] = other["secret"];
        REQUIRE(write_file(ring, own.dump(), 0600));
    }
};

TEST_CASE("another key under the same files: refused at start, and nobody gets a no") {
    Town town;
    const auto check = [&](const std::string& fault) {
        copy_data(town.data, town.gateway.data());
        const auto refused = try_start(town.gateway);
        INFO(fault);
        std::string outcome = "start refused", words = refused;
        if (refused.empty()) {
            words = answer_to(town.gateway, town.child);
            CHECK(!words.starts_with("not_eligible"));
            outcome = words == "eligible ACTIVE"          ? "answers as before"
                      : words.starts_with("not_eligible") ? "A FALSE NO"
                                                          : "no answer";
            town.gateway.terminate();
        }
        report({.fault = fault, .tried = 1, .outcome = outcome, .how = words});
        town.own_keys();
    };
    town.other_ring("");
    check("another key ring");
    for (const std::string purpose : {"registry", "cache", "audit", "token", "seal"}) {
        town.other_ring(purpose);
        check("another key `" + purpose + "` in the ring");
    }
    const auto made =
        test::run({"openssl", "genpkey", "-algorithm", "ed25519", "-out", town.signer.string()});
    REQUIRE(made.exit_code == 0);
    std::filesystem::permissions(
        town.signer, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    check("another log signer");
    check("the keys it was made with");
}

TEST_CASE("another linkage secret at the edge: nobody's subsidy ends by it") {
    Town town;
    constexpr int kChildren = 60;
    std::vector<identity::DemoCard> children;
    const auto file = [&](bool right) {
        std::string csv = test::csv_header();
        for (int i = 0; i < kChildren; ++i)
            csv += test::csv_row(right ? children[static_cast<std::size_t>(i)] : test::person(),
                                 "k-" + std::to_string(i), "1234566");
        return csv;
    };
    for (int i = 0; i < kChildren; ++i)
        children.push_back(test::person());
    town.gateway.start();
    REQUIRE(town.gateway
                .upload(test::csv_header() + test::csv_row(town.child, "h-1", "1234566"), "full")
                .status == 202);
    const auto full = parse_json(town.gateway.upload(file(true), "delta").body);
    REQUIRE(full->at("state") == "active");
    const auto wrong = parse_json(town.gateway.upload(file(false), "delta").body);
    const auto state = wrong ? wrong->value("state", "refused") : "refused";
    const auto answer = answer_to(town.gateway, children[0]);
    CHECK(answer == "eligible ACTIVE");
    report({.fault = "another linkage secret at the edge",
            .tried = 1,
            .outcome = answer == "eligible ACTIVE" ? "publication " + state + ", answers as before"
                                                   : "publication " + state + ", THEN " + answer,
            .how = "60 children with other link keys under their history keys"});
}

}  // namespace
