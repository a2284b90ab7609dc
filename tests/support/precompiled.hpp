// What most tests include, compiled once for each of the larger test programs. Each source includes what it uses all the same.
#include "tests/support/catch.hpp"
#include "vfs/file_system.hpp"
