// What stands in a request's path for the {names} of its route. Views into both.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace shikaku::api {

class PathParameters {
  public:
    static constexpr std::size_t kMost = 2;

    // False: there are too many.
    [[nodiscard]] bool add(std::string_view name, std::string_view value) {
        if (size_ == kMost) return false;
        all_[size_++] = {name, value};
        return true;
    }
    // "" when the route has none of that name.
    [[nodiscard]] std::string_view operator[](std::string_view name) const {
        for (const auto& [known, value] : all_)
            if (known == name) return value;
        return {};
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    struct Parameter {
        std::string_view name, value;
    };
    std::array<Parameter, kMost> all_{};
    std::size_t size_ = 0;
};

}  // namespace shikaku::api
