#include "gateway/registry/schemes.h"

#include "gateway/registry/entitlement_kind.h"

namespace shikaku::registry {
namespace {

std::shared_ptr<const domain::SchemePack> as_schemes(const AnyPack& pack) {
    return std::static_pointer_cast<const domain::SchemePack>(pack);
}

}  // namespace

Schemes::Schemes(Packs& packs)
    : packs_(packs), rules_(std::make_shared<const domain::RuleBook>()) {}

void Schemes::load() {
    const std::lock_guard changing(changing_);
    auto rules = std::make_shared<domain::RuleBook>(*this->rules());
    take(*rules);
    swap_in(std::move(rules));
}

void Schemes::take(domain::RuleBook& rules) const {
    const auto in_force = packs_.in_force();
    for (const auto& [set, kept] : *in_force) {
        if (set.records != RecordType::subsidies) continue;
        rules.packs[set.authority] = as_schemes(kept.pack);
        rules.accepted[set.authority] = kept.accepted;
    }
}

std::shared_ptr<const domain::RuleBook> Schemes::rules() const {
    const Lock lock(mutex_);
    return rules_;
}

void Schemes::swap_in(std::shared_ptr<const domain::RuleBook> rules) {
    const Lock lock(mutex_);
    rules_.swap(rules);
}

Result<std::shared_ptr<const domain::SchemePack>> Schemes::pack(domain::AuthorityCode authority,
                                                                const std::string& version) const {
    SHIKAKU_TRY_LET(const auto pack, packs_.pack(subsidies_of(authority), version));
    return as_schemes(pack);
}

void Schemes::set_local_order(std::map<std::string, std::vector<std::string>, std::less<>> order) {
    const std::lock_guard changing(changing_);
    auto rules = std::make_shared<domain::RuleBook>(*this->rules());
    rules->local_order = std::move(order);
    swap_in(std::move(rules));
}

Result<Registry::PackOutcome> Schemes::put(domain::AuthorityCode authority, std::string_view pack,
                                           std::string_view caller) {
    const std::lock_guard changing(changing_);
    SHIKAKU_TRY_LET(auto put, packs_.put(subsidies_of(authority), pack, caller));
    auto rules = std::make_shared<domain::RuleBook>(*this->rules());
    take(*rules);
    swap_in(std::move(rules));
    return Registry::PackOutcome{.result = {.pack = as_schemes(put.read.pack),
                                            .problems = std::move(put.read.problems),
                                            .examples_run = put.read.examples_run},
                                 .version = std::move(put.version),
                                 .log_index = put.log_index};
}

}  // namespace shikaku::registry
