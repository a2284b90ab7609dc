// What most sources of the simulated clouds include of others, compiled once. Each source includes what it uses all the same.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
