#include "gateway/app/config.h"

#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gateway/app/toml_reader.h"
#include "gateway/support/file.h"

namespace shikaku::app {
namespace {

using Problems = std::vector<std::string>;

class ConfigReader {
  public:
    ConfigReader(const std::filesystem::path& file, Problems& problems)
        : folder_(std::filesystem::absolute(file).parent_path()), problems_(problems) {}

    Config read(const toml::table& root);

  private:
    std::filesystem::path path(const std::optional<std::string>& text) const {
        if (!text || text->empty()) return {};
        const std::filesystem::path given(*text);
        return given.is_absolute() ? given : folder_ / given;
    }
    TomlReader section(TomlReader& root, std::string_view key) {
        return {root.table(key), fmt::format("[{}]", key), problems_};
    }
    void read_server(TomlReader& root, Config& config);
    void read_files(TomlReader& root, Config& config);
    void read_identity(TomlReader& root, Config& config);
    void read_authorities(TomlReader& root, Config& config);
    AuthorityConfig read_authority(TomlReader table, domain::AuthorityCode code);
    void read_rest(TomlReader& table, AuthorityConfig& authority);
    void read_local_order(TomlReader& root, Config& config);
    void read_endpoint(TomlReader& table, std::string_view key, Endpoint& endpoint);
    http::TlsFiles read_tls(TomlReader& table, std::string_view ca_key);

    std::filesystem::path folder_;
    Problems& problems_;
};

void ConfigReader::read_endpoint(TomlReader& table, std::string_view key, Endpoint& endpoint) {
    const auto text = table.text(key);
    if (!text) return;
    const std::size_t colon = text->rfind(':');
    unsigned port = 0;
    const char* end = text->data() + text->size();
    if (colon == std::string::npos || colon == 0 ||
        std::from_chars(text->data() + colon + 1, end, port).ptr != end || port > 65535) {
        table.problem(key, "must be \"address:port\"");
        return;
    }
    endpoint = {.address = text->substr(0, colon), .port = static_cast<std::uint16_t>(port)};
}

http::TlsFiles ConfigReader::read_tls(TomlReader& table, std::string_view ca_key) {
    return {.certificate = path(table.required_text("certificate")),
            .key = path(table.required_text("key")),
            .ca = path(table.required_text(ca_key)),
            .crl = path(table.text("crl"))};
}

void ConfigReader::read_server(TomlReader& root, Config& config) {
    TomlReader server = section(root, "server");
    read_endpoint(server, "listen", config.api);
    config.threads = static_cast<int>(server.integer("threads", 0, 256).value_or(0));
    config.tls = read_tls(server, "client_ca");
    server.refuse_unknown();
    TomlReader ops = section(root, "ops");
    read_endpoint(ops, "listen", config.ops);
    ops.refuse_unknown();
}

void ConfigReader::read_files(TomlReader& root, Config& config) {
    TomlReader data = section(root, "data");
    config.data = path(data.required_text("directory"));
    data.refuse_unknown();
    TomlReader keys = section(root, "keys");
    config.key_ring = path(keys.required_text("ring"));
    config.log_signer = path(keys.required_text("log_signer"));
    keys.refuse_unknown();
    TomlReader log = section(root, "log");
    config.log_origin = log.required_text("origin").value_or("");
    const auto folder = config.data.lexically_normal();
    const auto beside =
        (folder.has_filename() ? folder : folder.parent_path()).string() + ".anchor";
    config.log_anchor = path(log.text("anchor").value_or(beside));
    const auto within = config.log_anchor.lexically_normal().lexically_relative(
        folder.has_filename() ? folder : folder.parent_path());
    if (!config.data.empty() && !within.empty() && *within.begin() != "..")
        log.problem("anchor", "must lie outside [data] directory, which is held against it");
    config.log_level = log.text("level").value_or("info");
    config.log_file = path(log.text("file")).string();
    log.refuse_unknown();
}

void ConfigReader::read_identity(TomlReader& root, Config& config) {
    TomlReader identity = section(root, "identity");
    config.audience = identity.text("audience").value_or("shikaku");
    for (std::string& holder : identity.texts("withdrawn"))
        config.withdrawn.insert(std::move(holder));
    if (const auto check = identity.text("linkage_check")) {
        config.linkage = domain::LinkageCheck::parse(*check);
        if (!config.linkage)
            identity.problem("linkage_check",
                             "must be 16 letters from a to p, as shikaku-publish prints them");
    }
    identity.refuse_unknown();
    const toml::array* issuers = root.tables("issuer");
    if (issuers == nullptr) {
        root.problem("[[issuer]]", "at least one card issuer is needed");
        return;
    }
    for (std::size_t i = 0; i < issuers->size(); ++i) {
        TomlReader issuer(issuers->get(i)->as_table(), fmt::format("[[issuer]] {}", i + 1),
                          problems_);
        config.issuers.push_back({.issuer = issuer.required_text("name").value_or(""),
                                  .jwks = path(issuer.required_text("jwks"))});
        issuer.refuse_unknown();
    }
}

void ConfigReader::read_rest(TomlReader& table, AuthorityConfig& authority) {
    authority.url = table.required_text("url").value_or("");
    authority.path = table.text("path").value_or("/subsidies/lookup");
    authority.tls = read_tls(table, "ca");
    if (const toml::table* fields = table.table("fields")) {
        for (const auto& [ours, theirs] : *fields) {
            if (const auto* text = theirs.as_string())
                authority.fields.emplace(std::string(ours.str()), text->get());
            else
                table.problem("fields", "must map our field names to theirs");
        }
    }
}

AuthorityConfig ConfigReader::read_authority(TomlReader table, domain::AuthorityCode code) {
    AuthorityConfig authority{.code = code,
                              .adapter = table.required_text("adapter").value_or(""),
                              .since = {},
                              .policy = {},
                              .url = {},
                              .path = {},
                              .tls = {},
                              .fields = {}};
    if (const auto since = table.text("since")) {
        authority.since = domain::Date::parse_iso(*since);
        if (!authority.since) table.problem("since", "must be a date, YYYY-MM-DD");
    }
    constexpr std::int64_t kYear = 366LL * 86'400;
    if (const auto seconds = table.integer("fresh_for_s", 0, kYear))
        authority.policy.fresh_for = std::chrono::seconds(*seconds);
    if (const auto seconds = table.integer("stale_up_to_s", 0, kYear))
        authority.policy.stale_up_to = std::chrono::seconds(*seconds);
    if (const auto days = table.integer("published_up_to_days", 1, 3660))
        authority.policy.published_up_to = std::chrono::days(*days);
    if (authority.adapter == "rest")
        read_rest(table, authority);
    else if (authority.adapter != "published")
        table.problem("adapter", "must be \"published\" or \"rest\"");
    table.refuse_unknown();
    return authority;
}

void ConfigReader::read_authorities(TomlReader& root, Config& config) {
    const toml::array* tables = root.tables("authority");
    if (tables == nullptr) return;
    std::set<domain::AuthorityCode> seen;
    for (std::size_t i = 0; i < tables->size(); ++i) {
        TomlReader table(tables->get(i)->as_table(), fmt::format("[[authority]] {}", i + 1),
                         problems_);
        const auto code = domain::AuthorityCode::parse(table.required_text("code").value_or(""));
        if (!code) {
            table.problem("code",
                          "must be a 6-digit 全国地方公共団体コード with a right check digit");
            continue;
        }
        if (!seen.insert(*code).second) table.problem("code", "stands here twice");
        config.authorities.push_back(read_authority(table, *code));
    }
}

void ConfigReader::read_local_order(TomlReader& root, Config& config) {
    const toml::table* order = root.table("local_order");
    if (order == nullptr) return;
    TomlReader reader(order, "[local_order]", problems_);
    for (const auto& [prefecture, codes] : *order)
        config.local_order.emplace(std::string(prefecture.str()), reader.texts(prefecture.str()));
}

Config ConfigReader::read(const toml::table& root_table) {
    Config config;
    TomlReader root(&root_table, "", problems_);
    read_server(root, config);
    read_files(root, config);
    read_identity(root, config);
    read_authorities(root, config);
    read_local_order(root, config);
    root.refuse_unknown();
    return config;
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& file) {
    const auto text = read_file(file, 1024 * 1024);
    if (!text) return fail(ErrorCode::bad_configuration, "cannot read " + file.string());
    toml::table root;
    try {
        root = toml::parse(*text);
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::bad_configuration,
                    fmt::format("{}:{}: {}", file.string(), error.source().begin.line,
                                error.description()));
    }
    Problems problems;
    Config config = ConfigReader(file, problems).read(root);
    if (!problems.empty())
        return fail(ErrorCode::bad_configuration,
                    fmt::format("{}:\n  {}", file.string(), fmt::join(problems, "\n  ")));
    config.file = file;
    return config;
}

std::string describe(const Config& config) {
    std::string out;
    const auto line = [&out](std::string_view key, const auto& value) {
        out += fmt::format("{} = \"{}\"\n", key, value);
    };
    out += fmt::format("[server]\nlisten = \"{}:{}\"\nthreads = {}\n", config.api.address,
                       config.api.port, config.threads);
    line("certificate", config.tls.certificate.string());
    line("client_ca", config.tls.ca.string());
    line("crl", config.tls.crl.string());
    out += fmt::format("[ops]\nlisten = \"{}:{}\"\n[data]\n", config.ops.address, config.ops.port);
    line("directory", config.data.string());
    out += "[keys]\n";
    line("ring", config.key_ring.string());
    line("log_signer", config.log_signer.string());
    out += "[log]\n";
    line("origin", config.log_origin);
    line("anchor", config.log_anchor.string());
    line("level", config.log_level);
    out += "[identity]\n";
    line("audience", config.audience);
    if (config.linkage) line("linkage_check", config.linkage->text());
    for (const auto& issuer : config.issuers) {
        out += "[[issuer]]\n";
        line("name", issuer.issuer);
        line("jwks", issuer.jwks.string());
    }
    for (const AuthorityConfig& authority : config.authorities) {
        out += "[[authority]]\n";
        line("code", authority.code.text());
        line("adapter", authority.adapter);
        if (!authority.url.empty()) line("url", authority.url);
        out += fmt::format(
            "fresh_for_s = {}\nstale_up_to_s = {}\npublished_up_to_days = {}\n",
            authority.policy.fresh_for.count(), authority.policy.stale_up_to.count(),
            std::chrono::floor<std::chrono::days>(authority.policy.published_up_to).count());
    }
    return out;
}

}  // namespace shikaku::app
