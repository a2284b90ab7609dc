// Uses the library up to the end of the process: in an exit handler, with an open reader and writer
// and threads in the pool.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

using namespace cairn::vfs;

namespace {

constexpr std::size_t kSize = 20U << 20U;

std::optional<Reader>& open_reader() {
  static std::optional<Reader> reader;
  return reader;
}

std::optional<Writer>& open_writer() {
  static std::optional<Writer> writer;
  return writer;
}

const FileSystem& files() {
  static const FileSystem shared = Context::standard()->resolve("memory://exit/").file_system;
  return shared;
}

}  // namespace

int main() {
  files().write("large", std::string(kSize, 'x'));
  open_reader().emplace(files().open_read("large"));  // never closed by hand
  open_writer().emplace(files().open_write("open"));
  open_writer()->write(std::string(kSize, 'y'));

  // Registered last, so it runs first: before the destructors of the statics above, after main.
  std::atexit([] {
    if (files().read("large").size() == kSize && !files().exists("open")) return;
    std::cerr << "the file system is gone before the end\n";
    std::_Exit(1);
  });
  return 0;
}
