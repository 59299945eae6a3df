#include "gateway/kinds/checkup/published.h"

#include <algorithm>

#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::checkup {
namespace {

using domain::SourceStatus;

// At most `limit` old; what comes from the future is of no known age.
bool is_within(Instant then, std::chrono::seconds limit, Instant now) {
    return then <= now + bounds::kClockStep && now - then <= limit;
}

// A row that this program cannot read is one that it does not know of.
bool take_rows(const registry::PublishedRows& rows, Finding& finding) {
    bool all = !rows.cut_off;
    for (const registry::PublishedRow& row : rows.rows) {
        auto checkup = decode_checkup(row.content);
        if (checkup) {
            checkup->changed_at = row.changed_at;
            finding.checkups.push_back(std::move(*checkup));
        } else {
            all = false;
        }
    }
    return all;
}

Finding finding_of(const registry::PublishedRows& rows, const Source& source, const About& about,
                   Instant now) {
    Finding finding{.authority = rows.authority, .as_of = rows.as_of};
    if (domain::differ(about.linkage, rows.linkage)) {
        finding.status = SourceStatus::unavailable;
        finding.other_linkage = true;
        return finding;
    }
    const bool all = take_rows(rows, finding);
    finding.beyond_policy = !is_within(rows.as_of, source.published_up_to(rows.authority), now);
    if (!all || finding.beyond_policy)
        finding.status = SourceStatus::unavailable;
    else
        finding.status =
            finding.checkups.empty() ? SourceStatus::no_record : SourceStatus::answered;
    return finding;
}

// Somebody who may know more was not heard.
void forbid_none(Finding& finding) {
    if (has_answered(finding)) finding.status = SourceStatus::unavailable;
}

}  // namespace

std::vector<Finding> find_published(const Source& source, const About& about, const Rows& read,
                                    Instant now) {
    const auto& [before, rows] = read;
    if (!rows) log_error("checkups cannot be read from the registry", rows.error());
    const bool readable = rows.has_value();
    // A switch to data of another linkage secret, in which nobody is found, may have come between.
    const auto after = about.residence ? source.in_force(*about.residence) : std::nullopt;
    std::vector<Finding> findings;
    bool home_is_known = false;
    for (const registry::PublishedRows& one :
         readable ? *rows : std::vector<registry::PublishedRows>()) {
        home_is_known = home_is_known || one.authority == about.residence;
        findings.push_back(finding_of(one, source, about, now));
    }
    if (about.residence && !home_is_known && before) {
        const bool other = domain::differ(about.linkage, before->linkage) || !after;
        findings.push_back(finding_of({.authority = *about.residence,
                                       .as_of = before->as_of,
                                       .rows = {},
                                       .linkage = other ? before->linkage : after->linkage},
                                      source, about, now));
    } else if (about.residence && !home_is_known) {
        findings.push_back({.authority = *about.residence});
    }
    // The authority of residence stays; of the others the first.
    const bool some_left_out = findings.size() > bounds::kAuthoritiesPerQuestion;
    for (std::size_t i = findings.size(); findings.size() > bounds::kAuthoritiesPerQuestion;)
        if (findings[--i].authority != about.residence)
            findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(i));
    std::ranges::sort(findings, {}, &Finding::authority);
    if (!readable || some_left_out) std::ranges::for_each(findings, forbid_none);
    return findings;
}

}  // namespace shikaku::checkup
