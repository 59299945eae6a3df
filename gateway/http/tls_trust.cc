#include "gateway/http/tls_trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <set>

#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/log.h"

namespace shikaku::http {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using CrlPtr = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;
using KeyIdPtr = std::unique_ptr<AUTHORITY_KEYID, decltype(&AUTHORITY_KEYID_free)>;
using ScopePtr = std::unique_ptr<ISSUING_DIST_POINT, decltype(&ISSUING_DIST_POINT_free)>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

std::unexpected<Error> bad_file(const std::filesystem::path& path, const std::string& what) {
    return fail(ErrorCode::bad_configuration, path.string() + ": " + what);
}

std::string name_of(const X509_NAME* name) {
    const BioPtr out(BIO_new(BIO_s_mem()), BIO_free_all);
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return "\"" + std::string(text, static_cast<std::size_t>(size)) + "\"";
}

// The lists of a PEM file, all of which must be readable.
Result<std::vector<CrlPtr>> read_lists(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(const auto pem, read_file(file));
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    std::vector<CrlPtr> lists;
    for (;;) {
        CrlPtr list(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr), X509_CRL_free);
        if (!list) break;
        lists.push_back(std::move(list));
    }
    const unsigned long end = ERR_peek_last_error();
    if (lists.empty() || ERR_GET_REASON(end) != PEM_R_NO_START_LINE)
        return bad_file(file, "not a list of CRLs: " + take_openssl_reason());
    ERR_clear_error();
    return lists;
}

std::vector<X509*> authorities_of(X509_STORE* store) {
    std::vector<X509*> found;
    const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        X509* authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (authority == nullptr) continue;
        X509_check_purpose(authority, -1, 0);  // reads its extensions, which names() compares
        found.push_back(authority);
    }
    return found;
}

bool has_expired(const X509* certificate) {
    return to_time(X509_get0_notAfter(certificate)) <= std::time(nullptr);
}

// OpenSSL honours these two of a list's critical extensions, and refuses everyone under others.
bool has_strange_extension(const X509_CRL* list) {
    for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
        X509_EXTENSION* extension = X509_CRL_get_ext(list, i);
        const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        if (X509_EXTENSION_get_critical(extension) == 1 && nid != NID_issuing_distribution_point &&
            nid != NID_authority_key_identifier)
            return true;
    }
    return false;
}

bool has_name_of(const X509_CRL* list, const X509* authority) {
    return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority)) == 0;
}

KeyIdPtr key_id_of(const X509_CRL* list) {
    return {static_cast<AUTHORITY_KEYID*>(
                X509_CRL_get_ext_d2i(list, NID_authority_key_identifier, nullptr, nullptr)),
            AUTHORITY_KEYID_free};
}

// Whether OpenSSL would take the list for that authority's: by name, and by key where it names one.
bool names(const X509_CRL* list, X509* authority) {
    return has_name_of(list, authority) &&
           X509_check_akid(authority, key_id_of(list).get()) == X509_V_OK;
}

bool has_signed(X509* authority, X509_CRL* list) {
    const bool signature_fits = X509_CRL_verify(list, X509_get0_pubkey(authority)) == 1;
    ERR_clear_error();
    return signature_fits;
}

// Of some certificates, or of some reasons, only: the others would be refused.
bool is_narrowed(const X509_CRL* list) {
    const ScopePtr scope(static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(
                             list, NID_issuing_distribution_point, nullptr, nullptr)),
                         ISSUING_DIST_POINT_free);
    return scope && (scope->onlyuser > 0 || scope->onlyCA > 0 || scope->onlyattr > 0 ||
                     scope->indirectCRL > 0 || scope->onlysomereasons != nullptr);
}

// What no other list can make good, because OpenSSL could choose this one; empty: nothing.
std::string_view lasting_fault_of(X509_CRL* list, const std::vector<X509*>& same_name) {
    const auto named = std::ranges::count_if(
        same_name, [list](X509* authority) { return names(list, authority); });
    if (named == 0) return "its authority key identifier fits no key of that authority";
    const auto signer = std::ranges::find_if(same_name, [list](X509* authority) {
        return names(list, authority) && has_signed(authority, list);
    });
    if (signer == same_name.end()) return "its signature is wrong";
    for (X509* authority : same_name) {
        if (names(list, authority) && !has_signed(authority, list))
            return "it does not say which of its authority's keys has signed it";
    }
    if ((X509_get_key_usage(*signer) & KU_CRL_SIGN) == 0)
        return "its authority may not sign revocation lists (keyUsage without cRLSign)";
    if (X509_CRL_get0_nextUpdate(list) == nullptr) return "it has no nextUpdate";
    if (has_strange_extension(list)) return "it has a critical extension that is not known here";
    if (is_narrowed(list)) return "it is narrowed to some certificates or reasons";
    return {};
}

std::string_view fault_of_today(const X509_CRL* list) {
    const std::time_t now = std::time(nullptr);
    if (to_time(X509_CRL_get0_lastUpdate(list)) > now) return "it is not valid yet";
    if (to_time(X509_CRL_get0_nextUpdate(list)) <= now)
        return "it has expired (nextUpdate is past)";
    return {};
}

// Lists without lasting faults: what an authority lacks; empty: nothing.
std::string_view missing_of(X509* authority, const std::vector<CrlPtr>& lists) {
    std::string_view fault = "no list of its own: what it signed could not be checked";
    for (const CrlPtr& list : lists) {
        if (!names(list.get(), authority)) continue;
        fault = fault_of_today(list.get());
        if (fault.empty()) break;
    }
    return fault;
}

Status judge_lists(const std::vector<X509*>& authorities, const std::vector<CrlPtr>& lists,
                   const std::filesystem::path& file, BadLists bad_lists) {
    const auto bad = [&](const X509_NAME* issuer, std::string_view fault) -> Status {
        const std::string list = "CRL of " + name_of(issuer);
        if (bad_lists == BadLists::refused) return bad_file(file, list + ": " + std::string(fault));
        log_warn("every certificate of this source will be refused",
                 {{"file", file.string()}, {"list", list}, {"reason", fault}});
        return {};
    };
    for (const CrlPtr& list : lists) {
        const X509_NAME* issuer = X509_CRL_get_issuer(list.get());
        std::vector<X509*> same_name;
        std::ranges::copy_if(
            authorities, std::back_inserter(same_name),
            [&list](const X509* authority) { return has_name_of(list.get(), authority); });
        if (same_name.empty()) {
            log_warn("a CRL is of an authority that is not listed",
                     {{"file", file.string()}, {"issuer", name_of(issuer)}});
            continue;
        }
        const std::string_view fault = lasting_fault_of(list.get(), same_name);
        if (!fault.empty()) SHIKAKU_TRY(bad(issuer, fault));
        if (const std::string_view today = fault_of_today(list.get()); !today.empty())
            log_warn("a CRL is of no use today",
                     {{"file", file.string()}, {"issuer", name_of(issuer)}, {"reason", today}});
    }
    for (X509* authority : authorities) {
        if (has_expired(authority)) continue;  // vouches for nobody any more
        const std::string_view fault = missing_of(authority, lists);
        if (!fault.empty()) SHIKAKU_TRY(bad(X509_get_subject_name(authority), fault));
    }
    return {};
}

std::vector<X509_CRL*> lists_of(X509_STORE* store) {
    std::vector<X509_CRL*> found;
    STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (X509_CRL* list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i)))
            found.push_back(list);
    }
    return found;
}

// The latest nextUpdate of its lists that are in force now; the end of time when it has none.
std::time_t lists_hold_until(X509* authority, const std::vector<X509_CRL*>& lists,
                             std::time_t now) {
    std::optional<std::time_t> latest;
    for (const X509_CRL* list : lists) {
        if (!names(list, authority) || to_time(X509_CRL_get0_lastUpdate(list)) > now) continue;
        latest = std::max(latest.value_or(0), to_time(X509_CRL_get0_nextUpdate(list)));
    }
    return latest.value_or(std::numeric_limits<std::time_t>::max());
}

// The roots among these that vouch for the authority, itself where it is one.
std::set<X509*> roots_above(X509* authority, const std::vector<X509*>& authorities) {
    std::set<X509*> roots;
    std::vector<X509*> above{authority};
    for (int depth = 0; depth <= bounds::kTlsChainDepth && !above.empty(); ++depth) {
        std::vector<X509*> issuers;
        for (X509* one : above) {
            if (X509_self_signed(one, 0) == 1) {
                roots.insert(one);
                continue;
            }
            std::ranges::copy_if(authorities, std::back_inserter(issuers), [one](X509* issuer) {
                return issuer != one && X509_check_issued(issuer, one) == X509_V_OK;
            });
        }
        above = std::move(issuers);
    }
    return roots;
}

// What OpenSSL has against the authority itself, its lists aside.
int verify_authority(X509_STORE* store, X509* authority) {
    const StoreContextPtr check(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    if (!check || X509_STORE_CTX_init(check.get(), store, authority, nullptr) != 1)
        return X509_V_ERR_OUT_OF_MEM;
    X509_VERIFY_PARAM_clear_flags(X509_STORE_CTX_get0_param(check.get()),
                                  X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    // A root vouches for itself: OpenSSL would take another one of its name for its issuer.
    if (X509_self_signed(authority, 0) == 1)
        X509_STORE_CTX_set_flags(check.get(), X509_V_FLAG_PARTIAL_CHAIN);
    X509_verify_cert(check.get());
    ERR_clear_error();
    return X509_STORE_CTX_get_error(check.get());
}

}  // namespace

std::string take_openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "unknown" : reason;
}

std::time_t to_time(const ASN1_TIME* when) {
    std::tm utc{};
    if (when == nullptr || ASN1_TIME_to_tm(when, &utc) != 1)
        return std::numeric_limits<std::time_t>::max();
    return timegm(&utc);
}

Status load_trust(SSL_CTX* context, const TlsFiles& files, BadLists bad_lists) {
    if (SSL_CTX_load_verify_file(context, files.ca.c_str()) != 1)
        return bad_file(files.ca, "no usable authority: " + take_openssl_reason());
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    if (!lists_of(store).empty())
        return bad_file(files.ca, "has a CRL in it: it belongs into the file of `crl`");
    if (files.crl.empty()) return {};
    SHIKAKU_TRY_LET(const auto lists, read_lists(files.crl));
    SHIKAKU_TRY(judge_lists(authorities_of(store), lists, files.crl, bad_lists));
    for (const CrlPtr& list : lists) {
        if (X509_STORE_add_crl(store, list.get()) != 1)
            return bad_file(files.crl, "CRL: " + take_openssl_reason());
    }
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return {};
}

Status be_strict(SSL_CTX* context, const TlsFiles& files) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    X509_STORE_set_flags(store, X509_V_FLAG_X509_STRICT);
    bool one_holds = false;
    for (X509* authority : authorities_of(store)) {
        const int error = verify_authority(store, authority);
        const std::string who = name_of(X509_get_subject_name(authority));
        if (error == X509_V_OK) {
            one_holds = true;
        } else if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
            log_warn("an authority has expired: what it signed is refused",
                     {{"file", files.ca.string()}, {"authority", who}});
        } else {
            return bad_file(files.ca,
                            who + " can vouch for nobody: " + X509_verify_cert_error_string(error));
        }
    }
    if (!one_holds) return bad_file(files.ca, "every authority in it has expired");
    return {};
}

std::time_t holds_until(const STACK_OF(X509) * chain, X509_STORE* store) {
    std::time_t earliest = std::numeric_limits<std::time_t>::max();
    const std::vector<X509_CRL*> lists = lists_of(store);
    const std::time_t now = std::time(nullptr);
    const int size = sk_X509_num(chain);
    for (int i = 0; i < size; ++i) {
        earliest = std::min(earliest, to_time(X509_get0_notAfter(sk_X509_value(chain, i))));
        X509* issuer = sk_X509_value(chain, std::min(i + 1, size - 1));
        earliest = std::min(earliest, lists_hold_until(issuer, lists, now));
    }
    return earliest;
}

std::string why_nobody_is_trusted(X509_STORE* store, std::time_t now) {
    const std::vector<X509_CRL*> lists = lists_of(store);
    const std::vector<X509*> authorities = authorities_of(store);
    const auto in_force = [now](const X509* authority) {
        return to_time(X509_get0_notAfter(authority)) > now;
    };
    std::set<X509*> roots;
    for (X509* authority : authorities) {
        if (X509_self_signed(authority, 0) == 1 && in_force(authority)) roots.insert(authority);
    }
    std::string why = "every authority of the clients has expired";
    for (X509* authority : authorities) {
        if (!in_force(authority) || lists_hold_until(authority, lists, now) > now) continue;
        const std::set<X509*> broken = roots_above(authority, authorities);
        const std::size_t left = roots.size();
        std::erase_if(roots, [&broken](X509* root) { return broken.contains(root); });
        if (roots.size() < left)
            why = "the revocation list of " + name_of(X509_get_subject_name(authority)) +
                  " has expired: its clients are refused";
    }
    return roots.empty() ? why : std::string();
}

std::vector<Expiry> expiries_of(X509_STORE* store) {
    std::vector<Expiry> found;
    const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        const X509_OBJECT* object = sk_X509_OBJECT_value(objects, i);
        if (const X509* authority = X509_OBJECT_get0_X509(object))
            found.push_back({Expiry::What::authority, to_time(X509_get0_notAfter(authority))});
        if (const X509_CRL* list = X509_OBJECT_get0_X509_CRL(const_cast<X509_OBJECT*>(object)))
            found.push_back({Expiry::What::crl, to_time(X509_CRL_get0_nextUpdate(list))});
    }
    return found;
}

std::vector<Hash256> fingerprints_of(X509_STORE* store) {
    std::vector<Hash256> found;
    for (const X509* authority : authorities_of(store)) {
        unsigned size = 0;
        X509_digest(authority, EVP_sha256(), found.emplace_back().data(), &size);
    }
    return found;
}

}  // namespace shikaku::http
