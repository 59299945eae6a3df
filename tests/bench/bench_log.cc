// How fast the log takes entries: one producer with 64 outstanding, every entry sealed, hashed and
// fsynced. Usage: bench_log [entries] [detail bytes] [folder]; the folder is created and removed.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "gateway/audit/log.h"
#include "gateway/audit/verifier.h"
#include "gateway/support/file.h"

namespace {

using namespace shikaku;
using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kWindow = 64;

double seconds_since(SteadyClock::time_point began) {
    return std::chrono::duration<double>(SteadyClock::now() - began).count();
}

struct CpuSeconds {
    double user = 0;
    double system = 0;
};

CpuSeconds cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](timeval time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

void append_all(audit::Log& log, std::uint64_t count, std::size_t detail_bytes) {
    std::atomic<std::uint64_t> durable{0};
    const std::string detail(detail_bytes, 'x');
    for (std::uint64_t sent = 0; sent < count; ++sent) {
        for (auto now = durable.load(); sent - now >= kWindow; now = durable.load())
            durable.wait(now);
        audit::EntryDraft draft{audit::Kind::eligibility, {detail}, audit::TokenUse{}};
        log.append(std::move(draft), [&durable](const Result<audit::Appended>& done) {
            if (!done) std::abort();
            durable.fetch_add(1);
            durable.notify_one();
        });
    }
    for (auto now = durable.load(); now < count; now = durable.load())
        durable.wait(now);
}

std::uint64_t argument(int argc, char** argv, int at, std::uint64_t otherwise) {
    std::uint64_t value = otherwise;
    if (at < argc) {
        const std::string_view text(argv[at]);
        std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return value;
}

std::unique_ptr<audit::Log> open(const std::filesystem::path& folder, const crypto::KeyRing& keys,
                                 const crypto::SigningKey& signer, const Clock& clock) {
    auto log = audit::Log::open({folder / "log.db", "bench.example/log"}, keys, signer, clock);
    if (log) return std::move(*log);
    std::cerr << log.error().detail << '\n';
    std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t count = argument(argc, argv, 1, 200'000);
    const std::size_t detail_bytes = argument(argc, argv, 2, 600);
    const std::filesystem::path folder = argc > 3 ? argv[3] : "bench_log.tmp";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    if (!write_file(folder / "keyring.json", crypto::KeyRing::generate_json(), 0600)) return 1;
    const auto keys = crypto::KeyRing::load(folder / "keyring.json");
    if (!keys) return 1;
    const auto signer = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    const SystemClock clock;

    const auto created =
        audit::Log::create({folder / "log.db", "bench.example/log"}, **keys, signer, clock);
    if (!created) {
        std::cerr << created.error().detail << '\n';
        return 1;
    }
    auto log = open(folder, **keys, signer, clock);
    const auto cpu_before = cpu_seconds();
    auto began = SteadyClock::now();
    append_all(*log, count, detail_bytes);
    const double took = seconds_since(began);
    const auto cpu_after = cpu_seconds();
    const auto entries = static_cast<double>(count);
    fmt::print("durable entries/s   {:12.0f}\n", entries / took);
    fmt::print("wall us/entry       {:12.2f}\n", took / entries * 1e6);
    fmt::print("CPU us/entry        {:12.2f}  user, {:.2f} system\n",
               (cpu_after.user - cpu_before.user) / entries * 1e6,
               (cpu_after.system - cpu_before.system) / entries * 1e6);
    log.reset();
    const auto bytes = std::filesystem::file_size(folder / "log.db") +
                       std::filesystem::file_size(folder / "log.entries");
    fmt::print("disk bytes/entry    {:12.0f}  (detail {})\n", static_cast<double>(bytes) / entries,
               detail_bytes);

    began = SteadyClock::now();
    log = open(folder, **keys, signer, clock);
    fmt::print("start-up ms         {:12.1f}\n", seconds_since(began) * 1e3);
    began = SteadyClock::now();
    constexpr std::uint64_t kReceipts = 10'000;
    for (std::uint64_t i = 0; i < kReceipts; ++i)
        if (!log->receipt(count - 1 - i % count)) return 1;
    fmt::print("receipt us          {:12.2f}  (recent, each another)\n",
               seconds_since(began) / static_cast<double>(kReceipts) * 1e6);
    const auto vkey = log->vkey();
    log.reset();
    for (const bool with_keys : {false, true}) {
        began = SteadyClock::now();
        const auto verified =
            audit::verify_database(folder / "log.db", vkey, with_keys ? keys->get() : nullptr,
                                   [](std::uint64_t, std::uint64_t) {});
        if (!verified) return 1;
        fmt::print("verify us/entry     {:12.2f}  ({} details)\n",
                   seconds_since(began) / entries * 1e6, with_keys ? "with" : "without");
    }
    std::filesystem::remove_all(folder);
    return 0;
}
