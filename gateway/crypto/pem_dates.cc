#include "gateway/crypto/pem_dates.h"

#include <openssl/pem.h>

#include <ctime>

#include "gateway/crypto/openssl.h"
#include "gateway/support/file.h"

namespace shikaku::crypto {
namespace {

void free_all(STACK_OF(X509_INFO) * found) {
    sk_X509_INFO_pop_free(found, X509_INFO_free);
}

std::string text_of(const X509_NAME* name) {
    const Bio bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

Result<Instant> instant_of(const ASN1_TIME* time) {
    if (time == nullptr) return Instant::max();
    std::tm utc{};
    if (ASN1_TIME_to_tm(time, &utc) != 1)
        return fail(ErrorCode::bad_key, "a date that cannot be read: " + take_openssl_error());
    return Instant(std::chrono::seconds(timegm(&utc)));
}

}  // namespace

Result<std::vector<PemDate>> pem_dates(const std::string& path) {
    SHIKAKU_TRY_LET(const auto pem, read_file(path));
    const Bio bio = text_bio(pem);
    const std::unique_ptr<STACK_OF(X509_INFO), OpenSslFree<free_all>> found(
        PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr));
    std::vector<PemDate> dates;
    for (int i = 0; found && i < sk_X509_INFO_num(found.get()); ++i) {
        const X509_INFO* info = sk_X509_INFO_value(found.get(), i);
        const auto add = [&](PemDate::What what, const X509_NAME* name,
                             const ASN1_TIME* time) -> Status {
            const auto until = instant_of(time);
            if (!until) return fail(until.error().code, path + ": " + until.error().detail);
            dates.push_back({.what = what, .name = text_of(name), .until = *until});
            return {};
        };
        if (info->x509 != nullptr)
            SHIKAKU_TRY(add(PemDate::What::certificate, X509_get_subject_name(info->x509),
                            X509_get0_notAfter(info->x509)));
        if (info->crl != nullptr)
            SHIKAKU_TRY(add(PemDate::What::revocation_list, X509_CRL_get_issuer(info->crl),
                            X509_CRL_get0_nextUpdate(info->crl)));
    }
    if (dates.empty())
        return fail(ErrorCode::bad_key,
                    path + ": no certificate or revocation list: " + take_openssl_error());
    return dates;
}

}  // namespace shikaku::crypto
