#include "municipal-mocks/faults.h"

#include <algorithm>
#include <array>

#include "gateway/support/json.h"

namespace shikaku::mocks {
namespace {

struct KindInfo {
    std::string_view name;
    Fault::Kind kind;
    std::string_view number;  // the member that carries one; empty: none
    int least, most;
};

constexpr auto kKinds = std::to_array<KindInfo>({
    {"delay", Fault::Kind::delay, "ms", 1, 600'000},
    {"status", Fault::Kind::status, "status", 200, 599},
    {"garbage", Fault::Kind::garbage, {}, 0, 0},
    {"cut", Fault::Kind::cut, "bytes", 0, 1'000'000},
    {"wrong_person", Fault::Kind::wrong_person, {}, 0, 0},
    {"hang", Fault::Kind::hang, {}, 0, 0},
});

std::unexpected<Error> bad(const std::string& what) {
    return fail(ErrorCode::bad_configuration, "fault plan: " + what);
}

Result<Fault> read_fault(const Json& json) {
    const auto kind =
        std::ranges::find(kKinds, json.at("kind").get<std::string>(), &KindInfo::name);
    if (kind == kKinds.end()) return bad("an unknown kind");
    for (const auto& [name, value] : json.items())
        if (name != "kind" && name != "chance" && name != kind->number)
            return bad("a fault of kind '" + std::string(kind->name) + "' has no '" + name + "'");
    Fault fault{.kind = kind->kind, .chance = json.value("chance", 1.0)};
    if (fault.chance < 0 || fault.chance > 1) return bad("a chance outside 0 to 1");
    if (kind->number.empty()) return fault;
    fault.number = json.at(std::string(kind->number)).get<int>();
    if (fault.number < kind->least || fault.number > kind->most)
        return bad("'" + std::string(kind->number) + "' is out of range");
    return fault;
}

}  // namespace

Result<FaultPlan> FaultPlan::parse(std::string_view text) {
    const auto json = parse_json(text);
    if (!json) return bad("not JSON");
    try {
        FaultPlan plan;
        for (const auto& [name, value] : json->items())
            if (name != "seed" && name != "faults") return bad("there is no '" + name + "'");
        plan.seed_ = json->value("seed", std::uint64_t{0});
        if (!json->at("faults").is_array()) return bad("'faults' is not a list");
        for (const Json& item : json->at("faults")) {
            SHIKAKU_TRY_LET(const auto fault, read_fault(item));
            plan.faults_.push_back(fault);
        }
        return plan;
    } catch (const nlohmann::json::exception&) {
        return bad("a member is missing or has another type");
    }
}

FaultPlan::Drawn FaultPlan::draw(std::mt19937_64& dice) const {
    Drawn drawn;
    for (const Fault& fault : faults_) {
        // Every fault throws, so that the ones after it do not depend on what came up before.
        constexpr double kSides = 18446744073709551616.0;  // 2^64
        const bool comes_up = static_cast<double>(dice()) / kSides < fault.chance;
        if (!comes_up) continue;
        if (fault.kind == Fault::Kind::delay)
            drawn.delay += std::chrono::milliseconds(fault.number);
        else if (drawn.fault.kind == Fault::Kind::none)
            drawn.fault = fault;
    }
    return drawn;
}

}  // namespace shikaku::mocks
