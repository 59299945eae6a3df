// The requests of a run, whole as they go over the wire and made before the measured window.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/load/tokens.h"

namespace shikaku::bench {

// Their names, for the command line.
[[nodiscard]] std::vector<std::string> hostile_bodies();

class Requests {
  public:
    // The same GET again and again.
    [[nodiscard]] static Requests get(const std::string& host, const std::string& path);
    // One question a request, each with a token of its own; none is sent twice.
    [[nodiscard]] static Requests questions(const std::string& host, const TokenPlan& plan,
                                            std::size_t count, bool receipt);
    // `in_each` questions a request, as NDJSON.
    [[nodiscard]] static Requests batches(const std::string& host, const TokenPlan& plan,
                                          std::size_t count, std::size_t in_each);

    // The same body again and again, made to cost its reader much; `kind` as in hostile_bodies().
    [[nodiscard]] static Requests hostile(const std::string& host, const std::string& kind);

    // Empty when there are no more.
    [[nodiscard]] std::string_view next() {
        if (repeat_ && at_ == texts_.size()) {
            at_ = 0;
        }
        return at_ < texts_.size() ? std::string_view(texts_[at_++]) : std::string_view();
    }

  private:
    Requests(std::vector<std::string> texts, bool repeat)
        : texts_(std::move(texts)), repeat_(repeat) {}

    std::vector<std::string> texts_;
    std::size_t at_ = 0;
    bool repeat_;
};

}  // namespace shikaku::bench
