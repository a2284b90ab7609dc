// Where two trees differ, if they do.
#pragma once

#include <string>

#include "checkpoint/format/value.hpp"

namespace interop {

/// The place and kind of the first difference; empty if there is none. What equal() does not look
/// at counts, too: the containers and storages that are one object in `left` are one in `right`,
/// and no others; views have their offsets and strides.
[[nodiscard]] std::string difference(const cairn::checkpoint::Value& left,
                                     const cairn::checkpoint::Value& right);

}  // namespace interop
