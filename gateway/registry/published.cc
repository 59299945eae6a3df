#include "gateway/registry/published.h"

#include <algorithm>
#include <tuple>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::registry {

struct Published::AuthorityView {
    domain::AuthorityCode code;
    storage::AuthorityNumber number = 0;
    std::int64_t generation = 0;  // in force; 0: nothing published
    std::int64_t rows = 0;
    std::string publication{};
    std::optional<domain::LinkageCheck> linkage{};
    std::vector<std::pair<std::int64_t, Instant>> switches{};  // every generation and its time

    [[nodiscard]] Instant switched(std::int64_t number_of_generation) const {
        const auto at = std::ranges::lower_bound(switches, number_of_generation, {},
                                                 [](const auto& entry) { return entry.first; });
        return at == switches.end() ? Instant{} : at->second;
    }
};

struct Published::View {
    std::uint64_t epoch = 0;
    // By number, which is also the order of codes; shared by the views that follow each other.
    std::vector<std::shared_ptr<const AuthorityView>> authorities;

    [[nodiscard]] auto at(storage::AuthorityNumber number) const {
        return std::ranges::lower_bound(authorities, number, {},
                                        [](const auto& authority) { return authority->number; });
    }
    [[nodiscard]] const AuthorityView* find(storage::AuthorityNumber number) const {
        const auto found = at(number);
        return found == authorities.end() || (*found)->number != number || (*found)->generation == 0
                   ? nullptr
                   : found->get();
    }
};

struct Published::Found {
    const AuthorityView* authority = nullptr;
    const storage::PersonRow* row = nullptr;

    [[nodiscard]] bool ended() const {
        return row->gen_to != 0 && row->gen_to <= authority->generation;
    }
    [[nodiscard]] auto key() const { return std::tie(row->authority, row->history); }
    // By authority; what is in force before what has ended, newest first.
    [[nodiscard]] auto order() const { return std::tuple(row->authority, ended(), -row->gen_from); }
};

// What is known about a person, within the view it belongs to. Used again by the thread.
struct Published::Read {
    std::shared_ptr<const View> view;           // keeps the authorities that the others point to
    std::vector<Found> found;                   // the rows that count now, one for each history key
    std::vector<const AuthorityView*> cut_off;  // of which not all rows were read
    storage::PersonRows rows;
};

Published::Published(storage::RegistryStorage& store, const RowKeys& keys)
    : store_(store), keys_(keys), view_(std::make_shared<View>()) {}

Result<Published::AuthorityView> Published::view_of(
    const storage::AuthorityRow& row, std::span<const storage::GenerationRow> generations) const {
    AuthorityView authority{.code = set_of(row.authority).authority, .number = row.authority};
    for (const storage::GenerationRow& generation : generations) {
        if (generation.state != storage::GenerationRow::State::switched) continue;
        authority.switches.emplace_back(generation.number,
                                        Instant(std::chrono::milliseconds(generation.switched_ms)));
        if (generation.number != row.generation) continue;
        authority.generation = generation.number;
        authority.rows = generation.rows;
        authority.publication = generation.publication;
    }
    if (authority.generation == 0) return authority;
    SHIKAKU_TRY_LET(const auto linkage, store_.linkage(authority.publication));
    authority.linkage = domain::LinkageCheck::parse(linkage);
    if (!authority.linkage && !linkage.empty())
        return fail(ErrorCode::corrupt, "a stored linkage check value is none");
    return authority;
}

void Published::show(const std::function<void(View&)>& change) {
    {
        const Lock lock(mutex_);
        auto fresh = std::make_shared<View>(*view_);
        ++fresh->epoch;
        change(*fresh);
        epoch_.store(fresh->epoch, std::memory_order_release);
        view_ = std::move(fresh);
    }
    store_.end_idle_snapshots();
}

Status Published::reload() {
    SHIKAKU_TRY_LET(const auto authorities, store_.authorities());
    SHIKAKU_TRY_LET(const auto generations, store_.generations());
    std::vector<std::shared_ptr<const AuthorityView>> all;
    auto next = generations.begin();  // both lists are in the order of authorities
    for (const storage::AuthorityRow& row : authorities) {
        const auto begin = next;
        while (next != generations.end() && next->authority == row.authority)
            ++next;
        SHIKAKU_TRY_LET(auto authority, view_of(row, {begin, next}));
        all.push_back(std::make_shared<const AuthorityView>(std::move(authority)));
    }
    show([&](View& view) { view.authorities = std::move(all); });
    return {};
}

Status Published::reload(RecordSet set) {
    const storage::AuthorityNumber number = number_of(set);
    SHIKAKU_TRY_LET(const auto row, store_.authority(number));
    if (!row) return {};
    SHIKAKU_TRY_LET(const auto generations, store_.generations(number));
    SHIKAKU_TRY_LET(auto authority_view, view_of(*row, generations));
    const auto fresh = std::make_shared<const AuthorityView>(std::move(authority_view));
    show([&](View& view) {
        const auto at = view.at(number);
        if (at != view.authorities.end() && (*at)->number == number) {
            view.authorities[static_cast<std::size_t>(at - view.authorities.begin())] = fresh;
        } else {
            view.authorities.insert(at, fresh);
        }
    });
    return {};
}

std::shared_ptr<const Published::View> Published::view() const {
    const Lock lock(mutex_);
    return view_;
}

std::optional<Published::InForce> Published::in_force(RecordSet set) const {
    const auto now = view();
    const AuthorityView* found = now->find(number_of(set));
    if (!found) return std::nullopt;
    return InForce{.generation = found->generation,
                   .switched = found->switched(found->generation),
                   .rows = found->rows,
                   .publication = found->publication};
}

std::optional<registry::InForce> Published::told(RecordSet set) const {
    const auto now = view();
    const AuthorityView* found = now->find(number_of(set));
    if (!found) return std::nullopt;
    return registry::InForce{.as_of = found->switched(found->generation),
                             .linkage = found->linkage};
}

bool Published::has_published(RecordSet set) const {
    return view()->find(number_of(set)) != nullptr;
}

std::vector<domain::AuthorityCode> Published::authorities(RecordType records) const {
    std::vector<domain::AuthorityCode> codes;
    const auto now = view();
    for (const auto& authority : now->authorities)
        if (set_of(authority->number).records == records) codes.push_back(authority->code);
    return codes;
}

// A Read for one question, from those that this thread keeps.
class Published::Lent {
  public:
    Lent() {
        if (spare().empty()) {
            read_ = std::make_unique<Read>();
        } else {
            read_ = std::move(spare().back());
            spare().pop_back();
        }
    }
    ~Lent() {
        if (read_) spare().push_back(std::move(read_));
    }
    Lent(Lent&&) noexcept = default;
    Lent& operator=(Lent&&) = delete;
    Read& operator*() const { return *read_; }
    Read* operator->() const { return read_.get(); }

  private:
    static std::vector<std::unique_ptr<Read>>& spare() {
        thread_local std::vector<std::unique_ptr<Read>> kept;
        return kept;
    }
    std::unique_ptr<Read> read_;
};

template <class T, class Use>
storage::Reply<T> Published::read(const storage::Key16& person, Use use) const {
    Lent now;
    while (true) {
        now->view = view();
        auto reply =
            store_.read_person(person, {.number = now->view->epoch, .newest = epoch_}, now->rows);
        if (!reply.is_there())
            return storage::Reply<T>::later([this, person, use, now = std::move(now),
                                             reply = std::move(reply)](auto done) mutable {
                std::move(reply).then([this, person, use, now = std::move(now),
                                       done = std::move(done)](Result<bool> shown) mutable {
                    if (!shown) return done(refused(std::move(shown.error())));
                    if (!*shown) return read<T>(person, use).then(std::move(done));
                    choose(*now);
                    done(use(*now));
                });
            });
        auto shown = std::move(reply).take();
        if (!shown) return Result<T>(refused(std::move(shown.error())));
        if (*shown) break;
    }
    choose(*now);
    return Result<T>(use(*now));
}

std::unexpected<Error> Published::refused(Error error) const {
    if (error.code == ErrorCode::corrupt) damaged_ = true;
    return fail(std::move(error));
}

// Of what was read, what counts now.
void Published::choose(Read& read) {
    auto& found = read.found;
    found.clear();
    for (std::size_t i = 0; i < read.rows.count; ++i) {
        const storage::PersonRow& row = read.rows.rows[i];
        const Found one{.authority = read.view->find(row.authority), .row = &row};
        if (one.authority && row.gen_from <= one.authority->generation) found.push_back(one);
    }
    // Of the same history key the latest row counts.
    std::ranges::sort(found, [](const Found& a, const Found& b) {
        return a.key() == b.key() ? a.row->gen_from > b.row->gen_from : a.key() < b.key();
    });
    const auto older = std::ranges::unique(found, {}, &Found::key);
    found.erase(older.begin(), older.end());
    std::ranges::sort(found, {}, &Found::order);
    read.cut_off.clear();
    for (const storage::AuthorityNumber number : read.rows.cut_off)
        if (const AuthorityView* authority = read.view->find(number))
            read.cut_off.push_back(authority);
}

Result<domain::Entitlement> Published::open_entitlement(const storage::Key16& person,
                                                        const Found& found) const {
    const storage::PersonRow& row = *found.row;
    const auto content =
        keys_.open({.person = person, .history = row.history, .set = row.authority}, row.sealed);
    if (!content) return fail(content.error());
    auto entitlement = domain::decode_entitlement(*content);
    if (!entitlement) return entitlement;
    entitlement->changed_at = found.authority->switched(row.gen_from);
    if (found.ended()) {
        entitlement->revoked_at = found.authority->switched(row.gen_to);
        entitlement->left_out = !row.deleted;
    }
    return entitlement;
}

void Published::note_unreadable(const AuthorityView& authority, const Error& error) const {
    if (error.code == ErrorCode::corrupt) damaged_ = true;
    if (unreadable_.exchange(true)) return;
    log_error(
        "a row of registry.db cannot be opened: what its authority says of the person is cut "
        "off",
        {{"authority", authority.code.text()},
         {"code", name(error.code)},
         {"detail", error.detail}});
}

storage::Reply<std::vector<PublishedFor>> Published::find_all(const Hash256& link_key) const {
    const storage::Key16 person = keys_.person(RecordType::subsidies, link_key);
    return read<std::vector<PublishedFor>>(
        person, [this, person](const Read& now) { return gather(person, now); });
}

std::vector<PublishedFor> Published::gather(const storage::Key16& person, const Read& now) const {
    std::vector<PublishedFor> all;
    const auto of = [&all](const AuthorityView& authority) -> PublishedFor& {
        const auto at = std::ranges::lower_bound(all, authority.code, {}, &PublishedFor::authority);
        if (at != all.end() && at->authority == authority.code) return *at;
        return *all.insert(at, {.authority = authority.code,
                                .as_of = authority.switched(authority.generation),
                                .entitlements = {},
                                .linkage = authority.linkage});
    };
    const auto name_prefecture_of = [&of, &now](const AuthorityView& authority) {
        const auto prefecture = number_of(subsidies_of(authority.code.prefecture_authority()));
        if (const AuthorityView* found = now.view->find(prefecture)) of(*found);
    };
    for (const Found& one : now.found) {
        const bool unread = one.row->sealed.empty();
        if (unread && one.ended()) continue;  // it says nothing any more
        PublishedFor& mine = of(*one.authority);
        if (unread || mine.entitlements.size() == bounds::kEntitlementsPerAuthority) {
            mine.cut_off = true;
            continue;
        }
        auto entitlement = open_entitlement(person, one);
        if (entitlement) {
            mine.entitlements.push_back(std::move(*entitlement));
        } else {
            note_unreadable(*one.authority, entitlement.error());
            mine.cut_off = true;
        }
    }
    for (const AuthorityView* authority : now.cut_off)
        of(*authority).cut_off = true;
    for (const Found& one : now.found)
        name_prefecture_of(*one.authority);
    for (const AuthorityView* authority : now.cut_off)
        name_prefecture_of(*authority);
    return all;
}

storage::Reply<std::vector<PublishedRows>> Published::rows_of(RecordType records,
                                                              const Hash256& link_key) const {
    const storage::Key16 person = keys_.person(records, link_key);
    return read<std::vector<PublishedRows>>(
        person, [this, person](const Read& now) { return gather_rows(person, now); });
}

std::vector<PublishedRows> Published::gather_rows(const storage::Key16& person,
                                                  const Read& now) const {
    std::vector<PublishedRows> all;
    const auto of = [&all](const AuthorityView& authority) -> PublishedRows& {
        const auto at =
            std::ranges::lower_bound(all, authority.code, {}, &PublishedRows::authority);
        if (at != all.end() && at->authority == authority.code) return *at;
        return *all.insert(at, {.authority = authority.code,
                                .as_of = authority.switched(authority.generation),
                                .rows = {},
                                .linkage = authority.linkage});
    };
    for (const Found& one : now.found) {
        if (one.ended()) continue;
        PublishedRows& mine = of(*one.authority);
        if (one.row->sealed.empty() || mine.rows.size() == bounds::kRecordsPerAuthority) {
            mine.cut_off = true;
            continue;
        }
        auto content =
            keys_.open({.person = person, .history = one.row->history, .set = one.row->authority},
                       one.row->sealed);
        if (content) {
            mine.rows.push_back({.content = std::move(*content),
                                 .changed_at = one.authority->switched(one.row->gen_from)});
        } else {
            note_unreadable(*one.authority, content.error());
            mine.cut_off = true;
        }
    }
    for (const AuthorityView* authority : now.cut_off)
        of(*authority).cut_off = true;
    return all;
}

storage::Reply<std::vector<domain::AuthorityCode>> Published::authorities_of(
    const Hash256& link_key) const {
    const auto codes_of = [](const Read& now) {
        std::vector<domain::AuthorityCode> codes;
        codes.reserve(now.found.size() + now.cut_off.size());
        for (const Found& one : now.found)
            codes.push_back(one.authority->code);
        for (const AuthorityView* authority : now.cut_off)
            codes.push_back(authority->code);
        std::ranges::sort(codes);
        const auto twice = std::ranges::unique(codes);
        codes.erase(twice.begin(), twice.end());
        return codes;
    };
    return read<std::vector<domain::AuthorityCode>>(keys_.person(RecordType::subsidies, link_key),
                                                    codes_of);
}

}  // namespace shikaku::registry
