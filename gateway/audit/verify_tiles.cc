#include <algorithm>
#include <utility>

#include "gateway/audit/tile_path.h"
#include "gateway/audit/tree_verifier.h"
#include "gateway/support/file.h"

namespace shikaku::audit {

namespace {

// A partial resource may have been replaced by the full one, which begins with it.
Result<Bytes> fetch_tile(const FetchResource& fetch, TilePath path) {
    auto bytes = fetch(to_string(path));
    if (bytes || bytes.error().code != ErrorCode::not_found ||
        path.width == static_cast<int>(kTileWidth))
        return bytes;
    path.width = kTileWidth;
    return fetch(to_string(path));
}

VerifyStatus add_bundle(TreeVerifier& tree, BytesView bundle, std::uint64_t end) {
    while (tree.size() < end) {
        const std::uint64_t index = tree.size();
        if (bundle.size() < 2 || bundle.size() - 2 < get_u16be(bundle))
            return not_as_signed("an entry bundle ends too early", index);
        const auto length = get_u16be(bundle);
        SHIKAKU_TRY(tree.add(bundle.subspan(2, length)));
        bundle = bundle.subspan(std::size_t{2} + length);
    }
    if (!bundle.empty() && end % kTileWidth == 0)
        return not_as_signed("an entry bundle is too long", end);
    return {};
}

}  // namespace

FetchResource fetch_from_folder(std::filesystem::path folder) {
    return [folder = std::move(folder)](const std::string& name) -> Result<Bytes> {
        const auto file = folder / name;
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(file, ignored))
            return fail(ErrorCode::not_found, file.string() + " is not there");
        SHIKAKU_TRY_LET(const auto text, read_file(file));
        const auto bytes = as_bytes(text);
        return Bytes(bytes.begin(), bytes.end());
    };
}

VerifyResult verify_tiles(const FetchResource& fetch, std::string_view vkey,
                          const VerifyProgress& progress, std::span<const KeptCheckpoint> kept) {
    const auto note = fetch("checkpoint");
    if (!note) return verify_failed(note.error());
    auto checkpoint = verify_checkpoint(as_text(*note), vkey);
    if (!checkpoint) return verify_failed(std::move(checkpoint.error()));
    TreeVerifier tree(
        [&fetch](int level, std::uint64_t n, std::size_t width) {
            auto bytes = fetch_tile(fetch, {false, level, n, static_cast<int>(width)});
            if (bytes && width < kTileWidth && bytes->size() == kTileWidth * sizeof(Hash256))
                bytes->resize(width * sizeof(Hash256));
            return bytes;
        },
        kept);
    for (std::uint64_t n = 0; tree.size() < checkpoint->size; ++n) {
        const std::uint64_t end = std::min(checkpoint->size, (n + 1) * kTileWidth);
        const auto width = static_cast<int>(end - tree.size());
        const auto bundle = fetch_tile(fetch, {true, 0, n, width});
        if (!bundle && bundle.error().code == ErrorCode::not_found)
            return not_as_signed("entry bundle " + std::to_string(n) + " is missing", tree.size());
        if (!bundle) return verify_failed(bundle.error(), tree.size());
        SHIKAKU_TRY(add_bundle(tree, *bundle, end));
        progress(tree.size(), checkpoint->size);
    }
    auto done = tree.compare_partial_tiles();
    if (done) done = tree.expect(*checkpoint);
    if (done) done = tree.end();
    if (!done) return std::unexpected(std::move(done.error()));
    return Verification{
        .checkpoint = std::move(*checkpoint), .checkpoints = 1, .kept = kept.size()};
}

}  // namespace shikaku::audit
