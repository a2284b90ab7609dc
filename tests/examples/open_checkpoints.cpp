// Opens every checkpoint below a root directory and what its `last` points to: after a kill all
// must be whole.
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "checkpoint/format/archive.hpp"
#include "trainer/checkpointing.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace {

void open(const std::string& url) {
  const cairn::vfs::Location location = cairn::vfs::Context::standard()->resolve(url);
  const cairn::checkpoint::Value root =
      cairn::checkpoint::format::load(location.file_system, location.path);
  if (!root.contains("state_dict")) throw std::runtime_error(url + " holds no state_dict");
}

int open_all(const std::string& root) {
  const cairn::vfs::Location location = cairn::vfs::Context::standard()->resolve(root);
  int count = 0;
  if (location.file_system.exists(location.path)) {
    for (const cairn::vfs::FileInfo& file :
         location.file_system.list(location.path, {.recursive = true})) {
      if (!file.path.string().ends_with(".ckpt")) continue;
      open(location.file_system.url(file.path));
      ++count;
    }
  }
  if (const std::optional<std::string> last = cairn::resolve_pointer(root + "/checkpoints", "last"))
    open(*last);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: open_checkpoints ROOT_URL\n";
    return 2;
  }
  try {
    std::cout << open_all(argv[1]) << " checkpoints are whole\n";
  } catch (const std::exception& error) {
    std::cerr << "open_checkpoints: " << error.what() << '\n';
    return 1;
  }
}
