#include "adapters/published/published_settings.h"

#include "adapters/published/published_adapter.h"

namespace shikaku::adapters::published {
namespace {

class PublishedSettings final : public Settings {
  public:
    [[nodiscard]] Result<std::shared_ptr<Adapter>> make(
        const Surroundings& surroundings) const override {
        if (surroundings.registry == nullptr) return nullptr;  // whether it opens is told elsewhere
        return std::make_shared<PublishedAdapter>(*surroundings.registry);
    }
};

}  // namespace

std::shared_ptr<const Settings> read_settings(TomlReader& /*table*/) {
    return std::make_shared<PublishedSettings>();
}

}  // namespace shikaku::adapters::published
