// What the cases of zips share: a good one, and one with something changed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/zip_image.hpp"

namespace hostile {

[[nodiscard]] std::vector<Content> good_contents();
[[nodiscard]] ZipImage good_image();
[[nodiscard]] HostileFile changed(const std::string& name, ErrorCode code, const std::string& rule,
                                  const std::function<void(ZipImage&)>& change);

}  // namespace hostile
