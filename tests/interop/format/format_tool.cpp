// Reads a checkpoint and writes it again, for tests in Python: format-tool FROM-URL TO-URL
// [ALIGNMENT]
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "checkpoint/format/archive.hpp"
#include "vfs/context.hpp"

int main(int argc, char* argv[]) {
  if (argc < 3) {
    std::cerr << "usage: format-tool FROM-URL TO-URL [ALIGNMENT]\n";
    return 2;
  }
  try {
    const auto context = cairn::vfs::Context::make();
    const auto from = context->resolve(argv[1]);
    const auto to = context->resolve(argv[2]);
    const auto root = cairn::checkpoint::format::load(from.file_system, from.path);
    cairn::checkpoint::SaveOptions options;
    if (argc > 3) options.alignment = static_cast<std::uint32_t>(std::stoul(argv[3]));
    cairn::checkpoint::format::save(to.file_system, to.path, root, options);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
