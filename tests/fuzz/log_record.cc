// The records of log.entries, as a start finds them: whatever lies in the file, a record is read
// within its own bytes, and written again it is the same but for its MAC.
#include "gateway/storage/sqlite/entry_record.h"

#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

storage::RecordMac mac_of(std::initializer_list<BytesView> parts) {
    storage::RecordMac mac{};
    for (const BytesView part : parts)
        mac[0] = static_cast<std::uint8_t>(mac[0] + part.size());
    return mac;
}

bool same(BytesView a, BytesView b) {
    return std::ranges::equal(a, b);
}

void check(BytesView bytes) {
    const auto head = storage::read_record(bytes);
    if (!head) return;
    fuzz::require(storage::read_head(bytes).has_value() && head->bytes <= bytes.size());
    const storage::LogRow row = head->row(bytes);
    fuzz::require(head->head_bytes + row.leaf.size() + row.token.size() + row.sealed.size() ==
                  head->bytes);
    (void)storage::authentic(*head, bytes.first(head->bytes), {}, mac_of);

    storage::Chain chain;
    Bytes again;
    storage::put_record(again, row, head->group, chain, mac_of);
    const auto read = storage::read_record(again);
    fuzz::require(read.has_value() && storage::authentic(*read, again, {}, mac_of));
    const storage::LogRow same_row = read->row(again);
    fuzz::require(same_row.index == row.index && same(same_row.leaf, row.leaf) &&
                  same(same_row.token, row.token) && same(same_row.sealed, row.sealed));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    BytesView bytes = fuzz::Input(data, size).bytes();
    check(bytes);
    while (!bytes.empty()) {
        const std::size_t at = storage::find_magic(bytes);
        fuzz::require(at <= bytes.size());
        if (at == bytes.size()) break;
        check(bytes.subspan(at));
        bytes = bytes.subspan(at + 1);
    }
    return 0;
}
