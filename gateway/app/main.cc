// shikaku: the operator's program.
#include <pthread.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "gateway/app/data_folder.h"
#include "gateway/app/gateway.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/support/file.h"
#include "gateway/support/log.h"

namespace shikaku::app {
namespace {

// Exit codes of every program (contract 1).
constexpr int kOk = 0;
constexpr int kFailed = 1;

int report(const Error& error) {
    std::cerr << "shikaku: " << name(error.code) << ": "
              << (error.detail.empty() ? info(error.code).title : std::string_view(error.detail))
              << '\n';
    return kFailed;
}

// Signals are taken by this thread alone: TERM and INT stop, HUP reloads.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int serve(const std::string& file, const StartOptions& options) {
    const sigset_t signals = block_signals();
    auto config = load_config(file);
    if (!config) return report(config.error());
    if (const auto ready = configure_log(config->log_level, config->log_file); !ready)
        return report(ready.error());
    auto gateway = Gateway::build(std::move(*config), options);
    if (!gateway) return report(gateway.error());
    if (const auto started = (*gateway)->start(); !started) return report(started.error());

    while (true) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal != SIGHUP) break;
        if (const auto reloaded = (*gateway)->reload(); !reloaded)
            log_error("reload refused, the old configuration stays", reloaded.error());
        else
            log_info("reloaded");
    }
    log_info("stopping");
    (*gateway)->stop();
    return kOk;
}

int check(const std::string& file) {
    const auto config = load_config(file);
    if (!config) return report(config.error());
    if (const auto keys = crypto::KeyRing::load(config->key_ring); !keys)
        return report(keys.error());
    const auto pem = read_secret_file(config->log_signer);
    if (!pem) return report(pem.error());
    if (const auto signer = crypto::SigningKey::from_pem(*pem); !signer)
        return report(signer.error());
    if (const auto tls = http::TlsContext::server(config->tls); !tls) return report(tls.error());
    if (const auto issuers = identity::Issuers::load(config->issuers); !issuers)
        return report(issuers.error());
    std::cout << describe(*config)
              << "\n# OK: 設定に問題はありません / the configuration is usable\n";
    return kOk;
}

int make(const std::string& file) {
    const auto config = load_config(file);
    if (!config) return report(config.error());
    const auto vkey = init_data(*config, SystemClock());
    if (!vkey) return report(vkey.error());
    std::cout
        << "ログを作りました / The log is made: " << *vkey
        << "\n最後の署名の控え。別のボリュームが望ましい / Its last checkpoint is also kept in, "
           "best on another volume: "
        << config->log_anchor.string() << "\n次 / Next: shikaku serve --config " << file << '\n';
    return kOk;
}

int go_on(const std::string& file, const std::string& reason, RegistryFile registry,
          const std::string& lost_origin) {
    const auto config = load_config(file);
    if (!config) return report(config.error());
    const auto continued = continue_log(*config, reason, registry, SystemClock(), lost_origin);
    if (!continued) return report(continued.error());
    std::cout
        << "失われたログ / Lost: " << continued->lost
        << "\n新しいログ。検証鍵を監査人と窓口に配ってください / The log goes on as, to be given "
           "to auditors and desks: "
        << continued->vkey << '\n';
    return kOk;
}

int go_on_without(const std::string& file, const std::string& reason) {
    const auto config = load_config(file);
    if (!config) return report(config.error());
    const auto lost = continue_registry(*config, reason, SystemClock());
    if (!lost) return report(lost.error());
    std::cout
        << "次の自治体は制度パックと全件をもう一度公開してください。それまで答えは「不明」です / "
           "These authorities have to publish packs and all rows again; until then the answer "
           "is unknown:\n";
    for (const domain::AuthorityCode authority : *lost)
        std::cout << authority.text() << '\n';
    return kOk;
}

int new_keys(const std::string& file) {
    if (std::filesystem::exists(file)) {
        std::cerr << "shikaku: " << file
                  << " は既にあります。上書きしません / exists and is not overwritten\n";
        return kFailed;
    }
    if (const auto written = write_file(file, crypto::KeyRing::generate_json(), 0600); !written)
        return report(written.error());
    return kOk;
}

}  // namespace
}  // namespace shikaku::app

int main(int argc, char** argv) {
    CLI::App program{"Shikaku gateway / 資格ゲートウェイ"};
    program.set_version_flag("--version", SHIKAKU_VERSION);
    program.require_subcommand(1);
    std::string config;
    auto* serve = program.add_subcommand("serve", "Run the gateway / ゲートウェイを動かす");
    serve->add_option("--config", config, "Configuration file / 設定ファイル")->required();
    shikaku::app::StartOptions options;
    serve->add_flag("--clock-is-right", options.clock_is_right,
                    "Start although the clock is behind the log's last entry / "
                    "時計が記録より遅れていても正しいものとして動かす");
    auto* check = program.add_subcommand("check", "Check a configuration / 設定を点検する");
    check->add_option("--config", config, "Configuration file / 設定ファイル")->required();
    auto* init = program.add_subcommand(
        "init", "Make the log of a new installation / 新しい設置のログを作る");
    init->add_option("--config", config, "Configuration file / 設定ファイル")->required();
    std::string reason;
    auto* continue_log = program.add_subcommand(
        "continue-log",
        "Go on with another log after one was lost / 失われたログの後を別のログで続ける");
    continue_log->add_option("--config", config, "Configuration file / 設定ファイル")->required();
    continue_log
        ->add_option("--reason", reason, "What happened; the first entry says it / 起きたこと")
        ->required();
    bool registry_lost = false;
    continue_log->add_flag("--registry-lost", registry_lost,
                           "registry.db is lost as well / registry.db も失われた");
    std::string lost_origin;
    continue_log->add_option("--lost", lost_origin,
                             "The lost log's origin, where neither anchor nor log.db tells it / "
                             "失われたログの origin。控えも log.db もないとき");
    auto* continue_registry = program.add_subcommand(
        "continue-registry",
        "Go on after registry.db was lost / 失われた registry.db の後を続ける");
    continue_registry->add_option("--config", config, "Configuration file / 設定ファイル")
        ->required();
    continue_registry->add_option("--reason", reason, "What happened; the log says it / 起きたこと")
        ->required();
    std::string ring;
    auto* keys = program.add_subcommand("keys", "Make a new key ring / 新しい鍵束を作る");
    keys->add_option("--out", ring, "File to write / 出力ファイル")->required();
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : 2;
    }
    if (*serve) return shikaku::app::serve(config, options);
    if (*init) return shikaku::app::make(config);
    if (*continue_log)
        return shikaku::app::go_on(
            config, reason,
            registry_lost ? shikaku::app::RegistryFile::lost : shikaku::app::RegistryFile::there,
            lost_origin);
    if (*continue_registry) return shikaku::app::go_on_without(config, reason);
    if (*check) return shikaku::app::check(config);
    return shikaku::app::new_keys(ring);
}
