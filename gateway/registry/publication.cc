#include "gateway/registry/publication.h"

#include "gateway/support/names.h"

namespace shikaku::registry {
namespace {

using enum PublicationState;
constexpr auto kStates = std::to_array<Named<PublicationState>>({{receiving, "receiving"},
                                                                 {checking, "checking"},
                                                                 {held, "held"},
                                                                 {active, "active"},
                                                                 {rejected, "rejected"},
                                                                 {rolled_back, "rolled_back"}});
constexpr auto kModes = std::to_array<Named<Mode>>({{Mode::full, "full"}, {Mode::delta, "delta"}});
constexpr auto kFormats = std::to_array<Named<BodyFormat>>({{BodyFormat::csv_cp932, "csv_cp932"},
                                                            {BodyFormat::csv_utf8, "csv_utf8"},
                                                            {BodyFormat::ndjson, "ndjson"}});

static_assert(lists_all(kStates) && lists_all(kModes) && lists_all(kFormats));

}  // namespace

std::string_view name(PublicationState state) {
    return name_in(kStates, state);
}
std::optional<PublicationState> parse_publication_state(std::string_view text) {
    return value_in(kStates, text);
}
std::string_view name(Mode mode) {
    return name_in(kModes, mode);
}
std::optional<Mode> parse_mode(std::string_view text) {
    return value_in(kModes, text);
}
std::string_view name(BodyFormat format) {
    return name_in(kFormats, format);
}

}  // namespace shikaku::registry
