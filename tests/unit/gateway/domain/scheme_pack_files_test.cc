// The packs shipped under municipal-mocks/schemes: all load, all examples pass, and the page of
// programmes in the documentation is what they say.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/unit/gateway/domain/pack_files.h"
#include "tests/unit/gateway/domain/programmes_page.h"

namespace shikaku::domain {
namespace {

TEST_CASE("every pack in municipal-mocks/schemes loads and its examples pass") {
    const auto files = test::pack_files();
    REQUIRE_FALSE(files.empty());
    for (const test::PackFile& file : files) {
        INFO(file.path.filename());
        const PackResult result = test::load(file);
        for (const PackProblem& problem : result.problems)
            UNSCOPED_INFO(problem.pointer << ": " << problem.text.en << " / " << problem.text.ja);
        CHECK(result.problems.empty());
        REQUIRE(result.pack != nullptr);
        CHECK(result.examples_run >= 6);
    }
}

TEST_CASE("a shipped pack refuses another authority's name and a changed amount") {
    const auto files = test::pack_files();
    const auto hachioji = std::ranges::find_if(
        files, [](const test::PackFile& file) { return file.path.stem() == "132012"; });
    REQUIRE(hachioji != files.end());
    const auto tokyo = AuthorityCode::parse("130001").value();
    CHECK(read_scheme_pack(hachioji->text, tokyo, "v").pack == nullptr);
    test::PackFile dearer = *hachioji;
    const std::size_t at = dearer.text.find("\"amount_yen\": 200");
    REQUIRE(at != std::string::npos);
    dearer.text.replace(at, 17, "\"amount_yen\": 300");
    const PackResult result = test::load(dearer);
    CHECK(result.pack == nullptr);
    CHECK(result.problems.size() >= 2);
}

TEST_CASE("gateway/docs/programmes.md is what the packs say") {
    const auto path = std::filesystem::path(SHIKAKU_SOURCE_DIR) / "gateway/docs/programmes.md";
    const std::string page = test::programmes_page();
    if (std::getenv("SHIKAKU_UPDATE_DOCS") != nullptr) REQUIRE(write_file(path, page));
    const auto committed = read_file(path);
    REQUIRE(committed);
    INFO("run with SHIKAKU_UPDATE_DOCS=1 to write the page anew");
    CHECK((*committed == page));
}

}  // namespace
}  // namespace shikaku::domain
