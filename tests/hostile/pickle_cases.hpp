// What the cases of pickles share.
#pragma once

#include <string>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle.hpp"

namespace hostile {

/// An archive around PROTO 2, `body` and STOP.
[[nodiscard]] HostileFile hostile_pickle(const std::string& name, const std::string& rule,
                                         const pickle::Ops& body,
                                         ErrorCode code = ErrorCode::corrupt);

}  // namespace hostile
