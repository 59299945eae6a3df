#include "gateway/registry/comparison.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/registry/row_remark.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {
namespace {

using storage::InForceRow;
using storage::Key16;
using storage::StagedRow;

class Comparing {
  public:
    Comparing(storage::StagingStore& staging, storage::InForceRows& in_force, Mode mode,
              const ComparedBy& by)
        : staging_(staging), in_force_(in_force), mode_(mode), by_(by) {}

    Result<Comparison> run(std::uint64_t rows_in_force) {
        counts_.in_force = rows_in_force;
        SHIKAKU_TRY(flag_overlaps());
        if (mode_ == Mode::full) SHIKAKU_TRY(advance());
        SHIKAKU_TRY(staging_.each_row([this](const StagedRow& row) { return take(row); }));
        while (mode_ == Mode::full && old_)
            SHIKAKU_TRY(end_old());
        return counts_;
    }

  private:
    Status take(const StagedRow& row) {
        if (row.kind == StagedRow::Kind::unattributed) {
            SHIKAKU_TRY(note_unattributed(row.line));
            if (row.person == Key16{}) return {};
        }
        if (last_ && *last_ == row.history) return refuse_duplicate(row);
        last_ = row.history;
        if (mode_ == Mode::delta) {
            SHIKAKU_TRY_LET(auto found, in_force_.find(row.history));
            return meet(row, found ? &*found : nullptr);
        }
        while (old_ && old_->history < row.history)
            SHIKAKU_TRY(end_old());
        if (!old_ || old_->history != row.history) return meet(row, nullptr);
        SHIKAKU_TRY(meet(row, &*old_));
        return advance();
    }

    // One history key: what the upload says, and what is in force (or nothing).
    Status meet(const StagedRow& row, const InForceRow* old) {
        if (is_refused(row)) return meet_refused(row, old);
        if (row.kind == StagedRow::Kind::deleted) {
            if (old) return end(*old, true);
            return mode_ == Mode::full ? Status{} : warn(row.line, RowCode::unknown_history_key);
        }
        note_filled(old ? old->filled : 0, row.filled);
        if (old && old->content == row.content) {
            ++counts_.unchanged;
            return {};
        }
        const bool replaces = old && !is_unread(*old);
        ++(replaces ? counts_.changed : counts_.added);
        if (replaces) {
            note_emptied(old->filled & ~row.filled);
            SHIKAKU_TRY(note_difference(row, *old));
        }
        return staging_.add(storage::StagedChange{.line = row.line,
                                                  .history = row.history,
                                                  .person = row.person,
                                                  .content = row.content,
                                                  .filled = row.filled,
                                                  .old_id = old ? old->id : 0,
                                                  .old_from = old ? old->gen_from : 0});
    }

    static bool is_refused(const StagedRow& row) {
        return row.kind == StagedRow::Kind::keep || row.kind == StagedRow::Kind::unattributed;
    }

    // What is in force under its key stays. It may be another person's: of the row's own, nothing
    // is known all the same.
    Status meet_refused(const StagedRow& row, const InForceRow* old) {
        if (!old) return row.person == Key16{} ? note_nobodys(row) : keep_unread(row, row.history);
        note_filled(old->filled, old->filled);
        if (row.person == Key16{}) return {};
        SHIKAKU_TRY_LET(const auto stands, in_force_.content_of(old->id));
        return stands.person == row.person ? Status{} : keep_unread_beside(row);
    }

    // Kept in a full publication, so that the same row does not hold the next one as well.
    Status note_nobodys(const StagedRow& row) {
        SHIKAKU_TRY(note_unattributed(row.line));
        if (mode_ == Mode::delta) return {};
        ++counts_.newly_nobodys;
        return keep_unread(row, row.history);
    }

    // It is counted as refused, and not among what is in force.
    Status keep_unread(const StagedRow& row, const Key16& history) {
        return staging_.add(storage::StagedChange{.line = row.line,
                                                  .history = history,
                                                  .person = row.person,
                                                  .content = storage::kUnread});
    }

    // Its own key is another row's. In a full publication what the one before kept so ends.
    Status keep_unread_beside(const StagedRow& row) {
        const Key16 history = by_.keys.unread(by_.set, row.person, row.line);
        if (mode_ == Mode::delta) {
            SHIKAKU_TRY_LET(const auto found, in_force_.find(history));
            if (found) return {};
        }
        return keep_unread(row, history);
    }

    static bool is_unread(const InForceRow& row) { return row.content == storage::kUnread; }

    Status note_difference(const StagedRow& row, const InForceRow& old) {
        SHIKAKU_TRY_LET(const auto before, in_force_.content_of(old.id));
        SHIKAKU_TRY_LET(const auto sealed, staging_.sealed(row.line));
        SHIKAKU_TRY_LET(const auto will_be, open(row.person, row.history, sealed));
        const auto was = open(before.person, row.history, before.sealed);
        if (!was) {
            ++counts_.not_comparable;
            return warn(row.line, RowCode::not_comparable);
        }
        const bool ends_today = is_valid_today(*was) && !is_valid_today(will_be);
        const bool shifted = is_far(*was, will_be);
        counts_.other_person += before.person != row.person ? 1 : 0;
        counts_.no_longer_valid += ends_today ? 1 : 0;
        counts_.shifted += shifted ? 1 : 0;
        return {};
    }

    Result<std::optional<Period>> open(const Key16& person, const Key16& history,
                                       BytesView sealed) const {
        SHIKAKU_TRY_LET(
            const auto content,
            by_.keys.open({.person = person, .history = history, .set = by_.set}, sealed));
        return by_.kind.period_of(content);
    }

    bool is_valid_today(const std::optional<Period>& period) const {
        return period && period->from <= by_.today && by_.today <= period->to;
    }

    static bool is_far(const std::optional<Period>& one, const std::optional<Period>& other) {
        return one && other && (is_far(one->from, other->from) || is_far(one->to, other->to));
    }
    static bool is_far(domain::Date one, domain::Date other) {
        return std::chrono::abs(one.days() - other.days()) > bounds::kPeriodShiftDays;
    }

    Status end_old() {
        SHIKAKU_TRY(end(*old_, false));
        return advance();
    }

    Status end(const InForceRow& old, bool deleted) {
        if (!is_unread(old)) ++counts_.ended;
        note_filled(old.filled, 0);
        return staging_.add(storage::StagedChange{.history = old.history,
                                                  .old_id = old.id,
                                                  .old_from = old.gen_from,
                                                  .deleted = deleted});
    }

    Status advance() {
        InForceRow row;
        SHIKAKU_TRY_LET(auto more, in_force_.next(row));
        old_ = more ? std::optional(row) : std::nullopt;
        return {};
    }

    Status refuse_duplicate(const StagedRow& row) {
        SHIKAKU_TRY(note_unattributed(row.line));
        if (row.person != Key16{}) SHIKAKU_TRY(keep_unread_beside(row));
        if (is_refused(row)) return {};  // counted already
        ++counts_.refused;
        return remark(row.line, by_.kind.columns().history_key(), RowCode::duplicate_history_key);
    }

    Status note_unattributed(std::int64_t line) {
        ++counts_.unattributed;
        auto& lines = counts_.unattributed_lines;
        const auto number = static_cast<std::uint64_t>(line);
        lines.insert(std::ranges::upper_bound(lines, number), number);
        if (lines.size() > bounds::kHeldLinesNamed) lines.pop_back();
        return {};
    }

    Status warn(std::int64_t line, RowCode code) {
        ++counts_.warnings;
        return remark(line, by_.kind.columns().history_key(), code);
    }

    Status remark(std::int64_t line, Column column, RowCode code) {
        return staging_.add(storage::StagedRemark{
            .line = line, .column = static_cast<int>(column), .code = static_cast<int>(code)});
    }

    // Of one certificate, sorted by beginning: a period that begins before an earlier one has
    // ended.
    Status flag_overlaps() {
        std::optional<storage::StagedPeriod> latest;
        return staging_.take_periods([&](const storage::StagedPeriod& period) -> Status {
            const bool same = latest && latest->certificate == period.certificate;
            if (same && period.from <= latest->to) {
                ++counts_.warnings;
                SHIKAKU_TRY(
                    remark(period.line, by_.kind.period_begins(), RowCode::overlapping_period));
            }
            if (!same || period.to > latest->to) latest = period;
            return {};
        });
    }

    void note_filled(std::uint32_t before, std::uint32_t after) {
        for (std::size_t i = 0; i < kColumnsMax; ++i) {
            counts_.filled_before[i] += before >> i & 1U;
            counts_.filled_after[i] += after >> i & 1U;
        }
    }

    void note_emptied(std::uint32_t columns) {
        for (std::size_t i = 0; i < kColumnsMax; ++i)
            counts_.emptied[i] += columns >> i & 1U;
    }

    storage::StagingStore& staging_;
    storage::InForceRows& in_force_;
    Mode mode_;
    const ComparedBy& by_;
    Comparison counts_;
    std::optional<Key16> last_;
    std::optional<InForceRow> old_;  // full: the next row in force not yet met
};

}  // namespace

Result<Comparison> compare(storage::StagingStore& staging, storage::InForceRows& in_force,
                           Mode mode, std::uint64_t rows_in_force, const ComparedBy& by) {
    return Comparing(staging, in_force, mode, by).run(rows_in_force);
}

}  // namespace shikaku::registry
