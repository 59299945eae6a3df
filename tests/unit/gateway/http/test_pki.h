// Certificates made for one test: authorities, server and client certificates, CRLs, as PEM files
// in a temporary folder that goes away with the object.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/tls.h"

namespace shikaku::http::testing {

class TestPki {
  public:
    TestPki();
    ~TestPki();
    TestPki(const TestPki&) = delete;
    TestPki& operator=(const TestPki&) = delete;

    // Files of that name, signed by `authority` (made when new). Valid for `seconds` from now.
    [[nodiscard]] TlsFiles server(const std::string& name = "server",
                                  const std::string& authority = "ca",
                                  const std::string& san = "DNS:localhost,IP:127.0.0.1");
    [[nodiscard]] TlsFiles client(const std::string& name = "client",
                                  const std::string& authority = "ca", long seconds = 3600);
    enum class Flaw { no_authority_key_id, authority_itself, can_sign_certificates };
    [[nodiscard]] TlsFiles flawed_client(const std::string& name, Flaw flaw);
    // An authority that "ca" has signed. Its clients send it along; its file is in none of theirs.
    std::filesystem::path intermediate(const std::string& name, long seconds = 5400);

    // Another key of an authority: its own name here, the old one in certificates.
    std::filesystem::path successor(const std::string& name, const std::string& of);

    struct CrlOf {
        std::string authority = "ca";
        long next_update = 3600;  // seconds from now; 0: none
        long this_update = -7200;
        const char* signed_by = nullptr;  // another authority's key
        bool strange = false;             // a critical extension that nobody knows
        const char* scope = nullptr;      // a critical issuingDistributionPoint
        const char* key_id_of = nullptr;  // another authority's key identifier, or its own
    };
    // A CRL over those of the authority that were revoked so far.
    [[nodiscard]] std::filesystem::path crl(long next_update_seconds = 3600);
    [[nodiscard]] std::filesystem::path crl(const CrlOf& wanted);
    void revoke(const std::string& name);
    // One file with the content of several.
    [[nodiscard]] std::filesystem::path joined(const std::vector<std::filesystem::path>& files);

  private:
    struct Entry;
    struct Wanted {
        std::string san{};
        const char* usage = nullptr;
        const char* key_usage = nullptr;
        long seconds = 3600;
        bool is_authority = false;
        bool key_ids = true;
        std::string subject{};  // the file's name where empty
    };
    Entry& entry(const std::string& name, const std::string& authority, const Wanted& wanted);
    Entry& authority(const std::string& name);
    [[nodiscard]] TlsFiles files(const std::string& name, const std::string& authority) const;

    std::filesystem::path folder_;
    std::map<std::string, std::unique_ptr<Entry>> entries_;
    std::map<std::string, std::string> issuer_of_;
    std::vector<std::string> revoked_;
    long next_serial_ = 1;
};

[[nodiscard]] std::shared_ptr<TlsContext> server_context(const TlsFiles& files);
[[nodiscard]] std::shared_ptr<TlsContext> client_context(const TlsFiles& files);

}  // namespace shikaku::http::testing
