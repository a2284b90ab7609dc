// A user of vfs alone.
#include <iostream>

#include "vfs/error.hpp"
#include "vfs/file_system.hpp"

int main() {
  const auto memory = cairn::vfs::FileSystem::open("memory:");
  memory.write("greeting.txt", "hello from memory");
  const auto files = cairn::vfs::FileSystem::open("file:.");
  files.write("greeting.txt", "hello from file");
  std::cout << memory.read_text("greeting.txt") << '\n' << files.read_text("greeting.txt") << '\n';
  try {
    static_cast<void>(files.read_text("absent.txt"));
  } catch (const cairn::vfs::Error& error) {
    return error.code() == cairn::vfs::ErrorCode::not_found ? 0 : 1;
  }
  return 1;
}
