#include "gateway/registry/published.h"

#include <algorithm>
#include <tuple>

#include "gateway/support/bounds.h"

namespace shikaku::registry {

struct Published::AuthorityView {
    domain::AuthorityCode code;
    storage::AuthorityNumber number = 0;
    std::int64_t generation = 0;  // in force; 0: nothing published
    std::int64_t rows = 0;
    std::string publication{};
    std::vector<std::pair<std::int64_t, Instant>> switches{};  // every generation and its time

    [[nodiscard]] Instant switched(std::int64_t number_of_generation) const {
        const auto at = std::ranges::lower_bound(switches, number_of_generation, {},
                                                 [](const auto& entry) { return entry.first; });
        return at == switches.end() ? Instant{} : at->second;
    }
};

struct Published::View {
    std::uint64_t epoch = 0;
    std::vector<AuthorityView> authorities;  // by number, which is also the order of codes

    [[nodiscard]] const AuthorityView* find(storage::AuthorityNumber number) const {
        const auto at = std::ranges::lower_bound(authorities, number, {}, &AuthorityView::number);
        return at == authorities.end() || at->number != number || at->generation == 0 ? nullptr
                                                                                      : &*at;
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

Published::Published(storage::RegistryStore& store, const RowKeys& keys)
    : store_(store), keys_(keys), readers_(store.file()), view_(std::make_shared<View>()) {}

Status Published::reload() {
    const auto authorities = store_.authorities();
    if (!authorities) return fail(authorities.error());
    const auto generations = store_.generations();
    if (!generations) return fail(generations.error());

    auto fresh = std::make_shared<View>();
    auto next = generations->begin();  // both lists are in the order of authorities
    for (const storage::AuthorityRow& row : *authorities) {
        AuthorityView authority{.code = code_of(row.authority), .number = row.authority};
        for (; next != generations->end() && next->authority == row.authority; ++next) {
            const storage::GenerationRow& generation = *next;
            if (generation.state != storage::GenerationRow::State::switched) continue;
            authority.switches.emplace_back(
                generation.number, Instant(std::chrono::milliseconds(generation.switched_ms)));
            if (generation.number != row.generation) continue;
            authority.generation = generation.number;
            authority.rows = generation.rows;
            authority.publication = generation.publication;
        }
        fresh->authorities.push_back(std::move(authority));
    }
    {
        const std::lock_guard lock(mutex_);
        fresh->epoch = view_->epoch + 1;
        view_ = fresh;
        epoch_.store(fresh->epoch, std::memory_order_release);
    }
    let_go();
    return {};
}

std::shared_ptr<const Published::View> Published::view() const {
    const std::lock_guard lock(mutex_);
    return view_;
}

std::optional<Published::InForce> Published::in_force(domain::AuthorityCode authority) const {
    const auto now = view();
    const AuthorityView* found = now->find(number_of(authority));
    if (!found) return std::nullopt;
    return InForce{.generation = found->generation,
                   .switched = found->switched(found->generation),
                   .rows = found->rows,
                   .publication = found->publication};
}

bool Published::has_published(domain::AuthorityCode authority) const {
    return view()->find(number_of(authority)) != nullptr;
}

std::vector<domain::AuthorityCode> Published::authorities() const {
    std::vector<domain::AuthorityCode> codes;
    for (const AuthorityView& authority : view()->authorities)
        codes.push_back(authority.code);
    return codes;
}

Result<std::shared_ptr<const Published::View>> Published::read(const storage::Key16& person,
                                                               std::vector<Found>& found) const {
    thread_local std::vector<storage::PersonRow> rows;
    auto reader = readers_.mine();
    if (!reader) return fail(std::move(reader.error()));
    const std::lock_guard lock((*reader)->mutex);
    std::shared_ptr<const View> now = view();
    while (!(*reader)->is_current(now->epoch)) {
        SHIKAKU_TRY((*reader)->begin(now->epoch));
        // Unchanged after the transaction began: what this view needs was not discarded before.
        if (epoch_.load(std::memory_order_acquire) == now->epoch) break;
        now = view();
    }
    const auto count = (*reader)->find(person, rows);
    if (!count) return fail(count.error());

    for (std::size_t i = 0; i < *count; ++i) {
        const Found one{.authority = now->find(rows[i].authority), .row = &rows[i]};
        if (one.authority && one.row->gen_from <= one.authority->generation) found.push_back(one);
    }
    // Of the same history key the latest row counts.
    std::ranges::sort(found, [](const Found& a, const Found& b) {
        return a.key() == b.key() ? a.row->gen_from > b.row->gen_from : a.key() < b.key();
    });
    const auto older = std::ranges::unique(found, {}, &Found::key);
    found.erase(older.begin(), older.end());
    std::ranges::sort(found, {}, &Found::order);
    return now;
}

Result<domain::Entitlement> Published::open(const storage::Key16& person,
                                            const Found& found) const {
    const storage::PersonRow& row = *found.row;
    auto entitlement = keys_.open(
        {.person = person, .history = row.history, .authority = row.authority}, row.sealed);
    if (!entitlement) return entitlement;
    entitlement->changed_at = found.authority->switched(row.gen_from);
    if (found.ended()) {
        entitlement->revoked_at = found.authority->switched(row.gen_to);
        entitlement->left_out = !row.deleted;
    }
    return entitlement;
}

Result<std::vector<PublishedFor>> Published::find_all(const Hash256& link_key) const {
    const storage::Key16 person = keys_.person(link_key);
    thread_local std::vector<Found> found;
    found.clear();
    const auto now = read(person, found);  // keeps the authorities that `found` points to
    if (!now) return fail(now.error());
    std::vector<PublishedFor> all;
    for (const Found& one : found) {
        if (all.empty() || all.back().authority != one.authority->code) {
            all.push_back({.authority = one.authority->code,
                           .as_of = one.authority->switched(one.authority->generation),
                           .entitlements = {}});
        }
        if (all.back().entitlements.size() == bounds::kEntitlementsPerAuthority) {
            all.back().cut_off = true;
            continue;
        }
        auto entitlement = open(person, one);
        if (!entitlement) return fail(std::move(entitlement.error()));
        all.back().entitlements.push_back(std::move(*entitlement));
    }
    return all;
}

Result<std::vector<domain::AuthorityCode>> Published::authorities_of(
    const Hash256& link_key) const {
    thread_local std::vector<Found> found;
    found.clear();
    const auto now = read(keys_.person(link_key), found);
    if (!now) return fail(now.error());
    std::vector<domain::AuthorityCode> codes;
    for (const Found& one : found) {
        if (codes.empty() || codes.back() != one.authority->code)
            codes.push_back(one.authority->code);
    }
    return codes;
}

}  // namespace shikaku::registry
