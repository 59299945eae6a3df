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
    // A CRL of the authority "ca" over the clients revoked so far.
    [[nodiscard]] std::filesystem::path crl(long next_update_seconds = 3600);
    void revoke(const std::string& name);

  private:
    struct Entry;
    Entry& entry(const std::string& name, const std::string& authority, const std::string& san,
                 const char* usage, long seconds);
    Entry& authority(const std::string& name);
    [[nodiscard]] TlsFiles files(const std::string& name, const std::string& authority) const;

    std::filesystem::path folder_;
    std::map<std::string, std::unique_ptr<Entry>> entries_;
    std::vector<std::string> revoked_;
    long next_serial_ = 1;
};

[[nodiscard]] std::shared_ptr<TlsContext> server_context(const TlsFiles& files);
[[nodiscard]] std::shared_ptr<TlsContext> client_context(const TlsFiles& files);

}  // namespace shikaku::http::testing
