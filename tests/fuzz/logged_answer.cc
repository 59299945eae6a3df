// The parts of a logged answer, one a line (asker, rest, then authorities), as auditors and
// receipts read them; and the changes of the registry that the log holds.
#include "gateway/domain/case_json.h"
#include "gateway/inquiry/answer_entry.h"
#include "gateway/inquiry/share.h"
#include "gateway/registry/log_details.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

std::string written(const domain::Case& facts) {
    std::string out;
    JsonWriter json(out);
    domain::write_case(json, facts);
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    audit::OpenedEntry entry{
        .leaf = {.version = (input.choice() & 1U) != 0 ? audit::kLeafWhole : audit::kLeafInParts},
        .opened = audit::Opened::all,
        .detail = {}};
    entry.detail.asker = input.text_until('\n');
    entry.detail.rest = input.text_until('\n');
    while (!input.bytes().empty())
        entry.detail.authorities.emplace_back(input.text_until('\n'));

    if (const auto answer = inquiry::read_eligibility(entry)) {
        const std::string once = written(answer->facts);
        const auto again = domain::read_case(parse_json(once).value());
        fuzz::require(again && written(*again) == once);
    }
    identity::Caller caller;
    caller.role = identity::Role::authority;
    caller.authority = domain::AuthorityCode::parse("132012");
    (void)inquiry::share_of(caller, entry);
    for (const auto kind : {audit::Kind::registry_switch, audit::Kind::scheme_change})
        (void)registry::read_change(kind, entry.detail.rest);
    return 0;
}
