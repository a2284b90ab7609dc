// A file system in static storage: made before main, used in its own destructor after main.
#include <cstdlib>
#include <iostream>
#include <string>

#include "vfs/file_system.hpp"

using namespace cairn::vfs;

namespace {

class Journal {
 public:
  Journal() { files_.write("begin", std::string(10U << 20U, 'x')); }
  ~Journal() {
    files_.write("end", "x");
    if (files_.read("begin").size() == 10U << 20U && files_.read_text("end") == "x") return;
    std::cerr << "a static file system does not work in its destructor\n";
    std::_Exit(1);
  }
  [[nodiscard]] bool ready() const { return files_.exists("begin"); }

 private:
  FileSystem files_{FileSystem::open("memory:")};
};

const Journal journal;

}  // namespace

int main() {
  if (journal.ready()) return 0;
  std::cerr << "a static file system does not work in its constructor\n";
  return 1;
}
