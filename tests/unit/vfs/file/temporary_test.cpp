#include "vfs/file/temporary.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace cairn::vfs;
using namespace cairn::vfs::file;
namespace fs = std::filesystem;

namespace {

const std::string kName = ".cairn-0123456789abcdef.tmp";

void make_old(const fs::path& path) {
  std::ofstream(path) << "half";
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
}

std::size_t count(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("only our own names are temporary", "[temporary]") {
  CHECK(is_temporary_name(kName));
  CHECK_FALSE(is_temporary_name(".cairn-0123456789abcde.tmp"));
  CHECK_FALSE(is_temporary_name(".cairn-0123456789abcdeg.tmp"));
  CHECK_FALSE(is_temporary_name("cairn-0123456789abcdef.tmp"));
  CHECK_FALSE(is_temporary_name(".hidden"));
}

TEST_CASE("a stale temporary is swept, a young, locked or foreign one is not", "[temporary]") {
  const TemporaryFolder folder;
  make_old(folder.path() / kName);
  make_old(folder.path() / ".cairn-1111111111111111.tmp");
  make_old(folder.path() / "precious.tmp");
  std::ofstream(folder.path() / ".cairn-2222222222222222.tmp") << "young";
  const Descriptor locked =
      open_file((folder.path() / ".cairn-1111111111111111.tmp").string(), O_RDONLY);
  REQUIRE(::flock(locked.get(), LOCK_EX) == 0);

  CHECK(sweep_temporaries(folder.string()) == 1);

  CHECK_FALSE(fs::exists(folder.path() / kName));
  CHECK(count(folder.path()) == 3);
}

TEST_CASE("a temporary that is not published leaves nothing", "[temporary]") {
  const TemporaryFolder folder;
  const auto random = system_random();
  const Call call{"write", "file:f"};
  {
    const Temporary temporary(folder.string() + "/f", *random, call);
    CHECK(count(folder.path()) == 1);
    CHECK(fs::exists(folder.path() / "f") == false);
  }
  CHECK(count(folder.path()) == 0);
}

TEST_CASE("while it is written a file is for its owner's eyes", "[temporary]") {
  const TemporaryFolder folder;
  const auto random = system_random();
  const Temporary temporary(folder.string() + "/f", *random, {"write", "file:f"});

  struct stat status{};
  REQUIRE(::fstat(temporary.fd(), &status) == 0);

  CHECK((status.st_mode & 0777U) == 0600);
}
