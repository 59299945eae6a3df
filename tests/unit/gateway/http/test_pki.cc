#include "tests/unit/gateway/http/test_pki.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

namespace shikaku::http::testing {
namespace {

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open_new(const std::filesystem::path& path, mode_t mode) {
    File file(std::fopen(path.c_str(), "w"), std::fclose);
    REQUIRE(file);
    REQUIRE(::fchmod(::fileno(file.get()), mode) == 0);
    return file;
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    REQUIRE(extension != nullptr);
    REQUIRE(X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

void set_name(X509* certificate, const std::string& name) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
}

}  // namespace

struct TestPki::Entry {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();

    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
};

TestPki::TestPki() {
    std::string pattern = (std::filesystem::temp_directory_path() / "unit_http_XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
}

TestPki::~TestPki() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

TestPki::Entry& TestPki::entry(const std::string& name, const std::string& authority_name,
                               const Wanted& wanted) {
    if (const auto found = entries_.find(name); found != entries_.end()) return *found->second;
    auto made = std::make_unique<Entry>();
    X509* certificate = made->certificate;
    const bool root = name == authority_name;
    Entry& issuer = root ? *made : authority(authority_name);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), next_serial_++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.seconds);
    set_name(certificate, wanted.subject.empty() ? name : wanted.subject);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate));
    X509_set_pubkey(certificate, made->key);
    const auto add = [&](int nid, const char* value) {
        add_extension(certificate, issuer.certificate, nid, value);
    };
    add(NID_subject_key_identifier, "hash");
    if (!root && wanted.key_ids) add(NID_authority_key_identifier, "keyid:always");
    if (wanted.is_authority) add(NID_basic_constraints, "critical,CA:TRUE");
    if (wanted.key_usage != nullptr) add(NID_key_usage, wanted.key_usage);
    if (wanted.usage != nullptr) add(NID_ext_key_usage, wanted.usage);
    if (!wanted.san.empty()) add(NID_subject_alt_name, wanted.san.c_str());
    REQUIRE(X509_sign(certificate, issuer.key, EVP_sha256()) > 0);
    const File out = open_new(folder_ / (name + ".crt"), 0644);
    PEM_write_X509(out.get(), certificate);
    // The chain up to the root, which the other side has.
    if (issuer_of_.contains(authority_name)) PEM_write_X509(out.get(), issuer.certificate);
    PEM_write_PrivateKey(open_new(folder_ / (name + ".key"), 0600).get(), made->key, nullptr,
                         nullptr, 0, nullptr, nullptr);
    if (!root) issuer_of_[name] = authority_name;
    return *(entries_[name] = std::move(made));
}

TestPki::Entry& TestPki::authority(const std::string& name) {
    return entry(
        name, name,
        {.key_usage = "critical,keyCertSign,cRLSign", .seconds = 7200, .is_authority = true});
}

std::filesystem::path TestPki::intermediate(const std::string& name, long seconds) {
    entry(name, "ca",
          {.key_usage = "critical,keyCertSign,cRLSign", .seconds = seconds, .is_authority = true});
    return folder_ / (name + ".crt");
}

std::filesystem::path TestPki::successor(const std::string& name, const std::string& of) {
    entry(name, name,
          {.key_usage = "critical,keyCertSign,cRLSign",
           .seconds = 7200,
           .is_authority = true,
           .subject = of});
    return folder_ / (name + ".crt");
}

TlsFiles TestPki::files(const std::string& name, const std::string& authority_name) const {
    return {.certificate = folder_ / (name + ".crt"),
            .key = folder_ / (name + ".key"),
            .ca = folder_ / (authority_name + ".crt")};
}

TlsFiles TestPki::server(const std::string& name, const std::string& authority_name,
                         const std::string& san) {
    entry(name, authority_name, {.san = san, .usage = "serverAuth"});
    return files(name, authority_name);
}

TlsFiles TestPki::client(const std::string& name, const std::string& authority_name, long seconds) {
    entry(name, authority_name,
          {.san = "URI:urn:example:" + name, .usage = "clientAuth", .seconds = seconds});
    return files(name, authority_name);
}

TlsFiles TestPki::flawed_client(const std::string& name, Flaw flaw) {
    Wanted wanted{.san = "URI:urn:example:" + name, .usage = "clientAuth"};
    if (flaw == Flaw::no_authority_key_id) wanted.key_ids = false;
    if (flaw == Flaw::can_sign_certificates) wanted.key_usage = "critical,keyCertSign";
    if (flaw == Flaw::authority_itself) {
        wanted.is_authority = true;
        wanted.key_usage = "critical,digitalSignature,keyCertSign";
    }
    entry(name, "ca", wanted);
    return files(name, "ca");
}

void TestPki::revoke(const std::string& name) {
    revoked_.push_back(name);
}

std::filesystem::path TestPki::crl(long next_update_seconds) {
    return crl(CrlOf{.next_update = next_update_seconds});
}

std::filesystem::path TestPki::crl(const CrlOf& wanted) {
    Entry& issuer = authority(wanted.authority);
    X509_CRL* list = X509_CRL_new();
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer.certificate));
    ASN1_TIME* time = ASN1_TIME_new();
    X509_gmtime_adj(time, wanted.this_update);
    X509_CRL_set1_lastUpdate(list, time);
    for (const std::string& name : revoked_) {
        if (issuer_of_.at(name) != wanted.authority) continue;
        X509_REVOKED* revoked = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(revoked,
                                      X509_get_serialNumber(entries_.at(name)->certificate));
        X509_REVOKED_set_revocationDate(revoked, time);
        X509_CRL_add0_revoked(list, revoked);
    }
    if (wanted.next_update != 0) {
        X509_gmtime_adj(time, wanted.next_update);
        X509_CRL_set1_nextUpdate(list, time);
    }
    ASN1_TIME_free(time);
    if (wanted.strange) {
        X509_EXTENSION* extension =
            X509V3_EXT_conf(nullptr, nullptr, "1.2.3.4.5", "critical,DER:0500");
        REQUIRE(extension != nullptr);
        X509_CRL_add_ext(list, extension, -1);
        X509_EXTENSION_free(extension);
    }
    const auto add = [&](X509* by, int nid, const char* value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, by, nullptr, nullptr, list, 0);
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
        REQUIRE(extension != nullptr);
        X509_CRL_add_ext(list, extension, -1);
        X509_EXTENSION_free(extension);
    };
    if (wanted.scope != nullptr)
        add(issuer.certificate, NID_issuing_distribution_point, wanted.scope);
    if (wanted.key_id_of != nullptr)
        add(authority(wanted.key_id_of).certificate, NID_authority_key_identifier, "keyid:always");
    EVP_PKEY* key = wanted.signed_by == nullptr ? issuer.key : authority(wanted.signed_by).key;
    REQUIRE(X509_CRL_sign(list, key, EVP_sha256()) > 0);
    const auto path = folder_ / ("crl-" + std::to_string(next_serial_++) + ".pem");
    PEM_write_X509_CRL(open_new(path, 0644).get(), list);
    X509_CRL_free(list);
    return path;
}

std::filesystem::path TestPki::joined(const std::vector<std::filesystem::path>& files) {
    const auto path = folder_ / ("joined-" + std::to_string(next_serial_++) + ".pem");
    std::ofstream out(path);
    for (const auto& file : files)
        out << std::ifstream(file).rdbuf();
    return path;
}

std::shared_ptr<TlsContext> server_context(const TlsFiles& files) {
    auto made = TlsContext::server(files);
    INFO((made ? "" : made.error().detail));
    REQUIRE(made);
    return *made;
}

std::shared_ptr<TlsContext> client_context(const TlsFiles& files) {
    auto made = TlsContext::client(files);
    INFO((made ? "" : made.error().detail));
    REQUIRE(made);
    return *made;
}

}  // namespace shikaku::http::testing
