// SHA-256 of records in the index.
#include "checkpoint/format/sha256.hpp"
#include "checkpoint/format/zip_directory.hpp"
#include "checkpoint/format/zip_records.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using format::Archive;

namespace {

const Value kTree = Dict{{"a", format::make_tensor({1, 2}, {2})}, {"step", 7}};

// python: hashlib.sha256(b"little").hexdigest()
constexpr std::string_view kOfLittle =
    "180ca01b95f0dfdd36fbb600e51cf6e46c8ef468de56b017847886fefaf7b6f9";

std::string with_digests() {
  return format::write_bytes(kTree, {.digest = Digest::sha256});
}

std::string verify_error(const std::string& file) {
  const auto files = vfs::FileSystem::open("memory://bucket");
  files.write(vfs::Path("a.ckpt"), file);
  try {
    Archive(files, vfs::Path("a.ckpt")).verify();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("the index holds the SHA-256 of each record if it is asked for", "[format][digest]") {
  const std::string file = with_digests();

  CHECK(file.find("\"byteorder\":\"" + std::string(kOfLittle)) != std::string::npos);
  CHECK(format::write_bytes(kTree).find("sha256") == std::string::npos);
  CHECK(equal(format::read_bytes(file), kTree));
  CHECK(verify_error(file).empty());
}

TEST_CASE("a record that has its CRC-32 and another SHA-256 is refused", "[format][digest]") {
  const std::string file = with_digests();
  format::Source source = format::source_of(file);
  const format::ZipDirectory directory = format::read_directory(source, {});
  const format::ZipEntry& entry = *directory.find("byteorder");
  format::Sha256Digest digest = *format::from_hex(kOfLittle);

  CHECK_NOTHROW(format::verify_record(source, directory, entry, &digest));
  digest.back() ^= std::byte{1};
  CHECK_THROWS_WITH(format::verify_record(source, directory, entry, &digest),
                    Catch::Contains("byteorder is not what was saved"));
}

TEST_CASE("a digest without an index is refused before anything is written", "[format][digest]") {
  CHECK_THROWS_WITH(format::write_bytes(kTree, {.index = false, .digest = Digest::sha256}),
                    Catch::Contains("the index, which is switched off"));
}

TEST_CASE("64 small hexadecimal digits are a SHA-256, and nothing else is", "[format][digest]") {
  CHECK(format::to_hex(*format::from_hex(kOfLittle)) == kOfLittle);
  CHECK_FALSE(format::from_hex(kOfLittle.substr(1)));
  CHECK_FALSE(format::from_hex(std::string(64, 'G')));
  CHECK_FALSE(format::from_hex(std::string(64, 'A')));
}
