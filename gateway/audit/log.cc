#include "gateway/audit/log.h"

#include <algorithm>
#include <future>
#include <utility>

#include "gateway/audit/log_impl.h"
#include "gateway/audit/opening.h"
#include "gateway/support/bounds.h"

namespace shikaku::audit {

namespace {

storage::TokenBytes encode(const TokenUse& token) {
    storage::TokenBytes bytes{};
    auto at = std::ranges::copy(token.key, bytes.begin()).out;
    const auto expires = static_cast<std::uint64_t>(token.expires_s);
    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = static_cast<std::uint8_t>(expires >> shift);
    std::ranges::copy(token.request, at);
    return bytes;
}

// A log made before check values of keys were kept: its newest detail must open.
Status prove_seal(storage::LogStorage& storage, const crypto::KeyRing& keys) {
    SHIKAKU_TRY_LET(const auto end, storage.size());
    for (std::uint64_t index = end; index-- > 0;) {
        SHIKAKU_TRY_LET(const auto bytes, blocking(storage.leaf(index)));
        SHIKAKU_TRY_LET(const auto leaf, decode_leaf(bytes));
        SHIKAKU_TRY_LET(const auto sealed, blocking(storage.detail(index)));
        if (!sealed) continue;
        if (!open_detail(keys, leaf, *sealed))
            return fail(storage::wrong_key(storage.place(), "seal"));
        return {};
    }
    return {};
}

// Details stay in the log, so a seal key it was once written with stays needed.
storage::KeyUse key_use(storage::LogStorage& storage, const crypto::KeyRing& keys) {
    using crypto::BlindPurpose;
    return {.ring = keys.check_values(),
            .used = {crypto::KeyRing::name(BlindPurpose::audit),
                     crypto::KeyRing::name(BlindPurpose::token), keys.active_seal_name()},
            .proven = [&storage, &keys] { return prove_seal(storage, keys); }};
}

}  // namespace

Result<std::unique_ptr<Log>> Log::start(Start how, const OpenStorage& open_storage,
                                        LogOptions options, const crypto::KeyRing& keys,
                                        const crypto::SigningKey& signer, const Clock& clock) {
    if (!is_key_name(options.origin))
        return fail(ErrorCode::bad_configuration,
                    "the log's origin must be without spaces and plus signs");
    SHIKAKU_TRY_LET(const auto public_key, signer.ed25519_public());
    const auto vkey = make_vkey(options.origin, public_key);
    auto anchors =
        std::make_unique<Anchors>(std::move(options.anchors), vkey, options.anchors_lost);
    if (how == Start::new_log) SHIKAKU_TRY(anchors->expect_none());
    SHIKAKU_TRY_LET(auto storage, open_storage());
    SHIKAKU_TRY(storage->expect_keys(key_use(*storage, keys)));
    SHIKAKU_TRY_LET(auto restored, restore_log(*storage, vkey));
    SHIKAKU_TRY_LET(const auto size, storage->size());
    if (how == Start::new_log && size > 0)
        return fail(ErrorCode::conflict,
                    storage->place() + ": ログは既にあります / there is a log already, with " +
                        std::to_string(size) + " entries");
    if (how == Start::existing && !restored.checkpoint)
        return fail(ErrorCode::corrupt,
                    storage->place() +
                        ": 作りかけのログか、別のファイルです / holds no checkpoint: it was not "
                        "made to the end (run shikaku init again), or log.entries is another log's "
                        "(restore log.db)");
    auto writer =
        std::make_unique<LogWriter>(std::move(storage), std::move(restored),
                                    std::move(options.origin), std::move(anchors), signer, clock);
    SHIKAKU_TRY(writer->take_up());
    if (how == Start::existing) SHIKAKU_TRY(writer->compare_anchors());
    SHIKAKU_TRY(writer->start());
    auto impl = std::make_unique<Impl>(keys, clock, vkey, std::move(writer));
    impl->watch = std::make_unique<TileWatch>([raw = impl.get()](std::uint64_t n) -> Status {
        const auto latest = raw->writer->latest();
        if (n >= latest->size() / kTileWidth) return fail(ErrorCode::not_found);
        return check_tile(raw->writer->storage(), latest->tree, n);
    });
    return std::unique_ptr<Log>(new Log(std::move(impl)));
}

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() {
    impl_->watch.reset();
    impl_->writer->stop();  // its last callbacks may still read
}

void Log::append(EntryDraft draft, AppendDone done) {
    if (draft.detail.size() > bounds::kLogDetailBytes) {
        done(fail(ErrorCode::internal, "the entry's detail is too long"));
        return;
    }
    PendingEntry entry;
    entry.kind = draft.kind;
    entry.time = impl_->clock.now();
    auto sealed = seal_detail(impl_->keys, draft.detail);
    entry.commitment = sealed.commitment;
    entry.sealed = std::move(sealed.sealed);
    if (draft.token) entry.token = encode(*draft.token);
    entry.done = std::move(done);
    impl_->writer->append(std::move(entry));
}

Result<Appended> Log::append_and_wait(EntryDraft draft) {
    std::promise<Result<Appended>> promise;
    auto future = promise.get_future();
    append(std::move(draft), [promise = std::move(promise)](Result<Appended> result) mutable {
        promise.set_value(std::move(result));
    });
    return future.get();
}

std::string Log::trouble() const {
    auto words = impl_->writer->trouble();
    return words.empty() ? impl_->watch->difference() : words;
}

Log::Pulse Log::pulse() const {
    return impl_->writer->pulse();
}

std::string Log::vkey() const {
    return impl_->vkey;
}

SignedCheckpoint Log::checkpoint() const {
    return impl_->writer->latest()->checkpoint;
}

void Log::when_covered(std::uint64_t index, std::move_only_function<void(Status)> done) {
    impl_->writer->when_covered(index, std::move(done));
}

}  // namespace shikaku::audit
