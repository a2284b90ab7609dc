// After fork() parent and child go on with what they have: pools, readers and writers, on disk.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"
#include "vfs/file_system.hpp"

using namespace cairn::vfs;

namespace {

constexpr std::size_t kSize = 40U << 20U;

int failures = 0;

void check(bool condition, const char* what) {
  if (condition) return;
  std::cerr << (getpid()) << ": " << what << '\n';
  ++failures;
}

std::string read_some(Reader& reader, std::size_t size) {
  std::string text(size, '?');
  text.resize(reader.read(std::as_writable_bytes(std::span(text))));
  return text;
}

void child(const FileSystem& files, Reader& reader, Writer& writer) {
  check(files.read("large").size() == kSize, "the child can't read in parallel");
  Writer own = files.open_write("by-child");
  own.write(std::string(kSize, 'c'));
  check(own.commit().size == kSize, "the child can't write in parallel");
  check(read_some(reader, 1000) == std::string(1000, 'x'), "the child can't go on reading");
  try {
    writer.write("x");
    check(false, "the child may write to its parent's file");
  } catch (const Error& error) {
    check(error.code() == ErrorCode::unsupported, "the child gets another error");
  }
  writer.abort();  // ends nothing of the parent's
}

}  // namespace

int main() {
  const TemporaryFolder folder;
  const auto files = FileSystem::open(folder.string());
  files.write("large", std::string(kSize, 'x'));
  Reader reader = files.open_read("large");
  for (int i = 0; i < 5; ++i) read_some(reader, 200'000);  // now it reads ahead
  Writer writer = files.open_write("by-parent");
  writer.write(std::string(kSize, 'p'));

  const pid_t pid = fork();
  if (pid == 0) {
    alarm(60);  // a child that hangs has failed
    child(files, reader, writer);
    std::_Exit(failures == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child failed");

  check(writer.commit().size == kSize, "the parent's writer is broken");
  check(files.read_text("by-parent") == std::string(kSize, 'p'), "the parent's file is broken");
  check(files.read("by-child").size() == kSize, "the child's file is missing");
  check(read_some(reader, 1000) == std::string(1000, 'x'), "the parent can't go on reading");
  return failures == 0 ? 0 : 1;
}
