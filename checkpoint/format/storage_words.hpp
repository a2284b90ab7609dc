// How a file spells its references to storages. Python remembers texts by identity: a tree that is
// written again refers to the same ones.
#pragma once

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

struct StorageWords {
  Value storage{};   // 'storage'
  Value key{};       // the record's name
  Value location{};  // 'cpu'
};

}  // namespace cairn::checkpoint
