#include "gateway/crypto/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "gateway/crypto/hash.h"
#include "gateway/crypto/openssl.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::crypto {
namespace {

using Names = std::unique_ptr<GENERAL_NAMES, OpenSslFree<GENERAL_NAMES_free>>;

BytesView view_of(const ASN1_STRING* text) {
    return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// A subjectAltName that cannot be read, or stands there twice, is an error, not an absence: OpenSSL
// tells the three apart in `found`.
Result<std::vector<std::string>> read_uris(const X509* certificate) {
    int found = 0;
    const Names names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
    if (!names && found != -1) {
        return fail(ErrorCode::bad_key, "certificate with a bad subjectAltName");
    }
    std::vector<std::string> uris;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) continue;
        uris.emplace_back(as_text(view_of(name->d.uniformResourceIdentifier)));
    }
    return uris;
}

}  // namespace

Result<Certificate> Certificate::from_der(BytesView der) {
    const std::uint8_t* position = der.data();
    const X509Certificate certificate(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
    if (!certificate) return fail(ErrorCode::bad_key, "not a certificate: " + take_openssl_error());
    if (position != der.data() + der.size()) {
        return fail(ErrorCode::bad_key, "bytes after the certificate");
    }
    auto uris = read_uris(certificate.get());
    if (!uris) return fail(uris.error());
    return Certificate{.sha256 = crypto::sha256(der),
                       .uris = *std::move(uris),
                       .serial_hex = to_hex(view_of(X509_get0_serialNumber(certificate.get()))),
                       .is_authority = X509_check_ca(certificate.get()) != 0};
}

Result<Certificate> Certificate::from_pem_file(const std::string& path) {
    SHIKAKU_TRY_LET(const auto pem, read_file(path, bounds::kCertificateFileBytes));
    const X509Certificate certificate(
        PEM_read_bio_X509(text_bio(pem).get(), nullptr, nullptr, nullptr));
    std::uint8_t* der = nullptr;
    const int size = certificate ? i2d_X509(certificate.get(), &der) : -1;
    if (size < 0) {
        return fail(ErrorCode::bad_key, path + " is not a certificate: " + take_openssl_error());
    }
    auto parsed = from_der({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return parsed;
}

}  // namespace shikaku::crypto
