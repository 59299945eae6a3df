// What a card token says, in a token of a known issuer: the input is the payload. Signatures are
// not what is tried here, so the payload is read as if its own were right.
#include "gateway/identity/card_token.h"

#include "gateway/domain/numbers.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

constexpr Instant kNow{std::chrono::seconds(1'795'132'800)};  // 2026-11-20T00:00:00Z
constexpr Hash256 kCertificate{};

std::shared_ptr<const identity::Issuers> make_issuers() {
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    const Json keys = {{"keys", Json::array({key.public_jwk("k", crypto::Algorithm::EdDSA)})}};
    const fuzz::MemoryFile file(keys.dump());
    return identity::Issuers::load({{"https://issuer.example", file.path()}}).value();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto issuers = make_issuers();
    static const std::string head =
        to_base64url(as_bytes(R"({"alg":"EdDSA","typ":"card+jwt","kid":"k"})")) + '.';
    static const std::string signature = '.' + to_base64url(Bytes(64));
    const fuzz::Input input(data, size);
    const std::string compact = head + to_base64url(input.bytes()) + signature;
    auto unchecked =
        identity::UncheckedToken::read(compact, *issuers, "shikaku", kCertificate, kNow);
    if (!unchecked) return 0;
    fuzz::require(!unchecked->check_signature());
    const auto token = std::move(*unchecked).open();
    if (!token) return 0;
    fuzz::require(token->issuer == "https://issuer.example");
    fuzz::require(token->expires_s > 1'795'132'800 - 3600);
    if (!token->insurance) return 0;
    for (const std::string* text :
         {&token->insurance->symbol, &token->insurance->number, &token->insurance->branch})
        fuzz::require(!domain::contains_personal_number(*text));
    return 0;
}
