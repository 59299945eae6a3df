#include "gateway/registry/row_keys.h"

#include <array>

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
    person_of_kind = 7,  // of every kind but the first
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

// person || set (u32be) || history
using Context = std::array<std::uint8_t, 36>;
Context context_of(const RowKeys::RowId& row) {
    Context context{};
    auto* out = std::copy(row.person.begin(), row.person.end(), context.data());
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        *out++ = static_cast<std::uint8_t>(row.set >> shift);
    std::copy(row.history.begin(), row.history.end(), out);
    return context;
}

}  // namespace

storage::Key16 RowKeys::person(RecordType records, const Hash256& link_key) const {
    const bool first = records == RecordType::subsidies;
    Bytes data = labelled(first ? Label::person : Label::person_of_kind, link_key.size() + 1);
    if (!first) data.push_back(static_cast<std::uint8_t>(records));
    append(data, link_key);
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

storage::Key16 RowKeys::history(storage::AuthorityNumber set, std::string_view history_key) const {
    Bytes data = labelled(Label::history, history_key.size());
    put_u32be(data, set);
    append(data, as_bytes(history_key));
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

storage::Key16 RowKeys::unread(storage::AuthorityNumber set, const storage::Key16& person,
                               std::int64_t line) const {
    Bytes data = labelled(Label::unread, person.size() + 12);
    put_u32be(data, set);
    append(data, person);
    put_u64be(data, static_cast<std::uint64_t>(line));
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

storage::Key16 RowKeys::content(const storage::Key16& person, BytesView record) const {
    Bytes data = labelled(Label::content, person.size() + record.size());
    append(data, person);
    append(data, record);
    return storage::key16(ring_.blind(crypto::BlindPurpose::registry, data));
}

std::string RowKeys::idempotency(storage::AuthorityNumber set, std::string_view key) const {
    Bytes data = labelled(Label::idempotency, key.size());
    put_u32be(data, set);
    append(data, as_bytes(key));
    return to_base64url(ring_.blind(crypto::BlindPurpose::registry, data));
}

Hash256 RowKeys::body(const Hash256& sha256) const {
    Bytes data = labelled(Label::body, sha256.size());
    append(data, sha256);
    return ring_.blind(crypto::BlindPurpose::registry, data);
}

Bytes RowKeys::seal(const RowId& row, BytesView record) const {
    return ring_.seal(context_of(row), record);
}

Result<Bytes> RowKeys::open(const RowId& row, BytesView sealed) const {
    return ring_.open(context_of(row), sealed);
}

}  // namespace shikaku::registry
