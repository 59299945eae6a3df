// What almost every source includes, read once and not four hundred times: nothing here belongs to
// us, so nothing that changes with our work. Sources include what they use all the same; the
// preset tsan, which does not precompile, shows when one does not.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
