// Who is believed, as lines that can be compared: issuers' keys, the clients' certificate
// authorities, withdrawn holders, what answers for each municipality. A reload that changes them is
// an entry of the log before it is in force, so that nobody is let in, believed or shut out for an
// hour without a trace; a start says with which of them it begins.
#pragma once

#include <set>
#include <string>

#include "gateway/app/config.h"
#include "gateway/audit/parts.h"
#include "gateway/http/tls.h"
#include "gateway/identity/issuers.h"

namespace shikaku::app {

class Believed {
  public:
    Believed() = default;
    Believed(const Config& config, const http::TlsContext& tls, const identity::Issuers& issuers);
    explicit Believed(std::set<std::string> lines) : lines_(std::move(lines)) {}

    [[nodiscard]] const std::set<std::string>& lines() const { return lines_; }
    // SHA-256 of the lines in order, each ended by a newline: in hex.
    [[nodiscard]] std::string fingerprint() const;
    bool operator==(const Believed&) const = default;

  private:
    std::set<std::string> lines_;
};

// The entry about a reload after which others are believed than before; of very many changes the
// first are named (bounds::kBelievedNamed) and all are counted.
[[nodiscard]] audit::Detail reload_detail(const Believed& before, const Believed& after);

}  // namespace shikaku::app
