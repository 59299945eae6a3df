#include <algorithm>
#include <utility>

#include "gateway/audit/log_impl.h"
#include "gateway/audit/opening.h"

namespace shikaku::audit {

namespace {

std::unexpected<Error> beyond() {
    return fail(ErrorCode::not_found, "beyond the latest checkpoint");
}

// How wide tile `n` is, at most, among `count` nodes of its level.
std::size_t width_available(std::uint64_t count, std::uint64_t n) {
    const std::uint64_t begin = n * kTileWidth;
    if (n > count / kTileWidth || begin >= count) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(count - begin, kTileWidth));
}

bool is_width(int width) {
    return width >= 1 && width <= static_cast<int>(kTileWidth);
}

TokenUse decode_token(BytesView bytes) {
    TokenUse token;
    std::ranges::copy(storage::token_key(bytes), token.key.begin());
    token.expires_s = storage::token_expires_s(bytes);
    std::ranges::copy(storage::token_request(bytes), token.request.begin());
    return token;
}

Result<std::vector<Hash256>> prove(storage::LogStorage& storage, TileCache& cache,
                                   const TileTree& tree, std::uint64_t index) {
    return inclusion_proof(index, tree.size(), [&](Node wanted) -> Result<Hash256> {
        if (const auto recent = tree.node(wanted)) return *recent;
        return cache.node(storage, wanted);
    });
}

struct Stored {
    Leaf leaf;
    std::optional<OpenedDetail> opened;  // nullopt: erased
};
Result<Stored> read_stored(storage::LogStorage& storage, const crypto::KeyRing& keys,
                           std::uint64_t index) {
    SHIKAKU_TRY_LET(const auto bytes, blocking(storage.leaf(index)));
    SHIKAKU_TRY_LET(const auto leaf, decode_leaf(bytes));
    SHIKAKU_TRY_LET(const auto sealed, blocking(storage.detail(index)));
    if (!sealed) return Stored{.leaf = leaf, .opened = {}};
    SHIKAKU_TRY_LET(auto opened, open_detail(keys, leaf, *sealed));
    return Stored{.leaf = leaf, .opened = std::move(opened)};
}

}  // namespace

Result<Hash256> TileCache::node(storage::LogStorage& storage, Node wanted) {
    const int level = wanted.height / kTileHeight;
    const int inside = wanted.height % kTileHeight;
    const std::uint64_t n = wanted.index >> (kTileHeight - inside);
    const auto within =
        static_cast<std::size_t>(wanted.index & ((std::uint64_t{1} << (kTileHeight - inside)) - 1));
    {
        const Lock lock(mutex_);
        const Cached& cached = tiles_[static_cast<std::size_t>(level)];
        if (cached.n == n && cached.nodes.width() > 0) return *cached.nodes.node(inside, within);
    }
    SHIKAKU_TRY_LET(const auto bytes, blocking(storage.tile(level, n)));
    SHIKAKU_TRY_LET(const auto hashes, parse_tile(bytes, kTileWidth));
    TileNodes nodes(hashes);
    const Hash256 found = *nodes.node(inside, within);
    const Lock lock(mutex_);
    tiles_[static_cast<std::size_t>(level)] = {.n = n, .nodes = std::move(nodes)};
    return found;
}

Result<Bytes> Log::tile(int level, std::uint64_t n, int width) const {
    const auto latest = impl_->writer->latest();
    if (level < 0 || level >= kTileLevels || !is_width(width)) return beyond();
    const auto available = width_available(nodes_at_level(latest->size(), level), n);
    const auto wanted = static_cast<std::size_t>(width);
    if (wanted > available) return beyond();
    if (available < kTileWidth) {
        const auto bytes = tile_bytes(latest->tree.partial(level).first(wanted));
        return Bytes(bytes.begin(), bytes.end());
    }
    auto bytes = blocking(impl_->writer->storage().tile(level, n));
    if (!bytes && bytes.error().code == ErrorCode::not_found)
        return fail(ErrorCode::corrupt, "log.db lacks tile " + std::to_string(n) + " of level " +
                                            std::to_string(level) +
                                            ", which its last checkpoint covers");
    if (bytes) bytes->resize(std::min(bytes->size(), wanted * sizeof(Hash256)));
    return bytes;
}

Result<Bytes> Log::entry_bundle(std::uint64_t n, int width) const {
    const auto latest = impl_->writer->latest();
    if (!is_width(width) || static_cast<std::size_t>(width) > width_available(latest->size(), n))
        return beyond();
    Bytes bundle;
    const std::uint64_t begin = n * kTileWidth;
    const auto end = begin + static_cast<std::uint64_t>(width);
    std::uint64_t next = begin;
    const auto missing = [&next] {
        return fail(ErrorCode::corrupt, "log.db lacks entry " + std::to_string(next) +
                                            ", which its last checkpoint covers");
    };
    SHIKAKU_TRY(impl_->writer->storage().visit_leaves(
        begin, end, [&](std::uint64_t index, BytesView leaf) -> Status {
            if (index != next) return missing();
            ++next;
            put_u16be(bundle, static_cast<std::uint16_t>(leaf.size()));
            bundle.insert(bundle.end(), leaf.begin(), leaf.end());
            return {};
        }));
    if (next != end) return missing();
    return bundle;
}

Result<std::string> Log::proof(std::uint64_t index) const {
    const auto latest = impl_->writer->latest();
    if (index >= latest->size()) return beyond();
    SHIKAKU_TRY_LET(auto proof, prove(impl_->writer->storage(), impl_->cache, latest->tree, index));
    return format_receipt({index, {}, std::move(proof), latest->checkpoint.text});
}

Result<std::string> Log::receipt(std::uint64_t index, Share share) const {
    const auto latest = impl_->writer->latest();
    if (index >= latest->size()) return beyond();
    SHIKAKU_TRY_LET(auto proof, prove(impl_->writer->storage(), impl_->cache, latest->tree, index));
    SHIKAKU_TRY_LET(const auto stored, read_stored(impl_->writer->storage(), impl_->keys, index));
    if (!stored.opened) share.opened = Opened::nothing;
    const BytesView committed = stored.opened ? BytesView(stored.opened->committed) : BytesView();
    return format_receipt({index, encode_opening(stored.leaf, committed, share), std::move(proof),
                           latest->checkpoint.text});
}

Result<OpenedEntry> Log::open_entry(std::uint64_t index) const {
    if (index >= impl_->writer->latest()->size()) return beyond();
    SHIKAKU_TRY_LET(auto stored, read_stored(impl_->writer->storage(), impl_->keys, index));
    OpenedEntry entry{.index = index, .leaf = stored.leaf, .opened = Opened::nothing, .detail = {}};
    if (!stored.opened) return entry;
    entry.opened = Opened::all;
    entry.detail = std::move(stored.opened->detail);
    return entry;
}

Status Log::visit_changes(std::uint64_t begin, const ChangeVisitor& visit) const {
    return impl_->writer->storage().visit_changes(
        begin, impl_->writer->latest()->size(),
        [&](std::uint64_t index, BytesView bytes) -> Status {
            SHIKAKU_TRY_LET(const auto leaf, decode_leaf(bytes));
            return visit(index, leaf.kind);
        });
}

Result<std::optional<Instant>> Log::last_entry_time() const {
    const std::uint64_t size = impl_->writer->latest()->size();
    if (size == 0) return std::nullopt;
    return time_of_entry(impl_->writer->storage(), size - 1);
}

Status Log::visit_tokens_since(Instant since, const TokenVisitor& visit) const {
    auto& storage = impl_->writer->storage();
    const std::uint64_t end = impl_->writer->latest()->size();
    SHIKAKU_TRY_LET(const auto begin, first_entry_since(storage, end, since));
    return storage.visit_tokens(
        begin, end, [&](std::uint64_t index, BytesView leaf_bytes, BytesView token) -> Status {
            SHIKAKU_TRY_LET(const auto leaf, decode_leaf(leaf_bytes));
            if (token.size() != storage::kTokenBytes)
                return fail(ErrorCode::corrupt, "a token of the wrong size");
            visit(index, leaf.time, decode_token(token));
            return {};
        });
}

}  // namespace shikaku::audit
