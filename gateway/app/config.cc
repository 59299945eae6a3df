#include "gateway/app/config.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/kinds.h"
#include "gateway/http/tls_settings.h"
#include "gateway/support/file.h"
#include "gateway/support/toml_reader.h"

namespace shikaku::app {
namespace {

// By their names in the file, in the order of reading.
template <class AnyConfig>
auto named_rates(AnyConfig& config) {
    auto& rates = config.rates;
    return std::to_array<std::pair<std::string_view, decltype(&rates.institution)>>(
        {{"institution", &rates.institution},
         {"authority", &rates.authority},
         {"auditor", &rates.auditor},
         {"operator", &rates.operator_},
         {"emergency", &rates.emergency},
         {"forged", &rates.forged},
         {"network_handshakes", &config.network_handshakes},
         {"client_handshakes", &config.client_handshakes}});
}

class ConfigReader {
  public:
    explicit ConfigReader(TomlReader::File& file) : file_(file) {}

    Config read(const toml::table& root);

  private:
    TomlReader section(TomlReader& root, std::string_view key) {
        return {root.table(key), fmt::format("[{}]", key), file_};
    }
    void read_server(TomlReader& root, Config& config);
    void read_files(TomlReader& root, Config& config);
    void read_identity(TomlReader& root, Config& config);
    void read_authorities(TomlReader& root, Config& config);
    AuthorityConfig read_authority(TomlReader table, domain::AuthorityCode code);
    void read_local_order(TomlReader& root, Config& config);
    void read_limits(TomlReader& root, Config& config);
    void read_endpoint(TomlReader& table, std::string_view key, Endpoint& endpoint);

    TomlReader::File& file_;
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

void ConfigReader::read_server(TomlReader& root, Config& config) {
    TomlReader server = section(root, "server");
    read_endpoint(server, "listen", config.api);
    config.threads = static_cast<int>(server.integer("threads", 0, 256).value_or(0));
    config.tls = http::read_tls_files(server, "client_ca");
    server.refuse_unknown();
    TomlReader ops = section(root, "ops");
    read_endpoint(ops, "listen", config.ops);
    ops.refuse_unknown();
}

void ConfigReader::read_files(TomlReader& root, Config& config) {
    TomlReader data = section(root, "data");
    config.data = data.required_path("directory");
    data.refuse_unknown();
    TomlReader keys = section(root, "keys");
    config.key_ring = keys.required_path("ring");
    config.log_signer = keys.required_path("log_signer");
    keys.refuse_unknown();
    TomlReader log = section(root, "log");
    config.log_origin = log.required_text("origin").value_or("");
    const auto folder = config.data.lexically_normal();
    const auto beside =
        (folder.has_filename() ? folder : folder.parent_path()).string() + ".anchor";
    config.log_anchor = log.resolve(log.text("anchor").value_or(beside));
    const auto within = config.log_anchor.lexically_normal().lexically_relative(
        folder.has_filename() ? folder : folder.parent_path());
    if (!config.data.empty() && !within.empty() && *within.begin() != "..")
        log.problem("anchor", "must lie outside [data] directory, which is held against it");
    config.log_level = log.text("level").value_or("info");
    config.log_file = log.path("file").string();
    log.refuse_unknown();
}

void ConfigReader::read_identity(TomlReader& root, Config& config) {
    TomlReader identity = section(root, "identity");
    config.audience = identity.text("audience").value_or("shikaku");
    for (std::string& holder : identity.texts("withdrawn")) {
        // A slip of the pen would withdraw nobody, unseen.
        if (!identity::is_label(holder))
            identity.problem("withdrawn",
                             fmt::format("\"{}\" can be nobody's; expected are "
                                         "\"institution:<10 digits>\", \"authority:<6 digits>\", "
                                         "\"auditor:<name>\" or \"operator:<name>\"",
                                         holder));
        config.withdrawn.insert(std::move(holder));
    }
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
        TomlReader issuer(issuers->get(i)->as_table(), fmt::format("[[issuer]] {}", i + 1), file_);
        config.issuers.push_back({.issuer = issuer.required_text("name").value_or(""),
                                  .jwks = issuer.required_path("jwks")});
        issuer.refuse_unknown();
    }
}

AuthorityConfig ConfigReader::read_authority(TomlReader table, domain::AuthorityCode code) {
    AuthorityConfig authority{.code = code, .adapter = table.required_text("adapter").value_or("")};
    if (const auto since = table.text("since")) {
        authority.since = domain::Date::parse_iso(*since);
        if (!authority.since) table.problem("since", "must be a date, YYYY-MM-DD");
    }
    constexpr std::int64_t kYear = 366LL * 86'400;
    if (const auto seconds = table.integer("fresh_for_s", 0, kYear))
        authority.policy.fresh_for = std::chrono::seconds(*seconds);
    if (const auto seconds = table.integer("stale_up_to_s", 0, kYear))
        authority.policy.stale_up_to = std::chrono::seconds(*seconds);
    if (const auto failures = table.integer("pause_after_failures", 1, 1000))
        authority.policy.pause_after = static_cast<int>(*failures);
    if (const auto days = table.integer("published_up_to_days", 1, 3660))
        authority.policy.published_up_to = std::chrono::days(*days);
    if (const adapters::Kind* kind = adapters::find_kind(authority.adapter)) {
        authority.settings = kind->read(table);
        table.refuse_unknown();
    } else {
        const auto names = std::views::transform(adapters::kinds(), &adapters::Kind::name);
        table.problem("adapter", fmt::format("must be \"{}\"", fmt::join(names, "\" or \"")));
    }
    return authority;
}

void ConfigReader::read_authorities(TomlReader& root, Config& config) {
    const toml::array* tables = root.tables("authority");
    if (tables == nullptr) return;
    std::set<domain::AuthorityCode> seen;
    for (std::size_t i = 0; i < tables->size(); ++i) {
        TomlReader table(tables->get(i)->as_table(), fmt::format("[[authority]] {}", i + 1), file_);
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
    TomlReader reader(order, "[local_order]", file_);
    for (const auto& [prefecture, codes] : *order)
        config.local_order.emplace(std::string(prefecture.str()), reader.texts(prefecture.str()));
}

void ConfigReader::read_limits(TomlReader& root, Config& config) {
    TomlReader limits = section(root, "limits");
    for (const auto& [name, rate] : named_rates(config)) {
        TomlReader table(limits.table(name), fmt::format("[limits.{}]", name), file_);
        rate->per_minute =
            table.integer("per_minute", 0, bounds::kRatePerMinuteMax).value_or(rate->per_minute);
        rate->burst = table.integer("burst", 1, bounds::kRateBurstMax).value_or(rate->burst);
        table.refuse_unknown();
    }
    limits.refuse_unknown();
}

Config ConfigReader::read(const toml::table& root_table) {
    Config config;
    TomlReader root(&root_table, "", file_);
    read_server(root, config);
    read_files(root, config);
    read_identity(root, config);
    read_authorities(root, config);
    read_local_order(root, config);
    read_limits(root, config);
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
    TomlReader::File tables{.folder = std::filesystem::absolute(file).parent_path()};
    Config config = ConfigReader(tables).read(root);
    if (!tables.problems.empty())
        return fail(ErrorCode::bad_configuration,
                    fmt::format("{}:\n  {}", file.string(), fmt::join(tables.problems, "\n  ")));
    config.file = file;
    return config;
}

std::vector<std::string> warnings(const Config& config) {
    std::vector<std::string> found;
    if (config.tls.crl.empty())
        found.emplace_back(
            "[server] crl がありません。失効した証明書でも入れます / no crl: revoked "
            "certificates get in");
    boost::system::error_code not_an_address;
    const auto ops = boost::asio::ip::make_address(config.ops.address, not_an_address);
    if (not_an_address || !ops.is_loopback())
        found.push_back(
            fmt::format("[ops] listen {} はこのマシンの外から読めます。暗号化も認証もありません / "
                        "can be reached "
                        "from outside this machine, without TLS and without roles",
                        config.ops.address));
    const api::Rate& batches = config.rates.institution;
    if (batches.per_minute > 0 &&
        batches.burst < static_cast<std::int64_t>(bounds::kBatchQuestions))
        found.push_back(fmt::format(
            "[limits.institution] burst {} は一括照会の {} 件より少ない値です。一括照会のあと、その"
            "医療機関の照会は不足分が戻るまで受け付けられません / less than the {} questions of a "
            "batch: after one its clinic is refused until what is missing has come back",
            batches.burst, bounds::kBatchQuestions, bounds::kBatchQuestions));
    for (const AuthorityConfig& authority : config.authorities) {
        for (const std::string& risk : authority.settings->warnings())
            found.push_back(fmt::format("[[authority]] {} {}", authority.code.text(), risk));
    }
    return found;
}

std::string describe(const Config& config) {
    std::string out;
    const auto line = [&out](std::string_view key, const auto& value) {
        out += fmt::format("{} = \"{}\"\n", key, value);
    };
    out += fmt::format("[server]\nlisten = \"{}:{}\"\nthreads = {}\n", config.api.address,
                       config.api.port, config.threads);
    line("certificate", config.tls.certificate.string());
    line("key", config.tls.key.string());
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
    line("file", config.log_file);
    out += "[identity]\n";
    line("audience", config.audience);
    if (config.linkage) line("linkage_check", config.linkage->text());
    out += "withdrawn = [";
    for (const std::string& holder : config.withdrawn)
        out += fmt::format("{}\"{}\"", out.ends_with('[') ? "" : ", ", holder);
    out += "]\n";
    for (const auto& issuer : config.issuers) {
        out += "[[issuer]]\n";
        line("name", issuer.issuer);
        line("jwks", issuer.jwks.string());
    }
    for (const auto& [name, rate] : named_rates(config))
        out += fmt::format("[limits.{}]\nper_minute = {}\nburst = {}\n", name, rate->per_minute,
                           rate->burst);
    for (const AuthorityConfig& authority : config.authorities) {
        out += "[[authority]]\n";
        line("code", authority.code.text());
        line("adapter", authority.adapter);
        if (authority.since) line("since", authority.since->iso());
        out += fmt::format(
            "fresh_for_s = {}\nstale_up_to_s = {}\npause_after_failures = {}\n"
            "published_up_to_days = {}\n",
            authority.policy.fresh_for.count(), authority.policy.stale_up_to.count(),
            authority.policy.pause_after,
            std::chrono::floor<std::chrono::days>(authority.policy.published_up_to).count());
        out += authority.settings->describe();
    }
    if (!config.local_order.empty()) out += "[local_order]\n";
    for (const auto& [prefecture, payers] : config.local_order)
        out += fmt::format("\"{}\" = [\"{}\"]\n", prefecture, fmt::join(payers, "\", \""));
    return out;
}

}  // namespace shikaku::app
