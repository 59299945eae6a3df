#include "gateway/crypto/key_ring.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "gateway/crypto/aead.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::crypto {
namespace {

constexpr std::array<std::string_view, 4> kBlindPurposes = {"registry", "cache", "audit", "token"};
constexpr std::string_view kSealPurpose = "seal";
constexpr std::size_t kDistinctBytesMin = 16;  // 32 random bytes hold fewer once in 10^15
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kShortOverhead = kKeyIdBytes + kShortNonceBytes + kTagBytes;
static_assert(kSealOverhead == kKeyIdBytes + kNonceBytes + kTagBytes);
constexpr std::string_view kCheckText = "shikaku key check v1";
constexpr std::size_t kCheckBytes = 16;

struct Entry {
    std::string purpose;
    std::uint32_t id = 0;
    Hash256 secret{};
    bool active = false;

    Entry() = default;
    Entry(const Entry&) = default;
    Entry& operator=(const Entry&) = default;
    ~Entry() { wipe(secret); }
};

void wipe_text(std::string& text) {
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

bool looks_random(const Hash256& secret) {
    const std::set<std::uint8_t> distinct(secret.begin(), secret.end());
    if (distinct.size() < kDistinctBytesMin) return false;
    const auto step = [&secret](std::size_t i) {
        return static_cast<std::uint8_t>(secret[i + 1] - secret[i]);
    };
    for (std::size_t i = 1; i + 1 < secret.size(); ++i) {
        if (step(i) != step(0)) return true;
    }
    return false;  // 00 01 02 03 ...
}

std::unexpected<Error> bad(std::string detail) {
    return fail(ErrorCode::bad_key, "key ring: " + std::move(detail));
}

Result<Hash256> read_secret(Json& member) {
    if (!member.is_string()) return bad("a secret is not a string");
    auto& text = member.get_ref<std::string&>();
    auto bytes = from_base64(text);
    wipe_text(text);
    Hash256 secret{};
    const bool good = bytes && bytes->size() == secret.size();
    if (good) std::ranges::copy(*bytes, secret.begin());
    if (bytes) wipe(*bytes);
    if (!good) return bad("a secret is not the base64 of 32 bytes");
    if (!looks_random(secret)) return bad("a secret is a default or a pattern, not random");
    return secret;
}

bool known_purpose(std::string_view purpose) {
    return purpose == kSealPurpose ||
           std::ranges::find(kBlindPurposes, purpose) != kBlindPurposes.end();
}

Result<Entry> read_entry(Json& json) {
    if (!json.is_object()) return bad("a key is not an object");
    Entry entry;
    bool has_secret = false;
    for (auto& [member, value] : json.items()) {
        if (member == "purpose" && value.is_string()) {
            entry.purpose = value.get<std::string>();
        } else if (member == "id" && value.is_number_unsigned() &&
                   value.get<std::uint64_t>() < kLongNonce) {
            entry.id = value.get<std::uint32_t>();
        } else if (member == "active" && value.is_boolean()) {
            entry.active = value.get<bool>();
        } else if (member == "secret") {
            SHIKAKU_TRY_LET(auto secret, read_secret(value));
            entry.secret = secret;
            wipe(secret);
            has_secret = true;
        } else {
            return bad("a member of a key is unknown or of the wrong type");
        }
    }
    if (!known_purpose(entry.purpose)) return bad("a key has no known purpose");
    if (entry.id == 0) return bad("a key has no id from 1 to 2147483647");
    if (!has_secret) return bad("a key has no secret");
    return entry;
}

Result<std::vector<Entry>> read_entries(std::string_view text) {
    auto json = parse_json(text);
    if (!json) return bad(json.error().detail);
    if (!json->is_object() || json->size() != 1 || !json->contains("keys") ||
        !(*json)["keys"].is_array()) {
        return bad("not an object with the one member keys, an array");
    }
    std::vector<Entry> entries;
    for (Json& item : (*json)["keys"]) {
        auto entry = read_entry(item);
        if (!entry) return fail(entry.error());
        for (const Entry& other : entries) {
            if (equal_constant_time(other.secret, entry->secret))
                return bad("two keys have the same secret");
            if (other.purpose == entry->purpose && other.id == entry->id)
                return bad("two keys of one purpose have the same id");
        }
        entries.push_back(*std::move(entry));
    }
    return entries;
}

}  // namespace

struct KeyRing::Impl {
    std::vector<HmacKey> blind;  // in the order of BlindPurpose
    std::map<std::string, Bytes, std::less<>> checks;
    std::map<std::uint32_t, AeadKey> seal;
    std::uint32_t active_seal = 0;

    Status fill(const std::vector<Entry>& entries) {
        for (const std::string_view purpose : kBlindPurposes) {
            const auto is_it = [purpose](const Entry& entry) { return entry.purpose == purpose; };
            const auto found = std::ranges::find_if(entries, is_it);
            if (found == entries.end() || !found->active)
                return bad("no active key for " + std::string(purpose));
            if (std::ranges::count_if(entries, is_it) > 1)
                return bad("more than one key for " + std::string(purpose));
            blind.emplace_back(found->secret);
            note_check(std::string(purpose), found->secret);
        }
        for (const Entry& entry : entries) {
            if (entry.purpose != kSealPurpose) continue;
            seal.try_emplace(entry.id, entry.secret);
            note_check(seal_name(entry.id), entry.secret);
            if (!entry.active) continue;
            if (active_seal != 0) return bad("more than one active key for seal");
            active_seal = entry.id;
        }
        if (active_seal == 0) return bad("no active key for seal");
        return {};
    }

    void note_check(std::string name, const Hash256& secret) {
        const Hash256 mac = hmac_sha256(secret, as_bytes(kCheckText));
        checks.emplace(std::move(name), Bytes(mac.begin(), mac.begin() + kCheckBytes));
    }
};

KeyRing::KeyRing() : impl_(std::make_unique<Impl>()) {}
KeyRing::~KeyRing() = default;

Result<std::unique_ptr<KeyRing>> KeyRing::load(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(auto text, read_secret_file(file));
    const auto entries = read_entries(text);
    wipe_text(text);
    if (!entries) return fail(entries.error());
    std::unique_ptr<KeyRing> ring(new KeyRing());
    SHIKAKU_TRY(ring->impl_->fill(*entries));
    return ring;
}

std::string KeyRing::generate_json() {
    Json keys = Json::array();
    const auto add = [&keys](std::string_view purpose) {
        Hash256 secret;
        random_bytes(secret);
        keys.push_back(
            {{"purpose", purpose}, {"id", 1}, {"secret", to_base64(secret)}, {"active", true}});
        wipe(secret);
    };
    for (const std::string_view purpose : kBlindPurposes)
        add(purpose);
    add(kSealPurpose);
    return Json{{"keys", std::move(keys)}}.dump(2) + "\n";
}

std::map<std::string, Bytes, std::less<>> KeyRing::check_values() const {
    return impl_->checks;
}

std::string KeyRing::name(BlindPurpose purpose) {
    return std::string(kBlindPurposes[static_cast<std::size_t>(purpose)]);
}

std::string KeyRing::seal_name(std::uint32_t id) {
    return "seal " + std::to_string(id);
}

std::optional<std::uint32_t> KeyRing::seal_id(std::string_view name) {
    constexpr std::string_view kPrefix = "seal ";
    std::uint32_t id = 0;
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    const auto read = std::from_chars(name.data(), name.data() + name.size(), id);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return std::nullopt;
    return id;
}

std::string KeyRing::active_seal_name() const {
    return seal_name(impl_->active_seal);
}

Hash256 KeyRing::blind(BlindPurpose purpose, BytesView data) const {
    return impl_->blind[static_cast<std::size_t>(purpose)].mac(data);
}

Bytes KeyRing::seal(BytesView context, BytesView plain) const {
    Bytes sealed;
    sealed.reserve(plain.size() + kSealOverhead);
    put_u32be(sealed, kLongNonce | impl_->active_seal);
    sealed.resize(plain.size() + kSealOverhead);
    impl_->seal.at(impl_->active_seal).seal(context, plain, sealed.data() + kKeyIdBytes);
    return sealed;
}

Result<Bytes> KeyRing::open(BytesView context, BytesView sealed) const {
    const auto too_short = [] { return fail(ErrorCode::corrupt, "sealed payload too short"); };
    if (sealed.size() < kKeyIdBytes) return too_short();
    const std::uint32_t front = get_u32be(sealed);
    const bool is_long = (front & kLongNonce) != 0;
    const std::size_t overhead = is_long ? kSealOverhead : kShortOverhead;
    if (sealed.size() < overhead) return too_short();
    const auto key = impl_->seal.find(front & ~kLongNonce);
    if (key == impl_->seal.end()) {
        return fail(ErrorCode::bad_key, "sealed with a key that the key ring does not hold");
    }
    Bytes plain(sealed.size() - overhead);
    const BytesView rest = sealed.subspan(kKeyIdBytes);
    const bool good = is_long ? key->second.open(context, rest, plain.data())
                              : key->second.open_short(context, rest, plain.data());
    if (!good) return fail(ErrorCode::corrupt, "sealed payload is not authentic");
    return plain;
}

}  // namespace shikaku::crypto
