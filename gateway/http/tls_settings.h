// The TLS files that a configuration's table names: certificate, key, crl, and the authorities that
// are believed under a key of the caller's ("ca", "client_ca").
#pragma once

#include "gateway/http/tls.h"
#include "gateway/support/toml_reader.h"

namespace shikaku::http {

[[nodiscard]] TlsFiles read_tls_files(TomlReader& table, std::string_view ca_key);

}  // namespace shikaku::http
