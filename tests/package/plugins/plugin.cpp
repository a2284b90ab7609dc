// A plugin with its own copy of vfs inside, in static storage, used until the process ends.
#include <iostream>
#include <memory>

#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace {

const auto files = cairn::vfs::FileSystem::open("memory://" NAME);

}  // namespace

extern "C" __attribute__((visibility("default"))) void run_plugin() {
  files.write("greeting.txt", "memory of " NAME);
  std::cout << NAME ": " << files.read_text("greeting.txt") << '\n';
  cairn::vfs::Context::standard()->resolve("memory://shared/").file_system.write("owner.txt", NAME);
}

/// What this copy's process-wide Context holds.
extern "C" __attribute__((visibility("default"))) bool owns_context() {
  return cairn::vfs::Context::standard()
             ->resolve("memory://shared/")
             .file_system.read_text("owner.txt") == NAME;
}
