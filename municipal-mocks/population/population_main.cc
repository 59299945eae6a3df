// population: writes a folder of synthetic people for the demo and for tests: Hachioji's recipients
// as a CSV file, Tokyo's as what its live system serves, and demo cards.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <set>

#include "gateway/support/clock.h"
#include "gateway/support/file.h"
#include "gateway/support/version.h"
#include "municipal-mocks/population/demo_cards.h"
#include "municipal-mocks/population/files.h"
#include "municipal-mocks/population/residents.h"

namespace {

using namespace shikaku;  // NOLINT(google-build-using-namespace): a program
namespace fs = std::filesystem;

constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kSecretBytes = 32;

struct Options {
    std::string out, linkage, today;
    std::uint64_t seed = 1;
    std::size_t count = 2000;
};

Result<Bytes> load_linkage(const std::string& file) {
    SHIKAKU_TRY_LET(const auto text, read_secret_file(file));
    std::string_view base64 = text;
    while (base64.ends_with('\n') || base64.ends_with('\r'))
        base64.remove_suffix(1);
    auto secret = from_base64(base64);
    if (!secret || secret->size() != kSecretBytes)
        return fail(ErrorCode::bad_key, "the linkage secret is not the base64 of 32 bytes");
    return std::move(*secret);
}

Result<domain::Date> day_of(const std::string& text) {
    if (text.empty()) return domain::Date::of_instant_jst(SystemClock().now());
    const auto date = domain::Date::parse_iso(text);
    if (!date) return fail(ErrorCode::bad_configuration, "--today is not a date");
    return *date;
}

Status write_cards(const fs::path& folder, const std::vector<mocks::DemoCard>& cards) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::io_failed, "cannot create " + folder.string());
    for (const mocks::DemoCard& card : cards)
        SHIKAKU_TRY(write_file(folder / (card.id + ".json"), card.json()));
    return {};
}

// Everyone once: some cards are of the same person.
std::vector<mocks::Resident> everyone(const std::vector<mocks::DemoCard>& cards,
                                      std::vector<mocks::Resident> others) {
    std::vector<mocks::Resident> people;
    std::set<std::string> seen;
    for (const mocks::DemoCard& card : cards)
        if (seen.insert(card.person.personal_number).second) people.push_back(card.person);
    people.insert(people.end(), std::make_move_iterator(others.begin()),
                  std::make_move_iterator(others.end()));
    return people;
}

Status write_population(const Options& options) {
    SHIKAKU_TRY_LET(const auto linkage, load_linkage(options.linkage));
    SHIKAKU_TRY_LET(const auto today, day_of(options.today));

    mocks::Dice dice(options.seed);
    mocks::Certificates certificates(today);
    const auto cards = mocks::demo_cards(today, dice, certificates);
    const auto people =
        everyone(cards, mocks::random_residents(options.count, today, dice, certificates));
    SHIKAKU_TRY_LET(const auto csv, mocks::hachioji_csv(people));
    SHIKAKU_TRY_LET(const auto checkups, mocks::checkups_csv(people));

    const fs::path folder(options.out);
    SHIKAKU_TRY(write_cards(folder / "cards", cards));
    SHIKAKU_TRY(write_file(folder / "recipients-132012.csv", csv, 0600));
    SHIKAKU_TRY(write_file(folder / "checkups-132012.csv", checkups, 0600));
    SHIKAKU_TRY(write_file(folder / "rest-130001.json", mocks::tokyo_json(people, linkage), 0600));
    std::cout << people.size() << " synthetic people, " << cards.size() << " demo cards in "
              << folder.string() << " (seed " << options.seed << ", " << today.iso() << ")\n";
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app(
        "Writes recipients-132012.csv, checkups-132012.csv, rest-130001.json and cards/ for the "
        "demo.");
    app.set_version_flag("--version", shikaku::version());
    app.add_option("--out", options.out, "Folder to write into")->required();
    app.add_option("--linkage", options.linkage, "Linkage secret (base64 of 32 bytes)")->required();
    app.add_option("--seed", options.seed)->capture_default_str();
    app.add_option("--count", options.count, "People besides those of the cards")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{0}, std::size_t{500'000}));
    app.add_option("--today", options.today, "YYYY-MM-DD; default: today in Japan");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    const auto written = write_population(options);
    if (written) return kExitOk;
    std::cerr << "population: " << written.error().detail << '\n';
    return written.error().code == ErrorCode::bad_configuration ? kExitUsage : kExitFailed;
}
