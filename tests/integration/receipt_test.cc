// shikaku-desk receipt verify, offline: answers as a clinic keeps them, with receipts of both
// versions, whole and tampered with.
#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/audit/merkle.h"
#include "gateway/audit/opening.h"
#include "gateway/audit/receipt.h"
#include "gateway/crypto/hash.h"
#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace shikaku;
using audit::Opened;

constexpr const char* kOrigin = "shikaku.example/log";

// What content_hash covers of kAnswer.
const std::string kHashed = R"({"outcome":"eligible","subsidies":[{"scheme":"maru-ko"}]})";
const std::string kContentHash = "sha256:" + to_hex(crypto::sha256(as_bytes(kHashed)));

std::string answer_of(std::string_view answer_id) {
    return to_base64(crypto::sha256({as_bytes(answer_id), as_bytes("\n"), as_bytes(kContentHash)}));
}

// A log of one entry, and answers with its receipt.
struct Kept {
    testing::TemporaryFolder folder;
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    std::string vkey = audit::make_vkey(kOrigin, key.ed25519_public().value());
    audit::Leaf leaf{Instant(std::chrono::seconds(1'795'132'800)), audit::Kind::eligibility, {}};
    Bytes committed;

    void log(const audit::Detail& detail) {
        committed = audit::lay_out(detail).bytes;
        leaf.version = audit::kLeafInParts;
        leaf.commitment = audit::commitment_of(audit::read_parts(committed).value());
    }
    void log_version_1(std::string_view text) {
        committed.assign(32, 9);
        committed.insert(committed.end(), text.begin(), text.end());
        leaf.version = audit::kLeafWhole;
        leaf.commitment = crypto::sha256(committed);
    }
    [[nodiscard]] std::string receipt(audit::Share share) const {
        const auto root = audit::leaf_hash(audit::encode(leaf));
        return audit::format_receipt({0,
                                      audit::encode_opening(leaf, committed, share),
                                      {},
                                      audit::sign_checkpoint({kOrigin, 1, root}, key).text});
    }
    [[nodiscard]] Json answer(audit::Share share) const {
        return {{"answer_id", "01A"},
                {"outcome", "eligible"},
                {"subsidies", {{{"scheme", "maru-ko"}, {"freshness", {{"age_s", 3}}}}}},
                {"content_hash", kContentHash},
                {"evidence", {{"log", kOrigin}, {"index", 0}, {"receipt", receipt(share)}}}};
    }
    [[nodiscard]] test::Finished verify(const std::string& content) const {
        const auto file = folder.path() / "file";
        std::ofstream(file) << content;
        return test::run(
            {test::program("shikaku-desk"), "receipt", "verify", file.string(), "--vkey", vkey});
    }
    [[nodiscard]] int verified(const Json& answer) const { return verify(answer.dump()).exit_code; }
};

const audit::Detail kDetail{.rest = R"({"content_hash":"sha256:00"})",
                            .asker = R"({"answer":")" + answer_of("01A") + R"("})",
                            .authorities = {R"({"authority":"132012"})"}};

TEST_CASE("the answer on file is compared with the one that was logged") {
    Kept kept;
    kept.log(kDetail);
    for (const audit::Share share : {audit::Share{Opened::asker}, audit::Share{Opened::all}}) {
        const Json good = kept.answer(share);
        const auto proven = kept.verify(good.dump());
        INFO(proven.output);
        CHECK(proven.exit_code == 0);
        CHECK(proven.output.contains("The answer on file is the one logged"));

        Json unchanged{{"answer_id", "01A"},
                       {"unchanged", true},
                       {"content_hash", kContentHash},
                       {"evidence", good["evidence"]}};
        CHECK(kept.verified(unchanged) == 0);
        unchanged["content_hash"] = "sha256:00";
        CHECK(kept.verified(unchanged) == 1);

        const auto changed = [&](auto change) {
            Json other = good;
            change(other);
            return kept.verified(other);
        };
        CHECK(changed([](Json& a) { a["subsidies"][0]["freshness"]["age_s"] = 9; }) == 0);
        CHECK(changed([](Json& a) { a["outcome"] = "not_eligible"; }) == 1);
        CHECK(changed([](Json& a) { a["subsidies"][0]["scheme"] = "other"; }) == 1);
        CHECK(changed([](Json& a) { a["answer_id"] = "01B"; }) == 1);
        CHECK(changed([](Json& a) { a["evidence"]["index"] = 1; }) == 1);
        CHECK(changed([](Json& a) { a["evidence"].erase("index"); }) == 1);
        CHECK(changed([](Json& a) { a["evidence"]["log"] = "another.example/log"; }) == 1);
        CHECK(changed([](Json& a) { a["evidence"].erase("receipt"); }) == 2);
    }
    CHECK(kept.verify(kept.receipt({Opened::asker})).exit_code == 0);
}

TEST_CASE("a receipt that does not open what was answered proves no answer") {
    Kept kept;
    kept.log(kDetail);
    for (const audit::Share share : {audit::Share{Opened::nothing}, {Opened::authority, 0}}) {
        const auto finished = kept.verify(kept.answer(share).dump());
        INFO(finished.output);
        CHECK(finished.exit_code == 1);
        CHECK_FALSE(finished.output.contains("is the one logged"));
        CHECK(kept.verify(kept.receipt(share)).exit_code == 0);  // the entry itself is proven
    }
    kept.log({.asker = R"({"kind":"denial"})"});
    CHECK(kept.verified(kept.answer({Opened::asker})) == 1);
}

TEST_CASE("receipts of version 1 are compared as before") {
    Kept kept;
    kept.log_version_1(R"({"v":1,"kind":"eligibility","content_hash":")" + kContentHash + R"("})");
    CHECK(kept.verified(kept.answer({Opened::all})) == 0);
    CHECK(kept.verified(kept.answer({Opened::nothing})) == 1);
    Json other = kept.answer({Opened::all});
    other["outcome"] = "unknown";
    CHECK(kept.verified(other) == 1);
}

}  // namespace
