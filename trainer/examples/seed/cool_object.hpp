// my_cool_pickable_object: any type that cereal can serialize.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include "checkpoint/cereal.hpp"

namespace seed {

struct CoolObject {
  std::string name{};
  std::vector<double> history{};
  std::map<std::string, int> counts{};

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(name), CEREAL_NVP(history), CEREAL_NVP(counts));
  }
  friend bool operator==(const CoolObject&, const CoolObject&) = default;
};

}  // namespace seed
