#include "adapters/rest/rest_settings.h"

#include <fmt/format.h>

#include "gateway/http/tls_settings.h"

namespace shikaku::adapters::rest {

std::shared_ptr<const Settings> read_settings(TomlReader& table) {
    const auto settings = std::make_shared<RestSettings>();
    RestConfig& config = settings->config;
    config.url = table.required_text("url").value_or("");
    settings->plain_http = table.boolean("plain_http_for_tests_only").value_or(false);
    if (config.url.starts_with("http://") && !settings->plain_http)
        table.problem("url",
                      "must begin with https://: over http:// anyone on the way could read "
                      "whom is asked about, and answer");
    config.path = table.text("path").value_or(config.path);
    settings->files = http::read_tls_files(table, "ca");
    if (const toml::table* fields = table.table("fields")) {
        for (const auto& [ours, theirs] : *fields) {
            if (const auto* text = theirs.as_string())
                config.fields.emplace(std::string(ours.str()), text->get());
            else
                table.problem("fields", "must map our field names to theirs");
        }
    }
    return settings;
}

Result<std::shared_ptr<Adapter>> RestSettings::make(const Surroundings& surroundings) const {
    SHIKAKU_TRY_LET(auto adapter, RestAdapter::make(config, surroundings.tls));
    return std::shared_ptr<Adapter>(std::move(adapter));
}

std::string RestSettings::describe() const {
    std::string out;
    const auto line = [&out](std::string_view key, std::string_view value) {
        out += fmt::format("{} = \"{}\"\n", key, value);
    };
    line("url", config.url);
    line("path", config.path);
    line("certificate", files.certificate.native());
    line("key", files.key.native());
    line("ca", files.ca.native());
    line("crl", files.crl.native());
    if (plain_http) out += "plain_http_for_tests_only = true\n";
    if (!config.fields.empty()) out += "[authority.fields]\n";
    for (const auto& [ours, theirs] : config.fields)
        line(ours, theirs);
    return out;
}

std::vector<std::string> RestSettings::warnings() const {
    if (!plain_http) return {};
    return {
        "plain_http_for_tests_only: 暗号化されません。試験のときだけにしてください / not "
        "encrypted, "
        "for tests only"};
}

}  // namespace shikaku::adapters::rest
