#include "gateway/identity/linkage.h"

#include <algorithm>

#include "gateway/domain/numbers.h"
#include "gateway/support/file.h"

namespace shikaku::identity {

Result<LinkageSecret> LinkageSecret::load(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(auto text, read_secret_file(file));
    std::string_view line = text;
    if (line.ends_with('\n')) line.remove_suffix(1);
    auto bytes = from_base64(line);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    Hash256 secret{};
    if (!bytes || bytes->size() != secret.size()) {
        return fail(ErrorCode::bad_key, file.string() + " is not the base64 of 32 bytes");
    }
    std::ranges::copy(*bytes, secret.begin());
    LinkageSecret linkage(secret);
    crypto::wipe(*bytes);
    crypto::wipe(secret);
    return linkage;
}

Result<Hash256> LinkageSecret::link_key(std::string_view personal_number) const {
    constexpr std::size_t kDigits = 12;
    if (personal_number.size() != kDigits || !domain::is_personal_number(personal_number)) {
        return fail(ErrorCode::invalid_field, "not a personal number");
    }
    return key_.mac(as_bytes(personal_number));
}

domain::LinkageCheck LinkageSecret::check_value() const {
    constexpr std::size_t kBytes = 8;
    const Hash256 mac = key_.mac(as_bytes("shikaku linkage check v1"));
    std::string text;
    for (std::size_t i = 0; i < kBytes; ++i) {
        text += static_cast<char>('a' + (mac[i] >> 4U));
        text += static_cast<char>('a' + (mac[i] & 15U));
    }
    return *domain::LinkageCheck::parse(text);
}

}  // namespace shikaku::identity
