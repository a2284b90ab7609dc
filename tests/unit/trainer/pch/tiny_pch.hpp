// Parsed once for all sources of unit-trainer: LibTorch takes longer than all else.
#include "tests/unit/trainer/tiny.hpp"
