// log_fill: appends entries to the log of a stopped gateway's data folder, as many as a country's
// worth of answers leave behind, so that a question can be measured on top of them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <semaphore>

#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/crypto/signature.h"
#include "gateway/support/file.h"

namespace {

using namespace shikaku;

struct Arguments {
    std::string data;
    std::string ring;
    std::string signer;
    std::string origin = "shikaku.example/log";
    std::uint64_t entries = 10'000'000;
    std::size_t detail_bytes = 900;  // an answer with one entitlement
};

constexpr std::ptrdiff_t kUnderWay = 32'768;  // half of what the log's queue holds

// A JSON object of the wanted size that differs from entry to entry.
std::string detail(std::uint64_t number, std::size_t bytes) {
    std::string text = fmt::format(R"({{"number":{},"filling":")", number);
    text.resize(std::max(bytes, text.size() + 2) - 2, 'x');
    return text + "\"}";
}

Status fill(const Arguments& arguments) {
    auto keys = crypto::KeyRing::load(arguments.ring);
    if (!keys) return fail(keys.error());
    const auto pem = read_secret_file(arguments.signer);
    if (!pem) return fail(pem.error());
    auto signer = crypto::SigningKey::from_pem(*pem);
    if (!signer) return fail(signer.error());
    const SystemClock clock;
    auto log = audit::Log::open(
        {.database = std::filesystem::path(arguments.data) / "log.db", .origin = arguments.origin},
        **keys, *signer, clock);
    if (!log) return fail(log.error());

    std::counting_semaphore<kUnderWay> free_places(kUnderWay);
    std::atomic<std::uint64_t> failed = 0;
    for (std::uint64_t number = 0; number < arguments.entries; ++number) {
        free_places.acquire();
        (*log)->append({.kind = audit::Kind::eligibility,
                        .detail = {detail(number, arguments.detail_bytes)},
                        .token = {}},
                       [&](Result<audit::Appended> appended) {
                           failed += appended ? 0 : 1;
                           free_places.release();
                       });
    }
    for (std::ptrdiff_t place = 0; place < kUnderWay; ++place) {
        free_places.acquire();
    }
    if (failed > 0) {
        return fail(ErrorCode::audit_unavailable, fmt::format("{} entries failed", failed.load()));
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App program("Fills the log of a stopped gateway", "log_fill");
    Arguments arguments;
    program.add_option("--data", arguments.data)->required();
    program.add_option("--ring", arguments.ring)->required();
    program.add_option("--signer", arguments.signer)->required();
    program.add_option("--origin", arguments.origin);
    program.add_option("--entries", arguments.entries);
    program.add_option("--detail-bytes", arguments.detail_bytes);
    CLI11_PARSE(program, argc, argv);
    const Status filled = fill(arguments);
    if (!filled) {
        std::cerr << "log_fill: " << name(filled.error().code) << ": " << filled.error().detail
                  << "\n";
        return 1;
    }
    return 0;
}
