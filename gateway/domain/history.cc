#include "gateway/domain/history.h"

#include <algorithm>
#include <tuple>

#include "gateway/domain/entitlement_fields.h"

namespace shikaku::domain {
namespace {

bool same_scheme(const Row& a, const Row& b) {
    const SubsidyDecision& x = a.subsidy;
    const SubsidyDecision& y = b.subsidy;
    if (x.authority != y.authority || x.scheme != y.scheme) return false;
    if (x.scheme != nullptr) return true;
    return x.entitlement->scheme_id == y.entitlement->scheme_id &&
           x.entitlement->certificate_type_id == y.entitlement->certificate_type_id &&
           x.payer_number == y.payer_number;
}

bool same_certificate(const Row& a, const Row& b) {
    const Entitlement& x = *a.subsidy.entitlement;
    const Entitlement& y = *b.subsidy.entitlement;
    return same_scheme(a, b) && x.certificate_type_id == y.certificate_type_id &&
           a.subsidy.payer_number == b.subsidy.payer_number &&
           x.recipient_number == y.recipient_number &&
           (!x.recipient_number.empty() || x.history_key == y.history_key);
}

Instant last_word(const Entitlement& entitlement) {
    return std::max(entitlement.changed_at, entitlement.revoked_at.value_or(Instant{}));
}

// Among rows in force of one certificate: the usable one, then the newer one.
bool more_relevant_now(const Row& a, const Row& b) {
    const Entitlement& x = *a.subsidy.entitlement;
    const Entitlement& y = *b.subsidy.entitlement;
    const auto rank = [](const Row& row, const Entitlement& entitlement) {
        return std::tuple(row.subsidy.outcome == Outcome::eligible, entitlement.valid_from,
                          last_word(entitlement));
    };
    if (rank(a, x) != rank(b, y)) return rank(a, x) > rank(b, y);
    return row_before(a, b);
}

// Among rows not in force of one scheme: a coming one, the sooner the better; else the one about
// which the authority spoke last, a shortened certificate before the longer one that it replaced.
bool more_relevant_past(const Row& a, const Row& b) {
    const Entitlement& x = *a.subsidy.entitlement;
    const Entitlement& y = *b.subsidy.entitlement;
    const bool a_coming = a.subsidy.reason == Reason::NOT_YET_VALID;
    const bool b_coming = b.subsidy.reason == Reason::NOT_YET_VALID;
    if (a_coming != b_coming) return a_coming;
    if (a_coming && x.valid_from != y.valid_from) return x.valid_from < y.valid_from;
    const auto rank = [](const Entitlement& entitlement) {
        return std::tuple(last_word(entitlement), !entitlement.revoked_at, entitlement.valid_to);
    };
    if (rank(x) != rank(y)) return rank(x) > rank(y);
    return row_before(a, b);
}

bool is_outdone(const Row& row, const std::vector<Row>& rows) {
    const bool in_force = is_in_force(row);
    return std::ranges::any_of(rows, [&](const Row& other) {
        if (&other == &row) return false;
        if (in_force)
            return is_in_force(other) && same_certificate(row, other) &&
                   more_relevant_now(other, row);
        return same_scheme(row, other) && (is_in_force(other) || more_relevant_past(other, row));
    });
}

// The order decides which of two rows speaks: a logged answer is derived again by it, so it stays
// as it was. The payer number comes last of the first fields, later fields behind them.
std::strong_ordering compare_certificates(const Entitlement& a, const Entitlement& b) {
    constexpr std::size_t kPayerNumber = 4;
    static_assert(entitlement_fields::kTable[kPayerNumber].name == "payer_number");
    const Fields<Entitlement> all = kEntitlementFields;
    const auto first = [](const Entitlement& e) {
        return std::tie(e.scheme_id, e.certificate_type_id, e.recipient_number, e.history_key,
                        e.valid_from, e.valid_to, e.changed_at, e.revoked_at);
    };
    std::strong_ordering order = first(a) <=> first(b);
    for (const Fields<Entitlement> part :
         {all.subspan(kPayerNumber + 1, kEntitlementFirstFields - kPayerNumber - 1),
          all.subspan(kPayerNumber, 1), all.subspan(kEntitlementFirstFields)}) {
        if (order != 0) break;
        order = compare(part, a, b);
    }
    return order;
}

}  // namespace

bool row_before(const Row& a, const Row& b) {
    const SubsidyDecision& x = a.subsidy;
    const SubsidyDecision& y = b.subsidy;
    const auto first = [](const SubsidyDecision& s) {
        return std::tie(s.payer_number, s.authority);
    };
    if (first(x) != first(y)) return first(x) < first(y);
    const auto order = compare_certificates(*x.entitlement, *y.entitlement);
    if (order != 0) return order < 0;
    return std::tie(x.freshness, x.as_of, a.source_failed, a.beyond_policy) <
           std::tie(y.freshness, y.as_of, b.source_failed, b.beyond_policy);
}

void keep_most_relevant(std::vector<Row>& rows) {
    if (rows.size() < 2) return;
    std::ranges::sort(rows, row_before);
    const auto same = std::ranges::unique(
        rows, [](const Row& a, const Row& b) { return !row_before(a, b) && !row_before(b, a); });
    rows.erase(same.begin(), same.end());
    std::vector<bool> outdone;
    outdone.reserve(rows.size());
    for (const Row& row : rows)
        outdone.push_back(is_outdone(row, rows));
    std::size_t index = 0;
    std::erase_if(rows, [&](const Row&) { return outdone[index++]; });
}

}  // namespace shikaku::domain
