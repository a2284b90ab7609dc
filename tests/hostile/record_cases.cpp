// End records that contradict each other, and records that are missing, damaged or not what they
// should be.
#include <functional>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle.hpp"
#include "tests/hostile/zip_cases.hpp"

namespace hostile {
namespace {

constexpr std::uint64_t kMax16 = 0xFFFF;
constexpr std::uint64_t kMax32 = 0xFFFFFFFF;
constexpr std::uint64_t kMax64 = ~std::uint64_t{0};

using EndField = std::uint64_t End::*;
using End64Field = std::uint64_t End64::*;

ZipImage narrow_image() {
  ZipImage image = make_image(good_contents(), Sizes::ahead);
  image.end64.reset();
  image.locator.reset();
  settle(image);
  return image;
}

HostileFile narrow(const std::string& name, const std::string& rule,
                   const std::function<void(ZipImage&)>& change) {
  ZipImage image = narrow_image();
  change(image);
  return {.name = name, .bytes = bytes_of(image), .rule = rule};
}

}  // namespace

Files end_records() {
  Files files{
      narrow("no entries", "it has no entries",
             [](ZipImage& image) {
               image.entries.clear();
               settle(image);
             }),
      narrow("a comment", "something was added",
             [](ZipImage& image) {
               image.end.comment = "x";
               image.end.comment_length = 1;
             }),
      narrow("a comment that looks like an end record", "the directory is not where it should be",
             [](ZipImage& image) {
               ZipImage other;
               other.end64.reset();
               other.locator.reset();
               other.end.count = other.end.count_here = 1;
               image.end.comment = bytes_of(other);
               image.end.comment_length = image.end.comment.size();
             }),
      narrow("a comment that is missing", "a comment is announced and missing",
             [](ZipImage& image) { image.end.comment_length = 5; }),
      narrow("a comment of the greatest length that is missing",
             "a comment is announced and missing",
             [](ZipImage& image) { image.end.comment_length = kMax16; }),
      narrow("one entry too few", "the directory has more than its entries",
             [](ZipImage& image) { image.end.count = image.end.count_here = 3; }),
      narrow("one entry too many", "the directory ends early",
             [](ZipImage& image) { image.end.count = image.end.count_here = 5; }),
      narrow("no entries of a directory that has some", "it has no entries",
             [](ZipImage& image) { image.end.count = image.end.count_here = 0; }),
      narrow("65535 entries of a small directory", "the directory's size is impossible",
             [](ZipImage& image) { image.end.count = image.end.count_here = kMax16; }),
      narrow("a directory of 4 GiB", "the directory is not where it should be",
             [](ZipImage& image) { image.end.size = kMax32; }),
      narrow("a directory at 4 GiB", "the directory is not where it should be",
             [](ZipImage& image) { image.end.offset = kMax32; }),
      narrow("a directory that is all of the file", "the directory ends early",
             [](ZipImage& image) {
               image.end.size += image.end.offset;
               image.end.offset = 0;
             }),
  };
  const auto field = [&files](const std::string& name, const std::string& rule, EndField which,
                              std::int64_t by) {
    files.push_back(narrow(
        name, rule, [=](ZipImage& image) { image.end.*which += static_cast<std::uint64_t>(by); }));
  };
  field("the second disk", "several disks", &End::disk, 1);
  field("a directory on the second disk", "several disks", &End::directory_disk, 1);
  field("disk 65535, without a zip64 end record", "several disks", &End::disk, kMax16);
  field("fewer entries on this disk than in all", "several disks", &End::count_here, -1);
  field("more entries on this disk than in all", "several disks", &End::count_here, 1);
  field("a directory one byte longer", "the directory is not where", &End::size, 1);
  field("a directory one byte shorter", "the directory is not where", &End::size, -1);
  field("a directory one byte later", "the directory is not where", &End::offset, 1);
  field("a directory one byte earlier", "the directory is not where", &End::offset, -1);
  return files;
}

Files wide_end_records() {
  Files files;
  const auto add = [&files](const std::string& name, const std::string& rule,
                            const std::function<void(ZipImage&)>& change) {
    files.push_back(changed(name, ErrorCode::corrupt, rule, change));
  };
  const std::string contradict = "64-bit end records contradict";
  const std::string differ = "the 32-bit and the 64-bit end record differ";
  const auto wide = [&](const std::string& name, const std::string& rule, End64Field which,
                        std::uint64_t value) {
    add("zip64: " + name, rule, [=](ZipImage& image) { (*image.end64).*which = value; });
  };
  wide("no length", contradict, &End64::length, 0);
  wide("a length of one too many", contradict, &End64::length, 45);
  wide("a length of 2^64 - 1", contradict, &End64::length, kMax64);
  wide("the second disk", contradict, &End64::disk, 1);
  wide("a directory on the second disk", contradict, &End64::directory_disk, 1);
  wide("another count of this disk", differ, &End64::count_here, 3);
  wide("another count", differ, &End64::count, 3);
  wide("2^64 - 1 entries", differ, &End64::count, kMax64);
  wide("2^16 entries", differ, &End64::count, 65536);
  wide("another size", differ, &End64::size, 1);
  wide("a size of 2^64 - 1", differ, &End64::size, kMax64);
  wide("another offset", differ, &End64::offset, 1);
  wide("an offset of 2^64 - 1", differ, &End64::offset, kMax64);
  wide("an offset that is right but for 2^32", differ, &End64::offset,
       good_image().end.offset + (std::uint64_t{1} << 32U));
  const auto both = [&](const std::string& name, const std::string& rule,
                        const std::function<void(ZipImage&)>& change) {
    add("both end records: " + name, rule, change);
  };
  both("2^63 entries", "1000000 are read", [](ZipImage& image) {
    image.end64->count = image.end64->count_here = std::uint64_t{1} << 63U;
    image.end.count = image.end.count_here = kMax16;
  });
  files.back().code = ErrorCode::limit;
  both("a million entries of a small directory", "size is impossible", [](ZipImage& image) {
    image.end64->count = image.end64->count_here = 1'000'000;
    image.end.count = image.end.count_here = kMax16;
  });
  both("size and offset of 2^63", "not where it should be", [](ZipImage& image) {
    image.end64->size = image.end64->offset = std::uint64_t{1} << 63U;
    image.end.size = image.end.offset = kMax32;
  });
  both("a size that overflows with the offset", "not where it should be", [](ZipImage& image) {
    image.end64->size = kMax64 - 3;
    image.end.size = kMax32;
  });
  both("a size of 4 GiB in front of nothing", "not where it should be", [](ZipImage& image) {
    image.end64->size = kMax32;
    image.end.size = kMax32;
  });
  add("a locator on the second disk", contradict, [](ZipImage& i) { i.locator->disk = 1; });
  add("a locator of no disks", contradict, [](ZipImage& i) { i.locator->disks = 0; });
  add("a locator of two disks", contradict, [](ZipImage& i) { i.locator->disks = 2; });
  add("a locator one too far", contradict, [](ZipImage& i) { i.locator->offset += 1; });
  add("a locator to the start", contradict, [](ZipImage& i) { i.locator->offset = 0; });
  add("a locator to itself", contradict, [](ZipImage& i) { i.locator->offset += 56; });
  add("a locator to 2^64 - 1", contradict, [](ZipImage& i) { i.locator->offset = kMax64; });
  add("a locator without its record", "64-bit end record is not where",
      [](ZipImage& i) { i.end64.reset(); });
  add("a record without its locator", "the directory is not where",
      [](ZipImage& i) { i.locator.reset(); });
  add("a record with another signature", "64-bit end record is not where",
      [](ZipImage& i) { i.end64->signature = "PK\6\10"; });
  add("a locator with another signature", "the directory is not where",
      [](ZipImage& i) { i.locator->signature = "PK\6\10"; });
  add("an end record with another signature", "no directory at its end",
      [](ZipImage& i) { i.end.signature = "PK\5\7"; });
  add("a 32-bit count that says to look elsewhere", differ,
      [](ZipImage& i) { i.end.count = i.end.count_here = kMax16; });
  add("a 32-bit size that says to look elsewhere", differ,
      [](ZipImage& i) { i.end.size = kMax32; });
  add("a 32-bit offset that says to look elsewhere", differ,
      [](ZipImage& i) { i.end.offset = kMax32; });
  return files;
}

Files entry_sets() {
  Files files;
  const auto add = [&files](const std::string& name, ErrorCode code, const std::string& rule,
                            const std::vector<Content>& contents) {
    files.push_back(
        {.name = name, .bytes = bytes_of(make_image(contents)), .code = code, .rule = rule});
  };
  const Content pkl{"data.pkl", pickle::whole("N")};
  const Content version{"version", "3\n"};
  const ErrorCode unsupported = ErrorCode::unsupported;
  add("no data.pkl", unsupported, "a zip without data.pkl", {version});
  add("data.pkl in a folder further down", unsupported, "a zip without data.pkl",
      {{"x/data.pkl", pickle::whole("N")}, version});
  add("no version", unsupported, "a zip without .data/version", {pkl});
  add("version 0", ErrorCode::corrupt, "version is no number", {pkl, {"version", "0\n"}});
  add("version 11", unsupported, "format version 11", {pkl, {"version", "11\n"}});
  add("a negative version", ErrorCode::corrupt, "version is no number", {pkl, {"version", "-3\n"}});
  add("a version in words", ErrorCode::corrupt, "version is no number",
      {pkl, {"version", "three"}});
  add("an empty version", ErrorCode::corrupt, "version is no number", {pkl, {"version", ""}});
  add("a version of 20 digits", ErrorCode::corrupt, "version is no number",
      {pkl, {"version", "99999999999999999999"}});
  add("a version with more behind it", ErrorCode::corrupt, "version is no number",
      {pkl, {"version", "3\n3\n"}});
  add("a version with a NUL", ErrorCode::corrupt, "version is no number",
      {pkl, {"version", std::string("3\0", 2)}});
  add("a version of 64 KiB", ErrorCode::limit, "at most 64 are read",
      {pkl, {"version", std::string(65536, '3')}});
  add("big-endian", unsupported, "big-endian", {pkl, version, {"byteorder", "big"}});
  add("no byteorder that there is", ErrorCode::corrupt, "neither little nor big",
      {pkl, version, {"byteorder", "middle"}});
  add("an empty byteorder", ErrorCode::corrupt, "neither little nor big",
      {pkl, version, {"byteorder", ""}});
  add("a byteorder of 64 KiB", ErrorCode::limit, "at most 64 are read",
      {pkl, version, {"byteorder", std::string(65536, 'l')}});
  add("an empty data.pkl", ErrorCode::corrupt, "ends early", {{"data.pkl", ""}, version});
  std::vector<Content> many{pkl, version};
  for (int i = 0; i < 100; ++i) many.push_back({"data/" + std::to_string(i), "x"});
  add("more entries than allowed", ErrorCode::limit, "102 entries (at most 101", many);
  files.back().options.limits.max_entries = 101;
  add("a pickle longer than allowed", ErrorCode::limit, "at most 1000 are read",
      {{"data.pkl", pickle::whole(pickle::text(std::string(1000, 'x')))}, version});
  files.back().options.limits.max_pickle = 1000;
  return files;
}

Files damaged_records() {
  Files files;
  const auto add = [&files](const std::string& name, const std::string& rule,
                            const std::function<void(ZipImage&)>& change) {
    files.push_back(changed(name, ErrorCode::corrupt, rule, change));
  };
  for (const char* record : {"data.pkl", "byteorder", "data/0", "version"}) {
    const std::string name(record);
    const std::string wrong = "record " + name + " is damaged: its checksum is wrong";
    add(name + ": its first bit flipped", wrong, [&](ZipImage& image) {
      image[record].data[0] = static_cast<char>(image[record].data[0] ^ 1);
    });
    add(name + ": its last bit flipped", wrong, [&](ZipImage& image) {
      image[record].data.back() = static_cast<char>(image[record].data.back() ^ '\x80');
    });
    add(name + ": another checksum everywhere", wrong, [&](ZipImage& image) {
      image[record].central.crc ^= 1;
      image[record].descriptor->crc ^= 1;
    });
    add(name + ": no checksum anywhere", "set_crc32_options(False)", [&](ZipImage& image) {
      image[record].central.crc = 0;
      image[record].descriptor->crc = 0;
    });
    add(name + ": zeros of the same length", wrong,
        [&](ZipImage& image) { image[record].data.assign(image[record].data.size(), '\0'); });
  }
  return files;
}

}  // namespace hostile
