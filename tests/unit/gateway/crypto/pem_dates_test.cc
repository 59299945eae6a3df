#include "gateway/crypto/pem_dates.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/crypto/test_file.h"

namespace shikaku::crypto {
namespace {

// CN=七日 (UTF-8), until 2027-01-02 03:04:05 UTC; and a list of the same name, next one on the 4th.
constexpr const char* kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBCTCBsAIBATAKBggqhkjOPQQDAjARMQ8wDQYDVQQDDAbkuIPml6UwHhcNMjYw
MTAxMDAwMDAwWhcNMjcwMTAyMDMwNDA1WjARMQ8wDQYDVQQDDAbkuIPml6UwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAARQniDD145IOm3mzYTnF21UQpE/nAj5Qp7j
kUjp9PsoaOKTPz660ayf9/ElYyc68LD9p4zBYTX2dSFVExLYM2WJMAoGCCqGSM49
BAMCA0gAMEUCIBON84V+8IgbPyHOjNzb4I07H3E1t7iqiOaKC/Poone1AiEAgZ/z
w9PiLDLfsUX4/Vpb1q2P0d1LptJUWVYd41Z7WKw=
-----END CERTIFICATE-----
)";
constexpr const char* kList = R"(-----BEGIN X509 CRL-----
MIGoMFACAQEwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwG5LiD5pelFw0yNjAxMDEw
MDAwMDBaFw0yNzAxMDQwMzA0MDVaoA4wDDAKBgNVHRQEAwIBATAKBggqhkjOPQQD
AgNIADBFAiEA0aRSPukxC4biVyvAmP9RjqXJIuybZFwcKuNRRCZjZEUCIGuBZVsD
uZGi6+mMPHEHxQldoMKzk+58kO8bMSFZDRAs
-----END X509 CRL-----
)";

TEST_CASE("a PEM file tells until when each certificate and revocation list holds") {
    const testing::TemporaryFolder folder;
    const auto file = testing::test_file(
        folder, "all.pem", std::string("a comment\n") + kCertificate + kList + kCertificate);
    const auto dates = pem_dates(file.string());
    REQUIRE(dates);
    REQUIRE(dates->size() == 3);
    CHECK(dates->at(0).what == PemDate::What::certificate);
    CHECK(dates->at(0).name == "CN=七日");
    CHECK(to_rfc3339_jst(dates->at(0).until) == "2027-01-02T12:04:05+09:00");
    CHECK(dates->at(1).what == PemDate::What::revocation_list);
    CHECK(to_rfc3339_jst(dates->at(1).until) == "2027-01-04T12:04:05+09:00");
    CHECK(dates->at(2).what == PemDate::What::certificate);
}

TEST_CASE("a file with neither, or a broken one, is told by its path") {
    const testing::TemporaryFolder folder;
    for (const std::string& content :
         {std::string(), std::string("no PEM"), std::string(kCertificate).substr(0, 200),
          std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"
                      "-----END CERTIFICATE-----\n")}) {
        const auto file = testing::test_file(folder, "file.pem", content);
        const auto dates = pem_dates(file.string());
        REQUIRE_FALSE(dates);
        CHECK(dates.error().code == ErrorCode::bad_key);
        CHECK(dates.error().detail.find(file.string()) != std::string::npos);
    }
    CHECK_FALSE(pem_dates((folder.path() / "nothing").string()));
}

}  // namespace
}  // namespace shikaku::crypto
