// shikaku: the operator's program.
#include <pthread.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>

#include "gateway/app/data_folder.h"
#include "gateway/app/gateway.h"
#include "gateway/app/service_manager.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/programs/shikaku/check.h"
#include "gateway/programs/shikaku/continue_log.h"
#include "gateway/support/broken_pipe.h"
#include "gateway/support/file.h"
#include "gateway/support/log.h"
#include "gateway/support/version.h"

namespace shikaku::app {
namespace {

// Exit codes, as of every program (docs/contract.md 1).
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

// What the watchdog looks at, and when it does: a gateway that is alive but not ready (a full disk,
// a clock that jumped) says so and is left alone; another start would not help it.
void tell(const ServiceManager& manager, Gateway& gateway) {
    manager.status(gateway.status());
    if (manager.feed_every() && gateway.alive()) manager.feed();
}

// The next signal; while none comes the service manager is told how we are.
int next_signal(const sigset_t& signals, const ServiceManager& manager, Gateway& gateway) {
    constexpr std::chrono::microseconds kTellEvery = std::chrono::seconds(10);
    const auto every = std::min(manager.feed_every().value_or(kTellEvery), kTellEvery);
    const timespec pause{.tv_sec = every.count() / 1'000'000,
                         .tv_nsec = every.count() % 1'000'000 * 1'000};
    for (;;) {
        const int signal = sigtimedwait(&signals, nullptr, &pause);
        if (signal > 0) return signal;
        tell(manager, gateway);
    }
}

void reload(const ServiceManager& manager, Gateway& gateway) {
    manager.reloading();
    if (const auto reloaded = gateway.reload(); !reloaded)
        log_error("reload refused, the old configuration stays", reloaded.error());
    else
        log_info("reloaded");
    manager.ready();
    tell(manager, gateway);
}

int serve(const std::string& file, const StartOptions& options) {
    const ServiceManager manager = ServiceManager::from_environment();
    const sigset_t signals = block_signals();
    auto config = load_config(file);
    if (!config) return report(config.error());
    if (const auto ready = configure_log(config->log_level, config->log_file); !ready)
        return report(ready.error());
    auto gateway = Gateway::build(std::move(*config), options);
    if (!gateway) return report(gateway.error());
    if (const auto started = (*gateway)->start(); !started) return report(started.error());
    manager.ready();
    tell(manager, **gateway);

    while (next_signal(signals, manager, **gateway) == SIGHUP)
        reload(manager, **gateway);
    manager.stopping();
    log_info("stopping");
    (*gateway)->stop();
    return kOk;
}

int print_check(const std::string& file) {
    const auto config = load_config(file);
    if (!config) return report(config.error());
    std::cout << describe(*config) << '\n';
    const Checked checked = check(*config, SystemClock());
    for (const std::string& fact : checked.facts)
        std::cout << "# " << fact << '\n';
    for (const std::string& warning : checked.warnings)
        std::cout << "# 注意 / warning: " << warning << '\n';
    for (const std::string& problem : checked.problems)
        std::cerr << "shikaku: " << problem << '\n';
    if (!checked.problems.empty()) return kFailed;
    std::cout << "# OK: 設定に問題はありません / the configuration is usable\n";
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

int keep_anchor(const std::string& file, const std::string& reason,
                const KnownElsewhere& elsewhere) {
    const auto config = load_config(file);
    if (!config) return report(config.error());
    const auto kept = keep_anchors(*config, reason, elsewhere, SystemClock());
    if (!kept) return report(kept.error());
    std::cout << "ログの記録 / Entries of the log: " << kept->size;
    if (kept->last) std::cout << "、最後の時刻 / the last of " << to_rfc3339_jst(*kept->last);
    std::cout
        << "\nログの最後の署名の控えを作り直しました / The log's last checkpoint is kept again "
           "in:\n";
    for (const auto& place : kept->files)
        std::cout << place.string() << '\n';
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
    shikaku::survive_broken_pipes();
    CLI::App program{"Shikaku gateway / 資格ゲートウェイ"};
    program.set_version_flag("--version", shikaku::version());
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
    auto* keep_anchor = program.add_subcommand(
        "keep-anchor",
        "Go on after the log's anchor was lost / 失われたログの控えを作り直して続ける");
    keep_anchor->add_option("--config", config, "Configuration file / 設定ファイル")->required();
    keep_anchor->add_option("--reason", reason, "What happened; the log says it / 起きたこと")
        ->required();
    shikaku::app::KnownElsewhere elsewhere;
    auto* at_least = keep_anchor->add_option(
        "--at-least", elsewhere.checkpoint,
        "A checkpoint of the log kept elsewhere, an auditor's / よそで保管されたログの控え");
    keep_anchor
        ->add_flag("--nothing-newer-is-known", elsewhere.nothing_newer_is_known,
                   "There is none, and nobody knows of anything newer than the log's end / "
                   "控えはなく、ログの終わりより新しいものを誰も知らない")
        ->excludes(at_least);
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
    if (*keep_anchor) return shikaku::app::keep_anchor(config, reason, elsewhere);
    if (*check) return shikaku::app::print_check(config);
    return shikaku::app::new_keys(ring);
}
