#include "gateway/app/believed.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "gateway/audit/entry.h"
#include "gateway/crypto/hash.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::app {
namespace {

// Line by line, so that what was renamed is one removed and one added.
std::vector<std::string> only_in(const std::set<std::string>& one,
                                 const std::set<std::string>& other) {
    std::vector<std::string> lines;
    std::ranges::set_difference(one, other, std::back_inserter(lines));
    return lines;
}

void put_changes(JsonWriter& json, std::string_view name, const std::vector<std::string>& lines) {
    const std::size_t named = std::min(lines.size(), bounds::kBelievedNamed);
    json.key(name).begin_array();
    for (std::size_t i = 0; i < named; ++i)
        json.string(lines[i]);
    json.end_array();
    if (named < lines.size()) json.field(std::string(name) + "_in_all", lines.size());
}

// Names stand in a configuration, at any length.
std::string cut(std::string_view text) {
    std::string kept(text.substr(0, bounds::kBelievedNameBytes));
    std::ranges::replace_if(kept, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
    return kept;
}

// What answers for a municipality: its address and the like, and whom it must show a certificate
// of. Revocation lists change every day and are not part of it.
Hash256 answers_for(const AuthorityConfig& authority) {
    std::string all = authority.settings->describe();
    if (const http::TlsFiles* files = authority.settings->tls())
        all += "\n" + read_file(files->ca, bounds::kCertificateFileBytes).value_or("");
    return crypto::sha256(as_bytes(all));
}

}  // namespace

Believed::Believed(const Config& config, const http::TlsContext& tls,
                   const identity::Issuers& issuers) {
    lines_.insert("audience " + cut(config.audience));
    if (config.linkage) lines_.insert("linkage_check " + std::string(config.linkage->text()));
    for (const Hash256& authority : tls.authorities())
        lines_.insert("client_ca " + to_hex(authority));
    lines_.insert(config.tls.crl.empty() ? "client_crl none" : "client_crl checked");
    for (const std::string& label : config.withdrawn)
        lines_.insert("withdrawn " + label);
    for (const auto& [kid, key] : issuers.by_kid()) {
        std::string line = "issuer_key " + key.thumbprint + " " + cut(key.issuer);
        if (key.expires) line += fmt::format(" until {}", unix_ms(*key.expires) / 1000);
        lines_.insert(std::move(line));
    }
    for (const AuthorityConfig& authority : config.authorities)
        lines_.insert(fmt::format("authority {} {} {}", authority.code.text(), authority.adapter,
                                  to_hex(answers_for(authority))));
}

std::string Believed::fingerprint() const {
    std::string all;
    for (const std::string& line : lines_)
        all += line + "\n";
    return to_hex(crypto::sha256(as_bytes(all)));
}

audit::Detail reload_detail(const Believed& before, const Believed& after) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", audit::name(audit::Kind::operator_action))
        .field("caller", "operator:local")
        .field("action", "reload")
        .field("believed", after.fingerprint());
    put_changes(json, "added", only_in(after.lines(), before.lines()));
    put_changes(json, "removed", only_in(before.lines(), after.lines()));
    json.end_object();
    return {.rest = std::move(out)};
}

}  // namespace shikaku::app
