// What is special about the local disk; what all stores share is in the conformance suite.
#include "vfs/file/store.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"
#include "vfs/file_system.hpp"

using namespace cairn::vfs;
namespace fs = std::filesystem;

namespace {

struct Disk {
  TemporaryFolder folder{};
  FileSystem files{FileSystem::open(folder.string())};

  [[nodiscard]] fs::path at(const char* name) const { return folder.path() / name; }
  [[nodiscard]] std::string text(const char* name) const {
    std::stringstream out;
    out << std::ifstream(at(name)).rdbuf();
    return out.str();
  }
  void make(const char* name, const char* text) const { std::ofstream(at(name)) << text; }
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), {}));
  }
};

template <typename Call>
ErrorCode code_of(const Call& call) {
  const Error error = cairn::test::error_of(call);
  INFO(error.what());
  CHECK(contains(error.what(), "file:"));
  return error.code();
}

/// Sets the umask for a test. Of the process, so only here.
class Umask {
 public:
  explicit Umask(mode_t mask) : old_(::umask(mask)) {}
  ~Umask() { ::umask(old_); }

 private:
  mode_t old_;
};

/// Files of this process can't grow beyond the limit: what a full disk does, without one.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit old_{};
};

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a file that is written is a plain file for everybody else", "[file]") {
  const Disk disk;
  disk.files.write("d/e/f.txt", "hello");
  CHECK(disk.text("d/e/f.txt") == "hello");
  CHECK(disk.count() == 1);
}

TEST_CASE("a new file has the mode that the umask gives", "[file]") {
  const Disk disk;
  {
    const Umask umask(027);
    disk.files.write("private", "x");
  }
  CHECK(mode_of(disk.at("private")) == 0640);
}

TEST_CASE("a replaced file keeps its mode", "[file]") {
  const Disk disk;
  disk.make("f", "old");
  fs::permissions(disk.at("f"), fs::perms::owner_read | fs::perms::owner_write);

  disk.files.write("f", "new");

  CHECK(mode_of(disk.at("f")) == 0600);
  CHECK(disk.text("f") == "new");
}

TEST_CASE("a link is replaced and its target left alone", "[file]") {
  const Disk disk;
  disk.make("target", "old");
  fs::create_symlink("target", disk.at("link"));

  disk.files.write("link", "new");

  CHECK(disk.text("target") == "old");
  CHECK(disk.text("link") == "new");
  CHECK_FALSE(fs::is_symlink(disk.at("link")));
}

TEST_CASE("a pipe is not replaced by a file", "[file]") {
  const Disk disk;
  REQUIRE(::mkfifo(disk.at("pipe").c_str(), 0600) == 0);
  CHECK(code_of([&] { disk.files.write("pipe", "x"); }) == ErrorCode::invalid_argument);
  CHECK(fs::is_fifo(disk.at("pipe")));
}

TEST_CASE("errors of the system have codes", "[file]") {
  const Disk disk;
  disk.make("f", "x");
  fs::create_directory(disk.at("d"));

  CHECK(code_of([&] { static_cast<void>(disk.files.read("none")); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(disk.files.read("d")); }) == ErrorCode::is_a_directory);
  CHECK(code_of([&] { disk.files.write("d", "x"); }) == ErrorCode::is_a_directory);
  CHECK(code_of([&] { disk.files.write("f/x", "x"); }) == ErrorCode::not_a_directory);
  CHECK(code_of([&] { disk.files.remove("d"); }) == ErrorCode::is_a_directory);
  CHECK(code_of([&] { disk.files.write(std::string(300, 'n'), "x"); }) ==
        ErrorCode::invalid_argument);
  CHECK(disk.count() == 2);
}

TEST_CASE("a folder without permission is permission_denied", "[file]") {
  if (::geteuid() == 0) return;  // root may do all
  const Disk disk;
  fs::create_directory(disk.at("d"));
  fs::permissions(disk.at("d"), fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(code_of([&] { disk.files.write("d/f", "x"); }) == ErrorCode::permission_denied);
}

TEST_CASE("a disk that takes no more is no_space, and the old file stays", "[file]") {
  const Disk disk;
  disk.make("f", "old");
  const std::string large(2U << 20U, 'x');
  const FileSizeLimit limit(1U << 20U);

  CHECK(code_of([&] { disk.files.write("f", large); }) == ErrorCode::no_space);
  CHECK(code_of([&] {
          const auto upload = disk.files.store().start_upload(disk.files.in_store("f"), {});
          upload->put_part(0, large, {});
        }) == ErrorCode::no_space);

  CHECK(disk.text("f") == "old");
  CHECK(disk.count() == 1);
}

TEST_CASE("an etag changes when a file is changed in place", "[file]") {
  const Disk disk;
  disk.make("f", "one");
  const std::string etag = disk.files.stat("f")->etag;
  disk.make("f", "other");

  CHECK(disk.files.stat("f")->etag != etag);
  CHECK(code_of([&] { static_cast<void>(disk.files.read("f", {.if_match = etag})); }) ==
        ErrorCode::precondition_failed);
}

TEST_CASE("unfinished files of others are not listed, found or in the way", "[file]") {
  const Disk disk;
  fs::create_directory(disk.at("d"));
  disk.make("d/.cairn-0123456789abcdef.tmp", "half");
  disk.make("d/f", "whole");

  const auto entries = disk.files.list("d");

  REQUIRE(entries.size() == 1);
  CHECK(entries.front().path == Path("d/f"));
  CHECK(disk.files.glob(Glob("d/**")).size() == 2);  // d and d/f
}

TEST_CASE("a link to a folder is removed, not followed", "[file]") {
  const Disk disk;
  fs::create_directories(disk.at("data"));
  disk.make("data/precious", "x");
  fs::create_directories(disk.at("run/sub"));
  fs::create_directory_symlink("../data", disk.at("run/link"));
  fs::create_symlink("nowhere", disk.at("run/dangling"));

  disk.files.remove_all("run");

  CHECK_FALSE(fs::exists(disk.at("run")));
  CHECK(disk.text("data/precious") == "x");
}

TEST_CASE("a recursive listing does not follow links to folders", "[file]") {
  const Disk disk;
  fs::create_directory(disk.at("d"));
  disk.make("d/f", "x");
  fs::create_directory_symlink(".", disk.at("d/loop"));

  const auto entries = disk.files.list("", {.recursive = true});

  REQUIRE(entries.size() == 1);
  CHECK(entries.front().path == Path("d/f"));
}

TEST_CASE("the root and the working directory are not removed", "[file]") {
  const auto files = FileSystem::open("file:");
  CHECK(code_of([&] { files.remove_all(""); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { files.remove_all("/"); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { files.remove_all("../"); }) == ErrorCode::invalid_argument);
}

TEST_CASE("an empty folder is listed as empty, a missing one is not found", "[file]") {
  const Disk disk;
  fs::create_directory(disk.at("empty"));
  disk.make("f", "x");
  CHECK(disk.files.list("empty").empty());
  CHECK(code_of([&] { static_cast<void>(disk.files.list("none")); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(disk.files.list("f")); }) == ErrorCode::not_a_directory);
}

TEST_CASE("a mapped file is its bytes, also after it was replaced or removed", "[file][map]") {
  const Disk disk;
  disk.make("f", "12345");
  REQUIRE(disk.files.capabilities().maps);

  const MappedFile mapped = disk.files.map("f");
  const std::string_view bytes(reinterpret_cast<const char*>(mapped.bytes.data()),
                               mapped.bytes.size());
  CHECK(bytes == "12345");
  CHECK(mapped.info.path == Path("f"));
  CHECK(mapped.info.etag == disk.files.stat("f")->etag);
  disk.files.write("f", "67890");
  CHECK(bytes == "12345");
  disk.files.remove("f");
  CHECK(bytes == "12345");
}

TEST_CASE("what is written into a mapping does not reach the file", "[file][map]") {
  const Disk disk;
  disk.make("f", "12345");

  const MappedFile mapped = disk.files.map("f");
  mapped.bytes[0] = std::byte{'x'};

  CHECK(disk.text("f") == "12345");
}

TEST_CASE("an empty file is mapped to nothing", "[file][map]") {
  const Disk disk;
  disk.make("f", "");
  CHECK(disk.files.map("f").bytes.empty());
}

TEST_CASE("what can't be mapped is an error with the URL", "[file][map]") {
  const Disk disk;
  disk.make("f", "12345");
  fs::create_directory(disk.at("folder"));

  CHECK(code_of([&] { static_cast<void>(disk.files.map("none")); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(disk.files.map("folder")); }) == ErrorCode::is_a_directory);
  CHECK(code_of([&] { static_cast<void>(disk.files.map("f", {.if_match = "\"old\""})); }) ==
        ErrorCode::precondition_failed);
  const auto map_in_memory = [] { static_cast<void>(FileSystem::open("memory://").map("k")); };
  CHECK(cairn::test::error_of(map_in_memory).code() == ErrorCode::unsupported);
}
