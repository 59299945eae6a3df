#include "gateway/crypto/certificate.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/gateway/crypto/test_file.h"

namespace shikaku::crypto {
namespace {

// Two URIs between a DNS name and an address.
constexpr const char* kTwoUris = R"(-----BEGIN CERTIFICATE-----
MIIBzDCCAXGgAwIBAgIDAKsSMAoGCCqGSM49BAMCMBMxETAPBgNVBAMMCHR3by11
cmlzMCAXDTI2MTEyMDIxMDEzM1oYDzIxMjYxMDI3MjEwMTMzWjATMREwDwYDVQQD
DAh0d28tdXJpczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD3tXW3/UAgwOJeD
tcgFdNoufXVOuEywY5CZiEUbFxeTsfaZMWEAhIGfuabRXGvyjqF0bz5mPwNsS1TV
YluCYrGjgbEwga4wHQYDVR0OBBYEFE2R3l6+rTiCFqWTxxN6D12h+jR+MB8GA1Ud
IwQYMBaAFE2R3l6+rTiCFqWTxxN6D12h+jR+MA8GA1UdEwEB/wQFMAMBAf8wWwYD
VR0RBFQwUoIOY2xpbmljLmV4YW1wbGWGInVybjpzaGlrYWt1Omluc3RpdHV0aW9u
OjEzMTIzNDU2NzaGFmh0dHBzOi8vZXhhbXBsZS50ZXN0L2GHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAKp62JHF1qRZVrh4S/Vl690HLtNIPg527e377sV+Wnu6AiEA
kcBgYE3jjWj4c+P8EU3jsfWT/s3mHBqdcAtW27xr54E=
-----END CERTIFICATE-----
)";
constexpr const char* kNoSan = R"(-----BEGIN CERTIFICATE-----
MIIBZzCCAQ6gAwIBAgIDAID/MAoGCCqGSM49BAMCMBExDzANBgNVBAMMBm5vLXNh
bjAgFw0yNjExMjAyMTAxMzNaGA8yMTI2MTAyNzIxMDEzM1owETEPMA0GA1UEAwwG
bm8tc2FuMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEodvxMiirRLXn6C+uGuR
FAUXelOp+IQJcbeW3bADYkGK3E8oJHzUzhKh2ryFJc/Hwjn2xCExpRRktR0FGtaA
haNTMFEwHQYDVR0OBBYEFLbLw8ZSmpG8iXVygv2Ee65N8ysRMB8GA1UdIwQYMBaA
FLbLw8ZSmpG8iXVygv2Ee65N8ysRMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDRwAwRAIgChFvE7Uz0xik4fJrTWz0xmLZbQOdocX09JgaH3jpZgACIE7vDxTX
Zd3aUZ4YGDPOQb9Cqm7bauaNXqV2VXfnBgMl
-----END CERTIFICATE-----
)";
// The URIs "urn:x\0urn:y" and "urn:good!".
constexpr const char* kNulUri = R"(-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIBBTAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdudWwtdXJp
MCAXDTI2MTEyMDIxMDEzNFoYDzIxMjYxMDI3MjEwMTM0WjASMRAwDgYDVQQDDAdu
dWwtdXJpMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1D8R0hgeXjVjoNUNCFE1
u6gUhyKYFwKJumsVn9MYpex2/0t94li5EpbH+cW1upgaTPrSsHWOk3LyW84mvb3O
kKN2MHQwHQYDVR0OBBYEFM9EZfplKkNqDGg0pDA8Qk7v9XaoMB8GA1UdIwQYMBaA
FM9EZfplKkNqDGg0pDA8Qk7v9XaoMA8GA1UdEwEB/wQFMAMBAf8wIQYDVR0RBBow
GIYLdXJuOngAdXJuOnmGCXVybjpnb29kITAKBggqhkjOPQQDAgNHADBEAiBgPfHS
e41nn+a+NIpJOdKzHBp6yJRWsqYyiWW3Ob6QlQIgXH8PIqCvHY/YunAXU27kTSIt
ji6i7Pi5UpodydfsD3A=
-----END CERTIFICATE-----
)";
// The DER of the subjectAltName is cut off.
constexpr const char* kBadSan = R"(-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIBBjAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdiYWQtc2Fu
MCAXDTI2MTEyMDIxMDEzNFoYDzIxMjYxMDI3MjEwMTM0WjASMRAwDgYDVQQDDAdi
YWQtc2FuMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL9w/3eAOhxjy4nhjD5+A
ACGEYJy8CKMhMSeTA5eUcKoYWdX18EnXayYe2Zd4IlaQzovcmAIg8kD7o71RT0DD
a6NgMF4wHQYDVR0OBBYEFFOgf5ZRKPctvKZaDHWAcWaTeoNUMB8GA1UdIwQYMBaA
FFOgf5ZRKPctvKZaDHWAcWaTeoNUMA8GA1UdEwEB/wQFMAMBAf8wCwYDVR0RBAQw
f4YBMAoGCCqGSM49BAMCA0kAMEYCIQDr6HtuBFzdUykqsgn7iWMGHQut4D06OuxO
iH3WojwrHQIhAKuYtMqf3NKvY3JT+qWF1xYUchJUq8MYNp8aKTJss1nK
-----END CERTIFICATE-----
)";

Result<Certificate> parse(const std::string& pem) {
    const testing::TemporaryFolder folder;
    return Certificate::from_pem_file(testing::test_file(folder, "certificate.crt", pem).string());
}

Bytes der_of(std::string pem) {
    pem = pem.substr(pem.find('\n') + 1);
    pem.resize(pem.find('-'));
    std::erase(pem, '\n');
    return *from_base64(pem);
}

TEST_CASE("a certificate gives its URIs, serial number and thumbprint") {
    const auto certificate = parse(kTwoUris);
    REQUIRE(certificate);
    CHECK(certificate->uris ==
          std::vector<std::string>{"urn:shikaku:institution:1312345676", "https://example.test/a"});
    CHECK(certificate->serial_hex == "ab12");
    CHECK(to_hex(certificate->sha256) ==
          "c9f5d1909e100e55cee2583569fdad2ddb2a3a003120f60a94147adf675a2bb0");
    const auto from_der = Certificate::from_der(der_of(kTwoUris));
    REQUIRE(from_der);
    CHECK(from_der->sha256 == certificate->sha256);
    CHECK(from_der->uris == certificate->uris);
}

TEST_CASE("a certificate without subjectAltName has no URIs") {
    const auto certificate = parse(kNoSan);
    REQUIRE(certificate);
    CHECK(certificate->uris.empty());
    CHECK(certificate->serial_hex == "80ff");
}

TEST_CASE("a URI with an embedded NUL is given as it is: who reads it must see it") {
    const auto certificate = parse(kNulUri);
    REQUIRE(certificate);
    CHECK(certificate->uris ==
          std::vector<std::string>{std::string("urn:x\0urn:y", 11), "urn:good!"});
}

TEST_CASE("an authority's certificate says so") {
    REQUIRE(parse(kTwoUris));
    CHECK(parse(kTwoUris)->is_authority);
}

TEST_CASE("the first certificate of a chain file is read") {
    const auto certificate = parse(std::string(kNoSan) + kTwoUris);
    REQUIRE(certificate);
    CHECK(certificate->serial_hex == "80ff");
}

TEST_CASE("what is no certificate is refused") {
    const auto bad_key = [](const Result<Certificate>& certificate) {
        return !certificate && certificate.error().code == ErrorCode::bad_key;
    };
    CHECK(bad_key(parse("")));
    CHECK(bad_key(parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")));
    CHECK(bad_key(parse(std::string(kTwoUris).substr(0, 300))));
    CHECK(bad_key(parse(kBadSan)));
    CHECK(bad_key(Certificate::from_der({})));
    Bytes der = der_of(kTwoUris);
    der.push_back(0);
    CHECK(bad_key(Certificate::from_der(der)));
    der.resize(der.size() - 2);
    CHECK(bad_key(Certificate::from_der(der)));
    CHECK(Certificate::from_pem_file("/nonexistent/x.crt").error().code == ErrorCode::io_failed);
}

}  // namespace
}  // namespace shikaku::crypto
