#include "gateway/http/tls_settings.h"

namespace shikaku::http {

TlsFiles read_tls_files(TomlReader& table, std::string_view ca_key) {
    return {.certificate = table.required_path("certificate"),
            .key = table.required_path("key"),
            .ca = table.required_path(ca_key),
            .crl = table.path("crl")};
}

}  // namespace shikaku::http
