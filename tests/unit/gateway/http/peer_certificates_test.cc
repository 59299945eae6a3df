#include "gateway/http/peer_certificates.h"

#include <openssl/pem.h>

#include <catch2/catch.hpp>

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
    // Nobody holds it any more: it is read again, rightly.
    first->reset();
    CHECK(known.of(one).value()->sha256 == crypto::sha256(one));
}

TEST_CASE("many clients come and go, and each gets its own certificate") {
    testing::TestPki pki;
    PeerCertificates known;
    for (int i = 0; i < 150; ++i) {
        const Bytes der = der_of(pki.client("client" + std::to_string(i)));
        REQUIRE(known.of(der).value()->sha256 == crypto::sha256(der));
    }
}

TEST_CASE("what is no certificate is bad_key, however often it is asked for") {
    PeerCertificates known;
    for (int i = 0; i < 2; ++i) {
        CHECK(known.of(as_bytes("no certificate")).error().code == ErrorCode::bad_key);
        CHECK(known.of({}).error().code == ErrorCode::bad_key);
    }
}
