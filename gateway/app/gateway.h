// The whole house: every part of the running gateway, top to bottom, with what it needs. The only
// place that knows everyone. Parts are destroyed in reverse.
#pragma once

#include <memory>

#include "gateway/app/config.h"
#include "gateway/support/result.h"

namespace shikaku::app {

struct StartOptions {
    bool clock_is_right = false;  // although it is behind the log's last entry
};

class Gateway {
  public:
    // Opens everything that can fail; nothing listens yet.
    [[nodiscard]] static Result<std::unique_ptr<Gateway>> build(Config config,
                                                                const StartOptions& options = {});
    ~Gateway();

    [[nodiscard]] Status start();  // logs `start`, listens
    // Certificates, CRLs, issuers, authorities, withdrawn holders, log level; when the new ones are
    // bad the old stay and the error says why.
    [[nodiscard]] Status reload();
    void stop();  // drains, logs `stop`

    // In words, for operators: what /readyz says.
    [[nodiscard]] std::string status() const;
    // Whether a restart would not help: the api port's threads turn, and the log moves or waits for
    // room. Looks at what has happened since the last call, by one thread.
    [[nodiscard]] bool alive();

    [[nodiscard]] std::uint16_t api_port() const;
    [[nodiscard]] std::uint16_t ops_port() const;

  private:
    struct House;
    explicit Gateway(std::unique_ptr<House> house);
    std::unique_ptr<House> house_;
};

}  // namespace shikaku::app
