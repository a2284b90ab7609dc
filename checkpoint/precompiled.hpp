// What most sources of format include, compiled once. Each source includes what it uses all the same.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/format/value.hpp"
