#include "tests/support/storage/memory_registry.h"

#include <algorithm>

#include "gateway/support/bounds.h"

namespace shikaku::testing {

using namespace storage;

namespace {

template <class Map, class Key>
auto copy_of(const Map& map, const Key& key) -> std::optional<typename Map::mapped_type> {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
}

class Rows final : public InForceRows {
  public:
    explicit Rows(std::vector<MemoryRegistry::Row> rows) : rows_(std::move(rows)) {
        std::ranges::sort(rows_, {}, &MemoryRegistry::Row::history);
    }
    Result<bool> next(InForceRow& row) override {
        if (at_ == rows_.size()) return false;
        row = of(rows_[at_++]);
        return true;
    }
    Result<std::optional<InForceRow>> find(const Key16& history) override {
        const auto found = std::ranges::find(rows_, history, &MemoryRegistry::Row::history);
        if (found == rows_.end()) return std::nullopt;
        return of(*found);
    }
    Result<RowContent> content_of(std::int64_t id) override {
        const auto found = std::ranges::find(rows_, id, &MemoryRegistry::Row::id);
        if (found == rows_.end()) return RowContent{};
        return RowContent{.person = found->person, .sealed = found->sealed};
    }

  private:
    static InForceRow of(const MemoryRegistry::Row& row) {
        return {.history = row.history,
                .content = row.content,
                .id = row.id,
                .gen_from = row.gen_from,
                .filled = row.filled};
    }
    std::vector<MemoryRegistry::Row> rows_;
    std::size_t at_ = 0;
};

}  // namespace

Status MemoryRegistry::expect_keys(const KeyUse& use) {
    const std::lock_guard lock(data_->mutex);
    for (const auto& [name, value] : data_->keys) {
        const auto mine = use.ring.find(name);
        if (mine == use.ring.end() ? use.needed(name).value_or(true) : mine->second != value)
            return fail(wrong_key(place(), name));
    }
    for (const std::string& name : use.used)
        data_->keys.emplace(name, use.ring.at(name));
    return {};
}

Result<std::optional<SealedRow>> MemoryRegistry::newest_row() {
    const std::lock_guard lock(data_->mutex);
    const Row* newest = nullptr;
    for (const Row& row : data_->rows)
        if (!row.sealed.empty() && (!newest || row.id > newest->id)) newest = &row;
    if (!newest) return std::nullopt;
    return SealedRow{.authority = newest->authority,
                     .person = newest->person,
                     .history = newest->history,
                     .sealed = newest->sealed};
}

Result<bool> MemoryRegistry::is_sealed_with(const std::array<std::uint32_t, 2>& fronts) {
    const std::lock_guard lock(data_->mutex);
    for (const Row& row : data_->rows)
        for (const std::uint32_t front : fronts) {
            Bytes bytes;
            put_u32be(bytes, front);
            if (row.sealed.size() >= bytes.size() &&
                std::equal(bytes.begin(), bytes.end(), row.sealed.begin()))
                return true;
        }
    return false;
}

Reply<bool> MemoryRegistry::read_person(const Key16& person, const SeenView& seen,
                                        PersonRows& found) {
    return Reply<bool>::later([this, person, seen, &found](Reply<bool>::Done done) {
        std::map<Authority, std::vector<Row>> by_authority;
        {
            const std::lock_guard lock(data_->mutex);
            for (const Row& row : data_->rows)
                if (row.person == person) by_authority[row.authority].push_back(row);
        }
        if (seen.newest.load() != seen.number) return done(false);
        found.count = 0;
        found.rows.clear();
        found.cut_off.clear();
        for (auto& [authority, rows] : by_authority) {
            std::ranges::sort(rows, {}, &Row::id);
            std::size_t first = 0;
            if (rows.size() > bounds::kRowsPerPersonAndAuthority) {
                first = rows.size() - bounds::kRowsPerPersonAndAuthority;
                found.cut_off.push_back(authority);
            }
            for (auto at = first; at < rows.size(); ++at) {
                const Row& row = rows[at];
                found.rows.push_back({.authority = authority,
                                      .gen_from = row.gen_from,
                                      .gen_to = row.gen_to,
                                      .deleted = row.deleted,
                                      .history = row.history,
                                      .sealed = row.sealed});
            }
        }
        found.count = found.rows.size();
        done(true);
    });
}

Result<std::vector<AuthorityRow>> MemoryRegistry::authorities() {
    const std::lock_guard lock(data_->mutex);
    std::vector<AuthorityRow> all;
    for (const auto& [number, row] : data_->authorities)
        all.push_back(row);
    return all;
}

Result<std::optional<AuthorityRow>> MemoryRegistry::authority(Authority authority) {
    const std::lock_guard lock(data_->mutex);
    return copy_of(data_->authorities, authority);
}

Result<std::vector<GenerationRow>> MemoryRegistry::generations() {
    const std::lock_guard lock(data_->mutex);
    std::vector<GenerationRow> all;
    for (const auto& [key, row] : data_->generations)
        all.push_back(row);
    return all;
}

Result<std::vector<GenerationRow>> MemoryRegistry::generations(Authority authority) {
    auto all = generations();
    if (all)
        std::erase_if(*all, [&](const GenerationRow& row) { return row.authority != authority; });
    return all;
}

Result<std::unique_ptr<InForceRows>> MemoryRegistry::in_force_rows(Authority authority) {
    const std::lock_guard lock(data_->mutex);
    std::vector<Row> rows;
    for (const Row& row : data_->rows)
        if (row.authority == authority && row.gen_to == 0) rows.push_back(row);
    return std::make_unique<Rows>(std::move(rows));
}

Status MemoryRegistry::put(const PublicationRow& row) {
    const std::lock_guard lock(data_->mutex);
    data_->publications.insert_or_assign(row.id, row);
    return {};
}

Status MemoryRegistry::erase_publication(const std::string& id) {
    const std::lock_guard lock(data_->mutex);
    data_->publications.erase(id);
    data_->remarks.erase(id);
    data_->linkage.erase(id);
    return {};
}

Result<std::optional<PublicationRow>> MemoryRegistry::publication(const std::string& id) {
    const std::lock_guard lock(data_->mutex);
    return copy_of(data_->publications, id);
}

Result<std::optional<PublicationRow>> MemoryRegistry::publication(Authority authority,
                                                                  const std::string& key) {
    const std::lock_guard lock(data_->mutex);
    for (const auto& [id, row] : data_->publications)
        if (row.authority == authority && row.idempotency_key == key) return row;
    return std::nullopt;
}

Result<std::vector<PublicationRow>> MemoryRegistry::publications_in(int state) {
    const std::lock_guard lock(data_->mutex);
    std::vector<PublicationRow> all;
    for (const auto& [id, row] : data_->publications)
        if (row.state == state) all.push_back(row);
    return all;
}

Status MemoryRegistry::put_remarks(const std::string& publication,
                                   const std::vector<StagedRemark>& remarks) {
    const std::lock_guard lock(data_->mutex);
    data_->remarks.insert_or_assign(publication, remarks);
    return {};
}

Result<std::vector<StagedRemark>> MemoryRegistry::remarks(const std::string& publication) {
    const std::lock_guard lock(data_->mutex);
    return copy_of(data_->remarks, publication).value_or(std::vector<StagedRemark>());
}

Status MemoryRegistry::put_linkage(const std::string& publication, std::string_view value) {
    const std::lock_guard lock(data_->mutex);
    data_->linkage.insert_or_assign(publication, std::string(value));
    return {};
}

Result<std::string> MemoryRegistry::linkage(const std::string& publication) {
    const std::lock_guard lock(data_->mutex);
    return copy_of(data_->linkage, publication).value_or(std::string());
}

Status MemoryRegistry::forget_lone_linkage() {
    const std::lock_guard lock(data_->mutex);
    std::erase_if(data_->linkage, [this](const auto& one) {
        if (data_->publications.contains(one.first)) return false;
        return std::ranges::none_of(data_->generations, [&](const auto& generation) {
            const GenerationRow& row = generation.second;
            return row.publication == one.first &&
                   row.number >= data_->authorities[row.authority].swept;
        });
    });
    return {};
}

Result<std::int64_t> MemoryRegistry::known_of(std::string_view log) {
    const std::lock_guard lock(data_->mutex);
    if (!data_->log.empty() && data_->log != log) data_->known = -1;
    data_->log = log;
    return data_->known;
}

Result<std::vector<IntentRow>> MemoryRegistry::intents() {
    const std::lock_guard lock(data_->mutex);
    std::vector<IntentRow> all;
    for (const auto& [key, row] : data_->intents)
        all.push_back(row);
    return all;
}

Status MemoryRegistry::intend(const IntentRow& intent) {
    const std::lock_guard lock(data_->mutex);
    IntentRow row = intent;
    row.after = data_->known;
    if (data_->intents.emplace(std::pair(intent.authority, intent.kind), row).second) return {};
    return fail(ErrorCode::conflict);
}

void MemoryRegistry::settle(Authority authority, IntentRow::Kind kind, std::int64_t log_index) {
    data_->intents.erase({authority, kind});
    data_->known = std::max(data_->known, log_index);
}

Status MemoryRegistry::forget(const IntentRow& intent, std::optional<std::uint64_t> log_index) {
    const std::lock_guard lock(data_->mutex);
    settle(intent.authority, intent.kind, log_index ? static_cast<std::int64_t>(*log_index) : -1);
    return {};
}

Status MemoryRegistry::take_out(const std::map<Authority, std::int64_t>& authorities,
                                std::uint64_t log_index) {
    const std::lock_guard lock(data_->mutex);
    const auto lost = [&](Authority authority) { return authorities.contains(authority); };
    for (const auto& [number, last] : authorities) {
        AuthorityRow& row = data_->authorities[number];
        row = {.authority = number,
               .pack_version = {},
               .last_generation = std::max(row.last_generation, last)};
    }
    std::erase_if(data_->rows, [&](const Row& row) { return lost(row.authority); });
    std::erase_if(data_->generations, [&](const auto& one) { return lost(one.first.first); });
    std::erase_if(data_->intents, [&](const auto& one) { return lost(one.first.first); });
    std::erase_if(data_->publications, [&](const auto& one) {
        if (!lost(one.second.authority)) return false;
        data_->remarks.erase(one.first);
        data_->linkage.erase(one.first);
        return true;
    });
    data_->known = std::max(data_->known, static_cast<std::int64_t>(log_index));
    return {};
}

Status MemoryRegistry::put_in_force(const PackRow& pack) {
    const std::lock_guard lock(data_->mutex);
    PackRow& stored = data_->packs[{pack.authority, pack.version}];
    if (!stored.version.empty() && stored.body != pack.body) return fail(ErrorCode::conflict);
    stored = pack;
    AuthorityRow& authority = data_->authorities[pack.authority];
    authority.authority = pack.authority;
    authority.pack_version = pack.version;
    settle(pack.authority, IntentRow::Kind::schemes, pack.log_index);
    return {};
}

Result<std::optional<PackRow>> MemoryRegistry::pack(Authority authority,
                                                    const std::string& version) {
    const std::lock_guard lock(data_->mutex);
    return copy_of(data_->packs, std::pair(authority, version));
}

Result<GenerationRow> MemoryRegistry::begin_generation(Authority authority, std::int64_t base,
                                                       const std::string& publication,
                                                       std::uint64_t lines) {
    const std::lock_guard lock(data_->mutex);
    AuthorityRow& row = data_->authorities[authority];
    row.authority = authority;
    const auto ids = static_cast<std::int64_t>(lines) + 1;
    GenerationRow generation{.authority = authority,
                             .number = ++row.last_generation,
                             .base = base,
                             .publication = publication,
                             .first_id = data_->next_id,
                             .last_id = data_->next_id + ids - 1};
    data_->next_id += ids;
    data_->generations.insert_or_assign({authority, generation.number}, generation);
    return generation;
}

Status MemoryRegistry::write_changes(const GenerationRow& generation, StagedChanges& changes) {
    std::map<std::int64_t, Row> fresh;
    SHIKAKU_TRY(changes.each_new_by_line([&](const NewRow& row) -> Status {
        fresh[row.line] = {.id = generation.first_id + row.line,
                           .gen_from = generation.number,
                           .authority = generation.authority,
                           .person = row.person,
                           .history = row.history,
                           .sealed = {row.sealed.begin(), row.sealed.end()}};
        return {};
    }));
    SHIKAKU_TRY(changes.each_new_by_history([&](const StagedChange& change) -> Status {
        fresh[change.line].content = change.content;
        fresh[change.line].filled = change.filled;
        return {};
    }));
    const std::lock_guard lock(data_->mutex);
    SHIKAKU_TRY(changes.each_ended([&](const StagedChange& change) -> Status {
        for (Row& row : data_->rows) {
            if (row.id != change.old_id) continue;
            row.gen_to = generation.number;
            row.deleted = change.deleted;
        }
        return {};
    }));
    for (auto& [line, row] : fresh)
        data_->rows.push_back(std::move(row));
    return {};
}

Status MemoryRegistry::point_to(const GenerationRow& generation, std::int64_t in_force,
                                GenerationRow::State state, const PublicationRow& row,
                                std::uint64_t log_index) {
    const std::lock_guard lock(data_->mutex);
    AuthorityRow& authority = data_->authorities[generation.authority];
    if (authority.swept > in_force) return fail(ErrorCode::conflict);
    authority.generation = in_force;
    GenerationRow& stored = data_->generations[{generation.authority, generation.number}];
    stored = generation;
    stored.state = state;
    data_->publications.insert_or_assign(row.id, row);
    settle(generation.authority, IntentRow::Kind::switching, static_cast<std::int64_t>(log_index));
    return {};
}

Status MemoryRegistry::switch_to(const GenerationRow& generation, const PublicationRow& row,
                                 std::uint64_t log_index) {
    return point_to(generation, generation.number, GenerationRow::State::switched, row, log_index);
}

Status MemoryRegistry::roll_back(const GenerationRow& generation, const PublicationRow& row,
                                 std::uint64_t log_index) {
    return point_to(generation, generation.base, GenerationRow::State::rolled_back, row, log_index);
}

Status MemoryRegistry::discard(const GenerationRow& generation) {
    const std::lock_guard lock(data_->mutex);
    std::erase_if(data_->rows, [&](const Row& row) {
        return row.authority == generation.authority && row.gen_from == generation.number;
    });
    for (Row& row : data_->rows) {
        if (row.authority != generation.authority || row.gen_to != generation.number) continue;
        row.gen_to = 0;
        row.deleted = false;
    }
    data_->generations.erase({generation.authority, generation.number});
    return {};
}

Status MemoryRegistry::keep_from(Authority authority, std::int64_t in_force, std::int64_t oldest) {
    const std::lock_guard lock(data_->mutex);
    AuthorityRow& row = data_->authorities[authority];
    if (row.generation != in_force) return fail(ErrorCode::conflict);
    row.swept = std::max(row.swept, oldest);
    return {};
}

Result<SweepStep> MemoryRegistry::sweep(Authority authority, std::int64_t oldest,
                                        std::int64_t ended, const SweepPlace& /*from*/) {
    const std::lock_guard lock(data_->mutex);
    const auto rows = data_->rows;
    std::erase_if(data_->rows, [&](const Row& row) {
        if (row.authority != authority) return false;
        if (row.gen_to != 0 && row.gen_to <= (row.content == kUnread ? oldest : ended)) return true;
        return std::ranges::any_of(rows, [&](const Row& newer) {
            return newer.authority == authority && newer.history == row.history &&
                   newer.gen_from > row.gen_from && newer.gen_from <= oldest;
        });
    });
    SweepStep step;
    for (const Row& row : data_->rows)
        for (const std::int64_t generation : {row.gen_from, row.gen_to})
            if (row.authority == authority && generation != 0 && generation < oldest)
                step.generations.push_back(generation);
    return step;
}

}  // namespace shikaku::testing
