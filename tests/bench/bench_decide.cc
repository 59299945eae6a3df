// How long one decision takes, and how fast packs load, in CPU time. Prints one "name value" line a
// figure, the unit at the end of the name; judges nothing.
//
//   bench_decide [folder of scheme packs]
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "gateway/domain/answer.h"
#include "gateway/domain/decide.h"
#include "gateway/domain/scheme_pack.h"
#include "gateway/support/file.h"

namespace shikaku::domain {
namespace {

constexpr int kDecisions = 300'000;
constexpr int kPacks = 1'800;

// CPU time, so that a busy machine changes the figures less.
template <class Work>
double seconds(Work work) {
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

struct Pack {
    AuthorityCode authority;
    std::string text;
};

std::vector<Pack> read_packs(const std::filesystem::path& folder) {
    std::vector<Pack> packs;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto authority = AuthorityCode::parse(entry.path().stem().string());
        auto text = read_file(entry.path());
        if (authority && text) packs.push_back({*authority, std::move(*text)});
    }
    return packs;
}

Entitlement entitlement(const char* scheme_id, const char* payer_number) {
    Entitlement row;
    row.history_key = std::string("h-") + scheme_id;
    row.scheme_id = scheme_id;
    row.payer_number = PayerNumber::parse(payer_number);
    row.recipient_number = "1234566";
    row.valid_from = *Date::parse_iso("2026-04-01");
    row.valid_to = *Date::parse_iso("2027-03-31");
    return row;
}

Finding finding(const char* authority, std::vector<Entitlement> rows) {
    return {.authority = *AuthorityCode::parse(authority),
            .status = SourceStatus::answered,
            .kind = "published",
            .freshness = Freshness::published,
            .as_of = {},
            .entitlements = std::move(rows)};
}

// Four certificates of one person: two of the city's, two of the prefecture's.
Case four_entitlements() {
    return {.query = {.institution = *InstitutionCode::parse("1312012342"),
                      .service_date = *Date::parse_iso("2026-11-20"),
                      .today = *Date::parse_iso("2026-11-20"),
                      .setting = Setting::outpatient,
                      .consent = true,
                      .residence = {},
                      .birth_date = Date::parse_iso("2016-06-15"),
                      .insurance = {}},
            .findings = {finding("132012", {entitlement("maru-ko", "88131248"),
                                            entitlement("maru-oya", "81137242")}),
                         finding("130001", {entitlement("nanbyo-54", "54136015"),
                                            entitlement("seishin-21", "21130001")})}};
}

int run(const std::filesystem::path& folder) {
    const std::vector<Pack> packs = read_packs(folder);
    if (packs.empty()) {
        std::fprintf(stderr, "no packs in %s\n", folder.c_str());
        return 2;
    }
    RuleBook rules;
    std::size_t examples = 0;
    const double loading = seconds([&] {
        for (int i = 0; i < kPacks; ++i) {
            const Pack& pack = packs[static_cast<std::size_t>(i) % packs.size()];
            PackResult result = read_scheme_pack(pack.text, pack.authority, "bench");
            examples += result.examples_run;
            rules.packs[pack.authority] = std::move(result.pack);
        }
    });
    std::printf("load_%d_packs_s %.3f\n", kPacks, loading);
    std::printf("load_%d_packs_examples %zu\n", kPacks, examples);

    const Case facts = four_entitlements();
    std::size_t subsidies = 0;
    const double deciding = seconds([&] {
        for (int i = 0; i < kDecisions; ++i)
            subsidies += decide(facts, rules).subsidies.size();
    });
    std::printf("decide_4_entitlements_us %.3f\n", deciding / kDecisions * 1e6);

    std::size_t bytes = 0;
    const Decision decision = decide(facts, rules);
    const double rendering = seconds([&] {
        for (int i = 0; i < kDecisions; ++i)
            bytes += render_answer(facts, decision, "01JD0000000000000000000000", {}).head.size();
    });
    std::printf("render_answer_4_entitlements_us %.3f\n", rendering / kDecisions * 1e6);
    std::printf("render_answer_4_entitlements_bytes %zu\n", bytes / kDecisions);
    return subsidies == std::size_t{4} * kDecisions ? 0 : 1;  // all four were decided
}

}  // namespace
}  // namespace shikaku::domain

int main(int argc, char** argv) {
    return shikaku::domain::run(argc > 1 ? argv[1] : "municipal-mocks/schemes");
}
