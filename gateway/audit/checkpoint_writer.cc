#include "gateway/audit/checkpoint_writer.h"

#include <algorithm>
#include <utility>

#include "gateway/support/bounds.h"

namespace shikaku::audit {

namespace {

// Of a start or a catching up, handed to storage together: half a megabyte.
constexpr std::size_t kTilesAtOnce = 64;

}  // namespace

CheckpointWriter::CheckpointWriter(storage::LogStorage& storage, RestoredLog restored,
                                   std::string origin, std::unique_ptr<Anchors> anchors,
                                   const crypto::SigningKey& signer, const Clock& clock)
    : storage_(storage),
      tree_(std::move(restored.tree)),
      minute_(restored.minute),
      origin_(std::move(origin)),
      anchors_(std::move(anchors)),
      signer_(signer),
      clock_(clock),
      signed_(std::move(restored.checkpoint)) {}

std::optional<std::uint64_t> CheckpointWriter::ever_covered() const {
    if (!signed_) return std::nullopt;
    return signed_->checkpoint.size;
}

Status CheckpointWriter::take_up(std::uint64_t end) {
    SHIKAKU_TRY(grow_tree(storage_, tree_, end, [this](const FullTile& tile) {
        tiles_.push_back(tile);
        return tiles_.size() < kTilesAtOnce ? Status{} : put_tiles();
    }));
    return put_tiles();
}

Status CheckpointWriter::compare_anchors() {
    return anchors_->compare({.files = storage_.files(),
                              .size = tree_.size(),
                              .may_be_older = tree_.size() > 0 && storage_.may_lack_anchors(),
                              .root_at = [&](std::uint64_t size) -> Result<Hash256> {
                                  SHIKAKU_TRY_LET(const auto tree, rebuild_tree(storage_, size));
                                  return tree.root();
                              }});
}

Status CheckpointWriter::start() {
    if (!all_covered()) {
        SHIKAKU_TRY(sign());
        SHIKAKU_TRY(storage_.make_safe());
    }
    SHIKAKU_TRY(anchors_->start(*signed_));
    publish();
    return {};
}

CheckpointWriter::SteadyTime CheckpointWriter::next_due() const {
    return signed_at_ + bounds::kCheckpointEvery;
}

Status CheckpointWriter::add(std::uint64_t first, std::span<const LeafBytes> leaves) {
    if (first > tree_.size()) SHIKAKU_TRY(take_up(first));
    if (first != tree_.size()) return fail(ErrorCode::internal, "an entry comes a second time");
    for (const LeafBytes& leaf : leaves)
        tree_.append(leaf_hash(leaf), tiles_);
    return {};
}

Status CheckpointWriter::cover() {
    SHIKAKU_TRY(sign());
    publish();
    return storage_.keep_house();
}

namespace {

std::vector<storage::NewTile> views_of(std::span<const FullTile> tiles) {
    std::vector<storage::NewTile> views;
    for (const FullTile& tile : tiles)
        views.push_back({.level = tile.level, .n = tile.n, .hashes = tile_bytes(tile.hashes)});
    return views;
}

}  // namespace

Status CheckpointWriter::put_tiles() {
    if (tiles_.empty()) return {};
    SHIKAKU_TRY(storage_.put_tiles(views_of(tiles_)));
    tiles_.clear();
    return {};
}

Status CheckpointWriter::sign() {
    auto next = sign_checkpoint({origin_, tree_.size(), tree_.root()}, signer_);
    signed_at_ = std::chrono::steady_clock::now();
    // The clock may have been set back; the newest checkpoint is the one of the latest minute.
    const auto now = std::chrono::floor<std::chrono::minutes>(clock_.now());
    minute_ = std::max(minute_, static_cast<std::int64_t>(now.time_since_epoch().count()));
    const auto tiles = views_of(tiles_);
    SHIKAKU_TRY(storage_.cover(
        {.after = ever_covered(),
         .tiles = tiles,
         .checkpoint = {.minute = minute_, .size = tree_.size(), .text = next.text}}));
    tiles_.clear();
    signed_ = std::move(next);
    return {};
}

// Readers get the checkpoint before anyone waiting for it is called.
void CheckpointWriter::publish() {
    auto next = std::make_shared<const SignedTree>(*signed_, tree_);
    std::vector<Waiting> covered;
    {
        const Lock lock(mutex_);
        latest_ = std::move(next);
        const auto still = std::ranges::partition(
            waiting_, [this](const Waiting& waiting)
                          SHIKAKU_REQUIRES(mutex_) { return waiting.index < latest_->size(); });
        covered.assign(std::make_move_iterator(waiting_.begin()),
                       std::make_move_iterator(still.begin()));
        waiting_.erase(waiting_.begin(), still.begin());
    }
    for (Waiting& waiting : covered)
        waiting.done({});
    anchors_->keep(*signed_);
}

void CheckpointWriter::refuse_waiting(const Error& why) {
    std::vector<Waiting> waiting;
    {
        const Lock lock(mutex_);
        refusal_ = why;
        waiting.swap(waiting_);
    }
    for (Waiting& one : waiting)
        one.done(fail(why));
}

Status CheckpointWriter::catch_up(std::uint64_t end) {
    const auto shown = latest();
    tree_ = shown->tree;
    signed_ = shown->checkpoint;
    tiles_.clear();
    SHIKAKU_TRY(take_up(end));
    if (!all_covered()) return cover();
    publish();
    return storage_.keep_house();
}

void CheckpointWriter::resume() {
    const Lock lock(mutex_);
    refusal_.reset();
}

std::shared_ptr<const SignedTree> CheckpointWriter::latest() const {
    const Lock lock(mutex_);
    return latest_;
}

void CheckpointWriter::when_covered(std::uint64_t index, std::uint64_t durable_size, Covered done) {
    Status answer;
    {
        const Lock lock(mutex_);
        if (index >= latest_->size()) {
            if (refusal_) {
                answer = fail(*refusal_);
            } else if (index >= durable_size) {
                answer = fail(ErrorCode::not_found, "no such entry");
            } else {
                waiting_.push_back({index, std::move(done)});
                return;
            }
        }
    }
    done(std::move(answer));
}

}  // namespace shikaku::audit
