#include "gateway/registry/publication.h"

#include <array>

namespace shikaku::registry {
namespace {

constexpr std::array<std::string_view, 6> kStates{"receiving", "checking", "held",
                                                  "active",    "rejected", "rolled_back"};

}  // namespace

std::string_view name(PublicationState state) {
    return kStates[static_cast<std::size_t>(state)];
}

std::optional<PublicationState> parse_publication_state(std::string_view text) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        if (kStates[i] == text) return static_cast<PublicationState>(i);
    }
    return std::nullopt;
}

std::string_view name(Mode mode) {
    return mode == Mode::full ? "full" : "delta";
}

std::string_view name(BodyFormat format) {
    switch (format) {
        case BodyFormat::csv_cp932:
            return "csv_cp932";
        case BodyFormat::csv_utf8:
            return "csv_utf8";
        case BodyFormat::ndjson:
            return "ndjson";
    }
    return {};
}

}  // namespace shikaku::registry
