// The example of gateway/docs/audit-format.md is what the code makes and accepts.
#include <catch2/catch.hpp>

#include "gateway/audit/merkle.h"
#include "gateway/audit/receipt.h"
#include "gateway/support/file.h"

using namespace shikaku;
using namespace shikaku::audit;

namespace {

// The content of the fenced block with that label.
std::string block(const std::string& page, const std::string& label) {
    const auto fence = "```" + label + "\n";
    const auto begin = page.find(fence);
    REQUIRE(begin != std::string::npos);
    const auto content = begin + fence.size();
    return page.substr(content, page.find("```", content) - content);
}

std::string line(const std::string& page, const std::string& label) {
    auto text = block(page, label);
    REQUIRE(text.ends_with('\n'));
    text.pop_back();
    return text;
}

}  // namespace

TEST_CASE("the worked example of the format page holds, byte for byte") {
    const auto read = read_file(std::string(SHIKAKU_SOURCE_DIR) + "/gateway/docs/audit-format.md");
    REQUIRE(read);
    const std::string& page = *read;
    const auto salt = from_hex(line(page, "salt"));
    REQUIRE(salt);
    const auto detail = line(page, "detail");
    const auto made = commitment(*salt, detail);
    CHECK(to_hex(made) == line(page, "commitment"));
    const Leaf leaf{Instant(std::chrono::milliseconds(1'795'132'800'123)), Kind::denial, made};
    CHECK(to_hex(encode(leaf)) == line(page, "leaf"));
    CHECK(to_hex(leaf_hash(encode(leaf))) == line(page, "leaf-hash"));

    const auto verified = verify_receipt(block(page, "receipt"), line(page, "vkey"));
    REQUIRE(verified);
    CHECK(verified->entry.index == 1);
    CHECK(verified->entry.detail == detail);
    CHECK(verified->entry.leaf.time == leaf.time);
    CHECK(verified->entry.leaf.kind == leaf.kind);
    CHECK(Bytes(verified->entry.salt.begin(), verified->entry.salt.end()) == *salt);
    CHECK(verified->checkpoint.size == 3);
    CHECK(page.contains(to_hex(verified->checkpoint.root).substr(0, 8)));
}
