#include "gateway/http/peer_certificates.h"

#include <openssl/pem.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "gateway/crypto/hash.h"
#include "gateway/support/file.h"
#include "tests/unit/gateway/http/test_pki.h"

using namespace shikaku;
using namespace shikaku::http;

namespace {

Bytes der_of(const TlsFiles& files) {
    const auto pem = read_file(files.certificate);
    REQUIRE(pem);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    REQUIRE(size > 0);
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

}  // namespace

TEST_CASE("connections of one client share what was read from its certificate") {
    testing::TestPki pki;
    const Bytes one = der_of(pki.client("one"));
    const Bytes other = der_of(pki.client("other"));
    PeerCertificates known;
    auto first = known.of(one);
    REQUIRE(first);
    CHECK((*first)->sha256 == crypto::sha256(one));
    CHECK(known.of(one).value() == *first);
    CHECK(known.of(other).value() != *first);
    CHECK(known.of(other).value()->sha256 == crypto::sha256(other));
}

TEST_CASE("a client that comes again, with no connection left, is known") {
    testing::TestPki pki;
    const Bytes der = der_of(pki.client("one"));
    PeerCertificates known;
    const std::weak_ptr<const crypto::Certificate> left = known.of(der).value();
    REQUIRE_FALSE(left.expired());
    CHECK(known.of(der).value() == left.lock());
}

TEST_CASE("of many clients, each gets its own certificate, and only so many are remembered") {
    constexpr std::size_t kAtMost = 8;
    testing::TestPki pki;
    PeerCertificates known(kAtMost);
    std::vector<std::weak_ptr<const crypto::Certificate>> read;
    for (int i = 0; i < 30; ++i) {
        const Bytes der = der_of(pki.client("client" + std::to_string(i)));
        const auto certificate = known.of(der).value();
        REQUIRE(certificate->sha256 == crypto::sha256(der));
        read.emplace_back(certificate);
        const auto gone =
            std::ranges::count_if(read, [](const auto& one) { return one.expired(); });
        REQUIRE(read.size() - static_cast<std::size_t>(gone) <= kAtMost);
    }
    CHECK(read.front().expired());
}

TEST_CASE("what is no certificate is bad_key, however often it is asked for") {
    PeerCertificates known;
    for (int i = 0; i < 2; ++i) {
        CHECK(known.of(as_bytes("no certificate")).error().code == ErrorCode::bad_key);
        CHECK(known.of({}).error().code == ErrorCode::bad_key);
    }
}
