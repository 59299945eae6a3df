// What the configuration says of one authority beside what every kind of adapter has, as its kind
// reads it. Nobody else knows what stands in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "gateway/http/tls.h"

namespace shikaku::registry {
class Registry;
}

namespace shikaku::adapters {

class Settings {
  public:
    // What an adapter may be made with.
    struct Surroundings {
        const registry::Registry* registry = nullptr;  // nullptr: nothing is asked, only checked
        std::shared_ptr<http::TlsContext> tls;         // of tls(), where it names files
    };

    virtual ~Settings() = default;
    // bad_configuration: the detail names the key.
    [[nodiscard]] virtual Result<std::shared_ptr<Adapter>> make(
        const Surroundings& surroundings) const = 0;
    // The files with which its system is reached; nullptr: over no network.
    [[nodiscard]] virtual const http::TlsFiles* tls() const { return nullptr; }
    // The effective values as TOML. What makes another adapter is in it, or in the files of tls().
    [[nodiscard]] virtual std::string describe() const { return {}; }
    // What works and should not stay so, in Japanese and English.
    [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
};

}  // namespace shikaku::adapters
