// A value that is replaced as a whole while others read it.
#pragma once

#include <atomic>
#include <memory>

namespace shikaku::app {

template <class T>
class Snapshot {
  public:
    [[nodiscard]] std::shared_ptr<const T> get() const { return value_.load(); }
    void set(std::shared_ptr<const T> value) { value_.store(std::move(value)); }

  private:
    std::atomic<std::shared_ptr<const T>> value_{std::make_shared<const T>()};
};

}  // namespace shikaku::app
