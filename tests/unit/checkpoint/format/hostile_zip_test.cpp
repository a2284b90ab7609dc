// Zips that are damaged, or that two readers could understand differently.
#include <functional>
#include <string>

#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/zip.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;
using namespace std::string_literals;

namespace {

void set(std::string& file, std::size_t at, std::uint64_t value, unsigned width) {
  std::string bytes;
  put_integer(bytes, value, width);
  file.replace(at, width, bytes);
}

// Of the n-th header in the zip's directory.
std::size_t central(const std::string& file, std::size_t n) {
  std::size_t at = file.find(zip::kCentralHeader);
  for (; n > 0; --n) at = file.find(zip::kCentralHeader, at + 1);
  return at;
}

std::size_t end_record(const std::string& file) {
  return file.rfind(zip::kEnd);
}

std::string good() {
  return make_zip({{"data.pkl", "\x80\x02N."}, {"byteorder", "little"}, {"version", "3\n"}});
}

std::string after(const std::function<void(std::string&)>& change) {
  std::string file = good();
  change(file);
  return refusal(file);
}

bool says(const std::string& message, std::string_view part) {
  UNSCOPED_INFO(message);
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the zip that the hostile ones vary is good", "[hostile]") {
  CHECK(refusal(good()).empty());
}

TEST_CASE("a file cut anywhere is refused", "[hostile]") {
  const std::string file = golden("state_dict");
  for (std::size_t size = 0; size < file.size(); size += 7) {
    INFO(size);
    CHECK_FALSE(refusal(file.substr(0, size)).empty());
  }
}

TEST_CASE("a file without its beginning is refused", "[hostile]") {
  const std::string file = golden("tensor");
  for (std::size_t gone = 1; gone < file.size(); gone += 7) {
    INFO(gone);
    CHECK_FALSE(refusal(file.substr(gone)).empty());
  }
}

TEST_CASE("a flipped bit anywhere is detected or changes nothing", "[hostile]") {
  for (const char* name : {"views", "ordered"}) {
    const std::string file = golden(name);
    const Value expected = read_bytes(file);
    std::size_t unnoticed = 0;
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
      std::string flipped = file;
      flipped[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
      try {
        const Value found = read_bytes(flipped);
        ++unnoticed;
        if (!equal(found, expected)) FAIL("bit " << bit << " of " << name << " changed the tree");
      } catch (const Error&) {
      }
    }
    INFO(unnoticed);
    CHECK(unnoticed >
          0);  // padding, times and the record .data/serialization_id, which nobody reads
  }
}

TEST_CASE("a flipped bit of a tensor is detected only with verify", "[hostile]") {
  std::string file = golden("tensor");
  const std::size_t at = file.find("\0\0\x30\x41"s);  // 11.0
  file[at] = '\1';

  CHECK(says(refusal(file), "record data/0 is damaged: its checksum is wrong"));
  CHECK(refusal(file, {.verify = false}).empty());
}

TEST_CASE("bytes before or after the zip are refused", "[hostile]") {
  CHECK_FALSE(refusal("x" + good()).empty());
  CHECK(says(refusal(good() + "x"), "something was added"));
  CHECK_FALSE(refusal(good() + good()).empty());
}

TEST_CASE("entries with one name are refused", "[hostile]") {
  const std::string pickle = "\x80\x02N.";
  CHECK(says(refusal(make_zip({{"data.pkl", pickle}, {"data.pkl", pickle}, {"version", "3"}})),
             "two entries are named 'archive/data.pkl'"));
  CHECK(says(refusal(make_zip({{"data.pkl", pickle}, {"DATA.pkl", pickle}, {"version", "3"}})),
             "two entries are named"));
}

TEST_CASE("names that are no plain relative path are refused", "[hostile]") {
  for (const std::string& name :
       {"../x"s, "a/../b"s, "./x"s, "a//b"s, "a/"s, "a\\b"s, "a\0b"s, "\xff"s, ".."s, "/x"s}) {
    INFO(name);
    CHECK_FALSE(
        refusal(make_zip({{"data.pkl", "\x80\x02N."}, {"version", "3"}, {name, "x"}})).empty());
  }
  CHECK(says(refusal(make_zip(
                 {{"data.pkl", "\x80\x02N."}, {"version", "3"}, {std::string(600, 'n'), "x"}})),
             "longer than 511"));
}

TEST_CASE("entries of the same folder that torch does not know are left alone", "[hostile]") {
  CHECK(refusal(make_zip({{"data.pkl", "\x80\x02N."}, {"version", "3"}, {".ckpt/index", "x"}}))
            .empty());
}

TEST_CASE("entries in two folders are refused", "[hostile]") {
  CHECK(says(after([](std::string& file) {
               for (std::size_t at = file.find("archive/version"); at != std::string::npos;
                    at = file.find("archive/version", at))
                 file[at] = 'b';
             }),
             "more than one folder"));
}

TEST_CASE("compressed and encrypted entries are refused", "[hostile]") {
  CHECK(says(after([](std::string& file) { set(file, central(file, 0) + 10, 8, 2); }),
             "is compressed"));
  CHECK(says(after([](std::string& file) { set(file, central(file, 0) + 8, 0x0809, 2); }),
             "is encrypted"));
  CHECK(says(after([](std::string& file) { set(file, central(file, 0) + 8, 0x2808, 2); }),
             "flags that torch never sets"));
}

TEST_CASE("entries that overlap are refused", "[hostile]") {
  CHECK(says(after([](std::string& file) { set(file, central(file, 1) + 42, 0, 4); }), "overlaps"));
  CHECK(
      says(after([](std::string& file) { set(file, central(file, 1) + 42, 10, 4); }), "overlaps"));
  CHECK(says(after([](std::string& file) { set(file, central(file, 2) + 42, 0xFFFFFF, 4); }),
             "a gap"));
}

TEST_CASE("sizes that lie are refused", "[hostile]") {
  const auto with_sizes = [](std::uint64_t size, std::uint64_t compressed) {
    return after([=](std::string& file) {
      set(file, central(file, 0) + 20, compressed, 4);
      set(file, central(file, 0) + 24, size, 4);
    });
  };
  CHECK(says(with_sizes(5, 4), "two sizes"));
  CHECK(says(with_sizes(5, 5), "contradicts"));
  CHECK(says(with_sizes(3, 3), "contradicts"));
  CHECK(says(with_sizes(1'000'000, 1'000'000), "overlaps"));
  CHECK(says(with_sizes(0xFFFFFFFF, 0xFFFFFFFF), "a 64-bit field is missing"));
}

TEST_CASE("end records that lie are refused", "[hostile]") {
  for (const std::size_t field : {4, 6, 8, 10, 12, 16, 20}) {
    INFO(field);
    CHECK_FALSE(
        after([field](std::string& file) { set(file, end_record(file) + field, 7, 2); }).empty());
  }
  for (std::size_t field = 0; field < 76; field += 4) {  // the 64-bit record and its locator
    if (field == 12) continue;                           // versions, which say nothing
    INFO(field);
    CHECK_FALSE(after([field](std::string& file) {
                  set(file, end_record(file) - 76 + field, 0x01010101, 4);
                }).empty());
  }
}

TEST_CASE("local headers and descriptors must say what the directory says", "[hostile]") {
  for (const std::size_t field : {0, 6, 8, 14, 18, 22, 26, 28, 30, 38}) {
    INFO(field);
    CHECK_FALSE(after([field](std::string& file) {
                  file[field] = static_cast<char>(file[field] ^ 0x11);
                }).empty());
  }
  for (const std::size_t field : {0, 4, 8, 12}) {
    INFO(field);
    CHECK_FALSE(after([field](std::string& file) {
                  const std::size_t at = file.find(zip::kDescriptor) + field;
                  file[at] = static_cast<char>(file[at] ^ 0x11);
                }).empty());
  }
}

TEST_CASE("the number of entries has a limit", "[hostile]") {
  CHECK(says(refusal(good(), {.limits = {.max_entries = 3}}), "4 entries (at most 3 are read)"));
}

TEST_CASE("a checksum that was never stored is told apart", "[hostile]") {
  std::string file = golden("tensor");
  const std::size_t entry = central(file, 4);
  const std::string crc = file.substr(entry + 16, 4);
  const std::size_t descriptor = file.find(std::string(zip::kDescriptor) + crc);
  set(file, entry + 16, 0, 4);
  set(file, descriptor + 4, 0, 4);

  CHECK(says(refusal(file), "set_crc32_options(False)"));
}
