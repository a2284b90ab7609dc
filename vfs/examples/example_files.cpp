// Files by URL, without an account: example_files [URL], "memory:" if none is given. Try
// "file:/tmp/demo" or "s3://bucket/demo".
#include <exception>
#include <iostream>

#include "vfs/file_system.hpp"

namespace vfs = cairn::vfs;

int main(int argc, char* argv[]) {
  try {
    const auto files = vfs::FileSystem::open(argc > 1 ? argv[1] : "memory:");

    // A whole file. Readers see the old or the new one, never a half.
    const vfs::WriteResult first = files.write("notes/today.txt", "stack the stones\n");

    // A file that is made piece by piece. Without commit() nothing would appear, also when an
    // exception passes by.
    vfs::Writer writer = files.open_write("notes/trail.csv");
    writer.write("step,height\n");
    for (int step = 0; step < 1000; ++step) writer.write(std::to_string(step) + ",17\n");
    writer.commit();

    // Only if nobody has changed it since.
    files.write("notes/today.txt", "mark the trail\n", {.if_match = first.etag});

    for (const vfs::FileInfo& info : files.list("notes")) {
      std::cout << files.url(info.path) << "  " << info.size << " bytes\n";
    }
    std::cout << files.read_text("notes/today.txt");

    files.remove_all("notes");
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
