#include "gateway/crypto/key_ring.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "gateway/support/json.h"
#include "tests/unit/gateway/crypto/test_file.h"

namespace shikaku::crypto {
namespace {

std::unique_ptr<KeyRing> load(const testing::TemporaryFolder& folder, const std::string& content) {
    auto ring = KeyRing::load(testing::test_file(folder, "keyring.json", content));
    REQUIRE(ring);
    return *std::move(ring);
}

Json fresh() {
    return *parse_json(KeyRing::generate_json());
}

std::string other_secret() {
    Hash256 secret;
    random_bytes(secret);
    return to_base64(secret);
}

TEST_CASE("a generated key ring loads and blinds differently for each purpose") {
    const testing::TemporaryFolder folder;
    const std::string content = KeyRing::generate_json();
    const auto ring = load(folder, content);
    const auto same = load(folder, content);
    std::set<Hash256> blinds;
    for (const auto purpose :
         {BlindPurpose::registry, BlindPurpose::cache, BlindPurpose::audit, BlindPurpose::token}) {
        const Hash256 blind = ring->blind(purpose, as_bytes("subject"));
        CHECK(blind == same->blind(purpose, as_bytes("subject")));
        CHECK(blind != ring->blind(purpose, as_bytes("subject2")));
        blinds.insert(blind);
    }
    CHECK(blinds.size() == 4);
}

TEST_CASE("blind keys are HMAC-SHA256 under the secret of the purpose") {
    const testing::TemporaryFolder folder;
    const Json json = fresh();
    const auto ring = load(folder, json.dump());
    for (const Json& key : json["keys"]) {
        if (key["purpose"] != "audit") continue;
        const Bytes secret = *from_base64(key["secret"].get<std::string>());
        CHECK(ring->blind(BlindPurpose::audit, as_bytes("x")) ==
              hmac_sha256(secret, as_bytes("x")));
    }
}

TEST_CASE("check values name a key without telling it, and change with it alone") {
    const testing::TemporaryFolder folder;
    Json json = fresh();
    const auto checks = load(folder, json.dump())->check_values();
    REQUIRE(checks.size() == 5);
    std::set<Bytes> values;
    for (const Json& key : json["keys"]) {
        const std::string purpose = key["purpose"];
        const auto found = checks.find(purpose == "seal" ? "seal 1" : purpose);
        REQUIRE(found != checks.end());
        CHECK(found->second.size() == 16);
        const Bytes secret = *from_base64(key["secret"].get<std::string>());
        CHECK(found->second != Bytes(secret.begin(), secret.begin() + 16));
        values.insert(found->second);
    }
    CHECK(values.size() == 5);
    CHECK(load(folder, json.dump())->check_values() == checks);
    json["keys"][2]["secret"] = other_secret();
    auto changed = load(folder, json.dump())->check_values();
    CHECK(changed["audit"] != checks.at("audit"));
    changed["audit"] = checks.at("audit");
    CHECK(changed == checks);
}

TEST_CASE("names of seal keys are read back as written, and nothing else is") {
    CHECK(KeyRing::seal_id(KeyRing::seal_name(2'147'483'647)) == 2'147'483'647);
    for (const std::string name : {"", "seal", "seal ", "seal x", "seal 1x", "audit", "seal -1"})
        CHECK_FALSE(KeyRing::seal_id(name));
}

TEST_CASE("sealed payloads open again, whatever their size, and never look alike") {
    const testing::TemporaryFolder folder;
    const auto ring = load(folder, KeyRing::generate_json());
    for (const std::size_t size : {0, 1, 15, 16, 17, 600, 100'000}) {
        const Bytes plain(size, 0x5a);
        const Bytes sealed = ring->seal(as_bytes("row 1"), plain);
        CHECK(sealed.size() == size + kSealOverhead);
        CHECK(sealed != ring->seal(as_bytes("row 1"), plain));
        const auto opened = ring->open(as_bytes("row 1"), sealed);
        REQUIRE(opened);
        CHECK(*opened == plain);
    }
    const Bytes sealed = ring->seal({}, as_bytes("no context"));
    CHECK(ring->open({}, sealed));
}

TEST_CASE("nonces do not repeat, within a thread or between threads") {
    const testing::TemporaryFolder folder;
    const auto ring = load(folder, KeyRing::generate_json());
    std::vector<std::vector<std::string>> per_thread(3);
    {
        std::vector<std::jthread> threads;
        for (auto& nonces : per_thread) {
            threads.emplace_back([&ring, &nonces] {
                for (int i = 0; i < 300; ++i) {
                    const Bytes sealed = ring->seal({}, {});
                    nonces.emplace_back(as_text(BytesView(sealed).subspan(4, 24)));
                }
            });
        }
    }
    std::set<std::string> all;
    for (const auto& nonces : per_thread)
        all.insert(nonces.begin(), nonces.end());
    CHECK(all.size() == 900);
}

struct Tamper {
    const char* what;
    std::function<void(Bytes&)> change;
    ErrorCode code;
};

TEST_CASE("a tampered payload is told from one of an unknown key") {
    const testing::TemporaryFolder folder;
    const auto ring = load(folder, KeyRing::generate_json());
    const std::vector<Tamper> table = {
        {"key id", [](Bytes& b) { b[3] = 9; }, ErrorCode::bad_key},
        {"key id zero", [](Bytes& b) { b[3] = 0; }, ErrorCode::bad_key},
        {"nonce", [](Bytes& b) { b[4] ^= 1; }, ErrorCode::corrupt},
        {"the half nonce that names a key", [](Bytes& b) { b[15] ^= 0x80; }, ErrorCode::corrupt},
        {"last nonce byte", [](Bytes& b) { b[27] ^= 0x80; }, ErrorCode::corrupt},
        {"the form", [](Bytes& b) { b[0] = 0; }, ErrorCode::corrupt},
        {"first byte of the text", [](Bytes& b) { b[28] ^= 1; }, ErrorCode::corrupt},
        {"first byte of the tag", [](Bytes& b) { b[b.size() - 16] ^= 1; }, ErrorCode::corrupt},
        {"last byte of the tag", [](Bytes& b) { b.back() ^= 1; }, ErrorCode::corrupt},
        {"a byte less", [](Bytes& b) { b.pop_back(); }, ErrorCode::corrupt},
        {"a byte more", [](Bytes& b) { b.push_back(0); }, ErrorCode::corrupt},
        {"text cut out", [](Bytes& b) { b.erase(b.begin() + 28, b.begin() + 30); },
         ErrorCode::corrupt},
        {"only the overhead", [](Bytes& b) { b.resize(kSealOverhead); }, ErrorCode::corrupt},
        {"less than the overhead", [](Bytes& b) { b.resize(kSealOverhead - 1); },
         ErrorCode::corrupt},
        {"nothing", [](Bytes& b) { b.clear(); }, ErrorCode::corrupt},
    };
    const Bytes good = ring->seal(as_bytes("row 1"), as_bytes("payload"));
    for (const Tamper& row : table) {
        INFO(row.what);
        Bytes bad = good;
        row.change(bad);
        const auto opened = ring->open(as_bytes("row 1"), bad);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == row.code);
        CHECK(ring->open(as_bytes("row 1"), good));  // the refusal left nothing behind
    }
    CHECK(ring->open(as_bytes("row 2"), good).error().code == ErrorCode::corrupt);
    CHECK(ring->open({}, good).error().code == ErrorCode::corrupt);
}

// Written down once, so that data of before stays readable for good.
TEST_CASE("payloads with a nonce of 12 bytes, as they were before, still open") {
    const testing::TemporaryFolder folder;
    Json json = fresh();
    json["keys"].back()["secret"] =
        to_base64(*from_hex("05193b6ba9f54fb72db143e3914d17efd5c9cbdbf9255fa7fd61d353e17d27df"));
    const auto ring = load(folder, json.dump());
    Bytes sealed =
        *from_hex("00000001a0a1a2a3a4a5a6a7a8a9aaab80ebfa2c0ba3759cdf8b133ecd44894c7a37eec1d4cd53");
    const auto opened = ring->open(as_bytes("row 1"), sealed);
    REQUIRE(opened);
    CHECK(as_text(*opened) == "payload");
    CHECK(ring->open(as_bytes("row 2"), sealed).error().code == ErrorCode::corrupt);
    CHECK(ring->open(as_bytes("row 1"), BytesView(sealed).first(31)).error().code ==
          ErrorCode::corrupt);
    sealed[0] = 0x80;
    CHECK(ring->open(as_bytes("row 1"), sealed).error().code == ErrorCode::corrupt);
}

TEST_CASE("another ring with the same key id does not open a payload") {
    const testing::TemporaryFolder folder;
    const auto ring = load(folder, KeyRing::generate_json());
    const auto other = load(folder, KeyRing::generate_json());
    const Bytes sealed = ring->seal({}, as_bytes("payload"));
    CHECK(other->open({}, sealed).error().code == ErrorCode::corrupt);
    CHECK(ring->open({}, sealed));
}

TEST_CASE("after rotation the new key seals and the old one still opens") {
    const testing::TemporaryFolder folder;
    Json json = fresh();
    const auto before = load(folder, json.dump());
    const Bytes old_payload = before->seal({}, as_bytes("old"));
    json["keys"].back()["active"] = false;
    json["keys"].push_back(
        {{"purpose", "seal"}, {"id", 2}, {"secret", other_secret()}, {"active", true}});
    const auto after = load(folder, json.dump());
    CHECK(after->open({}, old_payload));
    const Bytes new_payload = after->seal({}, as_bytes("new"));
    CHECK(get_u32be(new_payload) == (kLongNonce | 2));
    CHECK(after->open({}, new_payload));
    CHECK(before->open({}, new_payload).error().code == ErrorCode::bad_key);
}

struct BadRing {
    const char* what;
    std::function<void(Json&)> change;
};

TEST_CASE("a bad key ring is refused") {
    const auto secret_of = [](Bytes bytes) { return to_base64(bytes); };
    Bytes pattern(32);
    for (std::size_t i = 0; i < pattern.size(); ++i)
        pattern[i] = static_cast<std::uint8_t>(i * 3);
    const std::vector<BadRing> table = {
        {"not an object", [](Json& r) { r = Json::array(); }},
        {"no keys", [](Json& r) { r = Json::object(); }},
        {"keys not an array", [](Json& r) { r["keys"] = 1; }},
        {"no key at all", [](Json& r) { r["keys"] = Json::array(); }},
        {"member beside keys", [](Json& r) { r["version"] = 1; }},
        {"a key that is no object", [](Json& r) { r["keys"].push_back(1); }},
        {"missing purpose", [](Json& r) { r["keys"].erase(0); }},
        {"missing seal", [](Json& r) { r["keys"].erase(4); }},
        {"unknown purpose", [](Json& r) { r["keys"][0]["purpose"] = "other"; }},
        {"purpose not a string", [](Json& r) { r["keys"][0]["purpose"] = 1; }},
        {"no purpose", [](Json& r) { r["keys"][0].erase("purpose"); }},
        {"unknown member", [](Json& r) { r["keys"][0]["comment"] = "x"; }},
        {"id zero", [](Json& r) { r["keys"][0]["id"] = 0; }},
        {"id negative", [](Json& r) { r["keys"][0]["id"] = -1; }},
        {"id too large", [](Json& r) { r["keys"][0]["id"] = 2147483648; }},
        {"id a string", [](Json& r) { r["keys"][0]["id"] = "1"; }},
        {"no secret", [](Json& r) { r["keys"][0].erase("secret"); }},
        {"secret not a string", [](Json& r) { r["keys"][0]["secret"] = 1; }},
        {"secret not base64", [](Json& r) { r["keys"][0]["secret"] = "!"; }},
        {"secret of 31 bytes", [&](Json& r) { r["keys"][0]["secret"] = secret_of(Bytes(31, 7)); }},
        {"secret of zeros", [&](Json& r) { r["keys"][0]["secret"] = secret_of(Bytes(32)); }},
        {"secret of one byte",
         [&](Json& r) { r["keys"][0]["secret"] = secret_of(Bytes(32, 0x41)); }},
        {"secret of a pattern", [&](Json& r) { r["keys"][0]["secret"] = secret_of(pattern); }},
        {"secret that is a word",
         [&](Json& r) {
             const std::string word = "changeme-changeme-changeme-chang";
             r["keys"][0]["secret"] = to_base64(as_bytes(word));
         }},
        {"equal secrets", [](Json& r) { r["keys"][0]["secret"] = r["keys"][1]["secret"]; }},
        {"inactive purpose", [](Json& r) { r["keys"][0]["active"] = false; }},
        {"active not a boolean", [](Json& r) { r["keys"][0]["active"] = 1; }},
        {"no active seal key", [](Json& r) { r["keys"][4]["active"] = false; }},
        {"two active seal keys",
         [](Json& r) {
             r["keys"].push_back(
                 {{"purpose", "seal"}, {"id", 2}, {"secret", other_secret()}, {"active", true}});
         }},
        {"two seal keys of one id",
         [](Json& r) {
             r["keys"].push_back({{"purpose", "seal"}, {"id", 1}, {"secret", other_secret()}});
         }},
        {"two keys of a blind purpose",
         [](Json& r) {
             r["keys"].push_back({{"purpose", "audit"}, {"id", 2}, {"secret", other_secret()}});
         }},
    };
    const testing::TemporaryFolder folder;
    for (const BadRing& row : table) {
        INFO(row.what);
        Json json = fresh();
        row.change(json);
        const auto ring = KeyRing::load(testing::test_file(folder, "keyring.json", json.dump()));
        REQUIRE_FALSE(ring);
        CHECK(ring.error().code == ErrorCode::bad_key);
    }
}

TEST_CASE("a key ring that others may read, or that is not JSON, or not there, is refused") {
    const testing::TemporaryFolder folder;
    const std::string good = KeyRing::generate_json();
    for (const unsigned mode : {0640U, 0604U, 0644U, 0660U, 0666U}) {
        const auto ring = KeyRing::load(testing::test_file(folder, "keyring.json", good, mode));
        REQUIRE_FALSE(ring);
        CHECK(ring.error().code == ErrorCode::bad_key);
    }
    CHECK(KeyRing::load(testing::test_file(folder, "keyring.json", good, 0400)));
    CHECK(KeyRing::load(testing::test_file(folder, "keyring.json", "{")).error().code ==
          ErrorCode::bad_key);
    CHECK(KeyRing::load(folder.path() / "absent").error().code == ErrorCode::io_failed);
}

}  // namespace
}  // namespace shikaku::crypto
