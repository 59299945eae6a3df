#include "gateway/registry/row_keys.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <charconv>

namespace shikaku::registry {
namespace {

// On disk, inside what is hashed: never renumber.
enum class Label : std::uint8_t {
    person = 1,
    history = 2,
    content = 3,
    idempotency = 4,
    body = 5,
    unread = 6,
};

void append(Bytes& out, BytesView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

Bytes labelled(Label label, std::size_t size) {
    Bytes out;
    out.reserve(size + 8);
    out.push_back(static_cast<std::uint8_t>(label));
    return out;
}

// person || authority (u32be) || history
using Context = std::array<std::uint8_t, 36>;
Context context_of(const RowKeys::RowId& row) {
    Context context{};
    auto* out = std::copy(row.person.begin(), row.person.end(), context.data());
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        *out++ = static_cast<std::uint8_t>(row.authority >> shift);
    std::copy(row.history.begin(), row.history.end(), out);
    return context;
}

}  // namespace

storage::AuthorityNumber number_of(domain::AuthorityCode authority) {
    storage::AuthorityNumber number = 0;
    const std::string_view text = authority.text();
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

domain::AuthorityCode code_of(storage::AuthorityNumber number) {
    const auto code = domain::AuthorityCode::parse(fmt::format("{:06}", number));
    assert(code && "only numbers of codes are stored");
    return *code;
}

storage::Key16 RowKeys::person(const Hash256& link_key) const {
    Bytes data = labelled(Label::person, link_key.size());
    append(data, link_key);
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

storage::Key16 RowKeys::history(storage::AuthorityNumber authority,
                                std::string_view history_key) const {
    Bytes data = labelled(Label::history, history_key.size());
    put_u32be(data, authority);
    append(data, as_bytes(history_key));
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

storage::Key16 RowKeys::unread(storage::AuthorityNumber authority, const storage::Key16& person,
                               std::int64_t line) const {
    Bytes data = labelled(Label::unread, person.size() + 12);
    put_u32be(data, authority);
    append(data, person);
    put_u64be(data, static_cast<std::uint64_t>(line));
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

storage::Key16 RowKeys::content(const storage::Key16& person, BytesView entitlement) const {
    Bytes data = labelled(Label::content, person.size() + entitlement.size());
    append(data, person);
    append(data, entitlement);
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

std::string RowKeys::idempotency(storage::AuthorityNumber authority, std::string_view key) const {
    Bytes data = labelled(Label::idempotency, key.size());
    put_u32be(data, authority);
    append(data, as_bytes(key));
    return to_base64url(ring_.blind(crypto::BlindPurpose::registry, data));
}

Hash256 RowKeys::body(const Hash256& sha256) const {
    Bytes data = labelled(Label::body, sha256.size());
    append(data, sha256);
    return ring_.blind(crypto::BlindPurpose::registry, data);
}

Bytes RowKeys::seal(const RowId& row, BytesView entitlement) const {
    return ring_.seal(context_of(row), entitlement);
}

Result<domain::Entitlement> RowKeys::open(const RowId& row, BytesView sealed) const {
    SHIKAKU_TRY_LET(auto plain, ring_.open(context_of(row), sealed));
    return domain::decode_entitlement(plain);
}

}  // namespace shikaku::registry
