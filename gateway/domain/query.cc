#include "gateway/domain/query.h"

#include "gateway/support/names.h"

namespace shikaku::domain {
namespace {

constexpr auto kPriorities = std::to_array<Named<Priority>>({{Priority::emergency, "emergency"},
                                                             {Priority::walk_in, "walk_in"},
                                                             {Priority::scheduled, "scheduled"},
                                                             {Priority::bulk, "bulk"}});
constexpr auto kStatuses =
    std::to_array<Named<SourceStatus>>({{SourceStatus::answered, "answered"},
                                        {SourceStatus::no_record, "no_record"},
                                        {SourceStatus::not_connected, "not_connected"},
                                        {SourceStatus::unavailable, "unavailable"},
                                        {SourceStatus::timeout, "timeout"},
                                        {SourceStatus::refused, "refused"}});
constexpr auto kFreshnesses = std::to_array<Named<Freshness>>({{Freshness::published, "published"},
                                                               {Freshness::live, "live"},
                                                               {Freshness::cached, "cached"},
                                                               {Freshness::stale, "stale"}});
constexpr auto kInsurances =
    std::to_array<Named<Insurance::Status>>({{Insurance::Status::valid, "valid"},
                                             {Insurance::Status::invalid, "invalid"},
                                             {Insurance::Status::unknown, "unknown"}});

static_assert(lists_all(kPriorities) && lists_all(kStatuses) && lists_all(kFreshnesses) &&
              lists_all(kInsurances));

}  // namespace

std::string_view name(Priority priority) {
    return name_in(kPriorities, priority);
}
std::optional<Priority> parse_priority(std::string_view text) {
    return value_in(kPriorities, text);
}
std::string_view name(SourceStatus status) {
    return name_in(kStatuses, status);
}
std::optional<SourceStatus> parse_source_status(std::string_view text) {
    return value_in(kStatuses, text);
}
std::string_view name(Freshness freshness) {
    return name_in(kFreshnesses, freshness);
}
std::optional<Freshness> parse_freshness(std::string_view text) {
    return value_in(kFreshnesses, text);
}
std::string_view name(Insurance::Status status) {
    return name_in(kInsurances, status);
}
std::optional<Insurance::Status> parse_insurance_status(std::string_view text) {
    return value_in(kInsurances, text);
}

}  // namespace shikaku::domain
