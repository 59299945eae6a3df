#include "gateway/audit/anchors.h"

#include <algorithm>
#include <span>
#include <utility>

#include "gateway/support/bounds.h"
#include "gateway/support/clock.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::audit {

namespace {

// "/srv/data/log.db, 2026-11-20T08:59:00+09:00": a refusal says which file is the older one.
std::string with_time(const std::filesystem::path& file) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    if (error) return file.string() + ", missing";
    return file.string() + ", " +
           to_rfc3339_jst(std::chrono::floor<std::chrono::milliseconds>(
               std::filesystem::file_time_type::clock::to_sys(written)));
}

std::string main_file(std::span<const std::filesystem::path> files) {
    return files.empty() ? "its storage" : with_time(files.front());
}

std::string with_times(std::span<const std::filesystem::path> files) {
    std::string text;
    for (const auto& file : files)
        text += (text.empty() ? "" : "; ") + with_time(file);
    return text;
}

std::string entries_of_log(std::uint64_t size) {
    return std::to_string(size) + (size == 1 ? " entry" : " entries");
}

constexpr std::string_view kWhatToDo =
    "\n  ログのファイルを同じ時点の新しいバックアップから戻してください。失われたときは "
    "shikaku continue-log\n"
    "  put log.db and log.entries back from the newest backup, both from the same one; when they "
    "are lost: shikaku continue-log";

std::string first_line(std::string_view note) {
    return std::string(note.substr(0, note.find('\n')));
}

}  // namespace

Anchors::Anchors(std::vector<std::unique_ptr<storage::AnchorPlace>> places, std::string vkey,
                 bool some_lost)
    : vkey_(std::move(vkey)), some_lost_(some_lost) {
    for (auto& place : places)
        places_.push_back({.place = std::move(place)});
}

Anchors::~Anchors() {
    stop();
}

Result<bool> Anchors::any() {
    if (some_lost_) return true;
    for (const Place& place : places_) {
        SHIKAKU_TRY_LET(const auto note, place.place->read());
        if (note) return true;
    }
    return false;
}

Result<std::vector<std::optional<std::string>>> Anchors::read() {
    std::vector<std::optional<std::string>> notes;
    for (const Place& place : places_) {
        SHIKAKU_TRY_LET(auto note, place.place->read());
        notes.push_back(std::move(note));
    }
    return notes;
}

Status Anchors::expect_none() {
    SHIKAKU_TRY_LET(const auto notes, read());
    const bool some_missing =
        !std::ranges::all_of(notes, [](const auto& note) { return note.has_value(); });
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const auto& note = notes[i];
        if (!note) continue;
        // Anchors are written one after the other, that of an empty log when it is made.
        const auto known = verify_checkpoint(*note, vkey_);
        if (some_missing && known && known->size == 0) continue;
        return fail(ErrorCode::conflict,
                    places_[i].place->file().string() +
                        ": ここにログがあった記録があります。新しいログは作りません / a log was "
                        "here (" +
                        first_line(*note) +
                        ") and its last checkpoint is kept there; no new one is made. Is the "
                        "data directory's volume mounted?" +
                        std::string(kWhatToDo));
    }
    return {};
}

Status Anchors::compare(const Found& found) {
    SHIKAKU_TRY_LET(const auto notes, read());
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const auto& file = places_[i].place->file();
        const auto& note = notes[i];
        if (note || !found.may_be_older)
            SHIKAKU_TRY(compare(file, note, found));
        else
            log_warn("the log is of before there were anchors; one is made",
                     {{"file", file.string()}, {"entries", found.size}});
    }
    return {};
}

Status Anchors::compare(const std::filesystem::path& file, const std::optional<std::string>& note,
                        const Found& found) const {
    if (!note) {
        return fail(
            ErrorCode::corrupt,
            file.string() +
                ": ログの最後の署名の控えがここにありません / the log's last checkpoint is "
                "not kept here, as it must be since the log was made (" +
                entries_of_log(found.size) + " in " + main_file(found.files) +
                ").\n  ボリュームは載っていますか。移したときは控えのファイルも一緒に移して"
                "ください。控えだけが失われたときは shikaku keep-anchor。registry.db "
                "が失われたときは"
                "バックアップから戻し、なければ shikaku continue-registry。shikaku init や "
                "continue-log が途中で終わったときは、もう一度\n"
                "  Is its volume mounted? When [log] anchor or the data directory moved, "
                "move the file along; when the file alone was lost: shikaku keep-anchor; when "
                "registry.db was lost, restore it, or without a backup: shikaku "
                "continue-registry; when `shikaku init` or `continue-log` was cut short, run it "
                "again");
    }
    const auto anchor = verify_checkpoint(*note, vkey_);
    if (!anchor)
        return fail(ErrorCode::corrupt,
                    file.string() + ": the checkpoint kept there, of " + first_line(*note) +
                        ", is not one of this log under [log] origin and its signing key (" +
                        anchor.error().detail + ")");
    if (anchor->size > found.size)
        return fail(ErrorCode::corrupt,
                    "ログが署名された範囲より短い / the log is shorter than what was signed: " +
                        entries_of_log(anchor->size) + " were signed (" + with_time(file) + "), " +
                        entries_of_log(found.size) + " are here (" + with_times(found.files) + ")" +
                        std::string(kWhatToDo));
    SHIKAKU_TRY_LET(const auto root, found.root_at(anchor->size));
    if (root != anchor->root)
        return fail(
            ErrorCode::corrupt,
            "ログの中身が署名されたものと違う / the log is not what was signed: its first " +
                entries_of_log(anchor->size) + " (" + main_file(found.files) +
                ") have another root than the checkpoint kept in " + with_time(file) +
                std::string(kWhatToDo));
    return {};
}

Status Anchors::start(const SignedCheckpoint& checkpoint) {
    note_ = checkpoint.text;
    for (Place& place : places_) {
        if (auto written = place.place->write(note_); !written)
            return fail(written.error().code, "the log's last checkpoint cannot be kept in " +
                                                  place.place->file().string() + ": " +
                                                  written.error().detail);
        place.written = note_;
        place.tried = place.done = std::chrono::steady_clock::now();
    }
    if (!places_.empty()) thread_ = std::thread([this] { run(); });
    return {};
}

void Anchors::keep(const SignedCheckpoint& checkpoint) {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        note_ = checkpoint.text;
    }
    wake_.notify_one();
}

void Anchors::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Anchors::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto due = next_due();
        if (due == SteadyTime::max()) {
            wake_.wait(lock);
        } else if (due > std::chrono::steady_clock::now()) {
            wake_.wait_until(lock, due, [this] { return stopping_; });
        } else {
            const std::string note = note_;
            lock.unlock();
            for (Place& place : places_)
                if (place.tried + place.place->period() <= due) write(place, note);
            lock.lock();
        }
    }
    for (Place& place : places_)
        write(place, note_);
}

Anchors::SteadyTime Anchors::next_due() const {
    auto due = SteadyTime::max();
    for (const Place& place : places_)
        if (place.written != note_) due = std::min(due, place.tried + place.place->period());
    return due;
}

void Anchors::write(Place& place, const std::string& note) {
    static auto& failures = counter("shikaku_log_anchor_failures_total",
                                    "Times the last checkpoint could not be kept elsewhere");
    if (place.written == note) return;
    place.tried = std::chrono::steady_clock::now();
    if (const auto written = place.place->write(note); !written) {
        failures.Increment();
        if (place.late || place.tried - place.done < bounds::kAnchorLateTold) return;
        place.late = true;
        log_error("the log's last checkpoint cannot be kept in " + place.place->file().string(),
                  written.error());
        return;
    }
    if (std::exchange(place.late, false))
        log_info("the log's last checkpoint is kept again",
                 {{"file", place.place->file().string()}});
    place.written = note;
    place.done = place.tried;
}

}  // namespace shikaku::audit
