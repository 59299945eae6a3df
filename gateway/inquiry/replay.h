// Derives a logged answer again from its entry: the facts as they were found, the scheme packs of
// that time. Years later the same bytes must come out, or the same decision in the words of today;
// and what the parts say that clinic and authorities are shown must be that answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/inquiry/answer_entry.h"
#include "gateway/inquiry/answering.h"

namespace shikaku::inquiry {

struct Replayed {
    enum class State : std::uint8_t {
        same,           // the same bytes
        other_wording,  // other bytes from a program with other texts; what the entry holds is the
                        // same
        different,      // another answer, or another shown to somebody: an alarm
    };
    Answer answer;
    LoggedAnswer logged;
    [[nodiscard]] State state() const;
    // Whether the answer derived has the bytes of the one that was given.
    [[nodiscard]] bool same_bytes() const;
    [[nodiscard]] bool same() const { return state() != State::different; }
};
[[nodiscard]] std::string_view name(Replayed::State state);

// Where the packs of that time come from: the registry, or the gateway over HTTP.
using PackSource = std::function<Result<std::shared_ptr<const domain::SchemePack>>(
    domain::AuthorityCode authority, const std::string& version)>;

// Errors: those of the pack source and of read_eligibility().
[[nodiscard]] Result<Replayed> replay(const audit::OpenedEntry& entry, const PackSource& packs);

}  // namespace shikaku::inquiry
