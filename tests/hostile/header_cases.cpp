// The headers of single entries: the directory's, and what stands in front of and behind the data.
#include <functional>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle.hpp"
#include "tests/hostile/zip_cases.hpp"

namespace hostile {
namespace {

using namespace std::string_literals;

constexpr std::uint64_t kMax32 = 0xFFFFFFFF;

std::string zip64(std::initializer_list<std::uint64_t> values) {
  std::string content;
  for (const std::uint64_t value : values) content += little_endian(value, 8);
  return extra_field(1, content);
}

using Change = std::function<void(Entry&)>;

class Cases {
 public:
  Files files{};

  void add(const std::string& name, const std::string& rule, const char* record,
           const Change& change, ErrorCode code = ErrorCode::corrupt) {
    files.push_back(changed(name, code, rule, [&](ZipImage& image) { change(image[record]); }));
  }
  /// The offsets behind the change are right again.
  void add_settled(const std::string& name, const std::string& rule, const char* record,
                   const Change& change, ErrorCode code = ErrorCode::corrupt) {
    files.push_back(changed(name, code, rule, [&](ZipImage& image) {
      change(image[record]);
      settle(image);
    }));
  }
};

void add_sizes(Cases& cases) {
  const auto sizes = [&cases](const std::string& name, const std::string& rule, std::uint64_t size,
                              std::uint64_t compressed) {
    cases.add("central: " + name, rule, "byteorder", [=](Entry& entry) {
      entry.central.size = size;
      entry.central.compressed = compressed;
    });
  };
  sizes("a size larger than the compressed one", "two sizes", 7, 6);
  sizes("a size smaller than the compressed one", "two sizes", 5, 6);
  sizes("no size", "two sizes", 0, 6);
  sizes("both sizes one more", "contradicts", 7, 7);
  sizes("both sizes one less", "contradicts", 5, 5);
  sizes("both sizes 0", "contradicts", 0, 0);
  sizes("both sizes 2^31", "overlaps", 1U << 31U, 1U << 31U);
  sizes("both sizes 2^32 - 2", "overlaps", kMax32 - 1, kMax32 - 1);
  sizes("sizes in a field that is missing", "a 64-bit field is missing", kMax32, kMax32);
}

void add_wide(Cases& cases) {
  const auto wide = [&cases](const std::string& name, const std::string& rule, bool size,
                             bool compressed, bool offset, const std::string& extra) {
    cases.add_settled("central zip64 field: " + name, rule, "data/0",
                      [&](Entry& entry) { entry.central.extra = extra; });
    // Settled for the length of the field; then the fields that refer to it.
    ZipImage image = good_image();
    image["data/0"].central.extra = extra;
    settle(image);
    if (size) image["data/0"].central.size = kMax32;
    if (compressed) image["data/0"].central.compressed = kMax32;
    if (offset) image["data/0"].central.offset = kMax32;
    cases.files.back().bytes = bytes_of(image);
  };
  const std::uint64_t offset = good_image()["data/0"].central.offset;
  wide("not asked for", "a 64-bit field that nothing asks for", false, false, false, zip64({16}));
  wide("empty and not asked for", "a 64-bit field that nothing asks for", false, false, false,
       zip64({}));
  wide("twice", "a 64-bit field that nothing asks for", true, true, false,
       zip64({16, 16}) + zip64({16, 16}));
  wide("empty", "too short", true, true, false, zip64({}));
  wide("one of two values", "too short", true, true, false, zip64({16}));
  wide("half of a value", "too short", false, false, true,
       extra_field(1, little_endian(offset, 4)));
  wide("three values for two", "too long", true, true, false, zip64({16, 16, offset}));
  wide("a disk number behind", "too long", false, false, true,
       extra_field(1, little_endian(offset, 8) + little_endian(0, 4)));
  wide("another size", "has 12 bytes where its tensors say 16", true, true, false, zip64({12, 12}));
  wide("two sizes", "two sizes", true, true, false, zip64({16, 12}));
  wide("a size of 2^64 - 1", "overlaps", true, true, false, zip64({~0ULL, ~0ULL}));
  wide("a size that overflows with the offset", "overlaps", true, true, false,
       zip64({~offset, ~offset}));
  wide("an offset of 2^64 - 1", "a gap after", false, false, true, zip64({~0ULL}));
  wide("another offset", "overlaps", false, false, true, zip64({0}));
  wide("missing among other fields", "a 64-bit field is missing", false, false, true,
       extra_field(0x4246, "ZZ") + extra_field(0x5455, "time"));
  wide("cut off", "an extra field is cut off", true, true, false,
       little_endian(1, 2) + little_endian(16, 2) + std::string(15, '\0'));
}

}  // namespace

Files central_headers() {
  Cases cases;
  const std::string early = "the directory ends early";
  cases.add("central: another signature", early, "data/0",
            [](Entry& entry) { entry.central.signature = "PK\1\3"; });
  cases.add("central: a local header's signature", early, "data.pkl",
            [](Entry& entry) { entry.central.signature = "PK\3\4"; });
  cases.add("central: the second disk", "several disks", "data/0",
            [](Entry& entry) { entry.central.disk = 1; });
  cases.add("central: disk 65535", "several disks", "data/0",
            [](Entry& entry) { entry.central.disk = 0xFFFF; });
  cases.add("central: another checksum", "the descriptor of record data/0 contradicts", "data/0",
            [](Entry& entry) { entry.central.crc ^= 1; });
  cases.add("central: a name beyond the directory", early, "version",
            [](Entry& entry) { entry.central.name_length = 0xFFFF; });
  cases.add("central: an extra field beyond the directory", early, "version",
            [](Entry& entry) { entry.central.extra_length = 0xFFFF; });
  cases.add("central: a comment beyond the directory", early, "version",
            [](Entry& entry) { entry.central.comment_length = 0xFFFF; });
  cases.add("central: a comment that is the next header", early, "data/0",
            [](Entry& entry) { entry.central.comment_length = 46 + 15; });
  cases.add("central: a comment one byte too long", early, "data/0",
            [](Entry& entry) { entry.central.comment_length = 1; });
  cases.add("central: a name one byte too long", early, "data/0",
            [](Entry& entry) { entry.central.name_length = entry.central.name.size() + 1; });
  cases.add_settled("central: an extra field without its length", "an extra field is cut off",
                    "data/0", [](Entry& entry) { entry.central.extra = "abc"; });
  cases.add_settled("central: an extra field longer than the rest", "an extra field is cut off",
                    "data/0", [](Entry& entry) { entry.central.extra = "ab\xff\xff"; });
  cases.add_settled("central: other flags", "contradicts", "data/0",
                    [](Entry& entry) { entry.central.flags = 0x0008; });
  cases.add_settled("central: no descriptor said, one there", "contradicts", "data/0",
                    [](Entry& entry) { entry.central.flags = 0x0800; });
  cases.add("central: a descriptor said, none there", "contradicts", "data/0", [](Entry& entry) {
    entry.descriptor.reset();
    entry.behind = std::string(16, '\0');
  });
  add_sizes(cases);
  add_wide(cases);
  return std::move(cases.files);
}

Files names() {
  Files files;
  const auto add = [&files](const std::string& what, const std::string& name,
                            const std::string& rule, ErrorCode code = ErrorCode::corrupt) {
    ZipImage image = good_image();
    Entry extra = make_image({{"x", "x"}}).entries.front();
    extra.local.name = extra.central.name = name;
    image.entries.push_back(extra);
    settle(image);
    files.push_back(
        {.name = "a name: " + what, .bytes = bytes_of(image), .code = code, .rule = rule});
  };
  const std::string relative = "no relative path";
  add("absolute", "/etc/passwd", relative);
  add("the parent folder", "archive/../x", relative);
  add("the parent folder, first", "../archive/x", relative);
  add("the parent folder, last", "archive/x/..", relative);
  add("only the parent folder", "..", relative);
  add("the folder itself", "archive/./x", relative);
  add("the folder itself, first", "./archive/x", relative);
  add("a folder", "archive/x/", relative);
  add("the archive's folder", "archive/", relative);
  add("an empty part", "archive//x", relative);
  add("empty", "", relative);
  add("only a slash", "/", relative);
  add("a backslash", "archive\\x", relative);
  add("a backslash behind the folder", "archive/..\\..\\x", relative);
  add("a drive", "C:\\x", relative);
  add("a drive with slashes", "C:/x", "more than one folder");
  add("a NUL at the end", "archive/version\0"s, relative);
  add("a NUL in front of another ending", "archive/data.pkl\0.txt"s, relative);
  add("not UTF-8", "archive/\xff\xfe", relative);
  add("UTF-8 that is cut", "archive/x\xe2\x82", relative);
  add("UTF-8 longer than needed", "archive/\xc0\xaf", relative);
  add("no folder", "data.pkl", "not in the archive's folder");
  add("another folder", "other/x", "more than one folder");
  add("the folder in capitals", "ARCHIVE/x", "more than one folder");
  add("a folder that begins alike", "archive2/x", "more than one folder");
  add("a folder that is cut", "archiv/x", "more than one folder");
  add("512 bytes", "archive/" + std::string(504, 'n'), "longer than 511", ErrorCode::limit);
  add("65535 bytes", "archive/" + std::string(65527, 'n'), "the directory's size is impossible");
  for (const char* record : {"data.pkl", "byteorder", "data/0", "version"}) {
    std::string name = "archive/" + std::string(record);
    add("twice " + std::string(record), name, "two entries are named");
    name[8] = static_cast<char>(name[8] - 'a' + 'A');
    add("twice but for case " + std::string(record), name, "two entries are named");
  }
  add("control characters", "archive/\x1b[31m/../x", relative);
  for (const char* record : {"data.pkl", "version"}) {
    files.push_back(
        changed("a name: the directory says another than the header of " + std::string(record),
                ErrorCode::corrupt, "contradicts the zip's directory",
                [&](ZipImage& image) { image[record].local.name.back() = 'X'; }));
  }
  return files;
}

Files local_headers() {
  Cases cases;
  for (const char* record : {"data.pkl", "data/0"}) {
    const auto add = [&](const std::string& what, const Change& change) {
      cases.add("local header of " + std::string(record) + ": " + what,
                "the header of record " + std::string(record) + " contradicts", record, change);
    };
    add("another signature", [](Entry& e) { e.local.signature = "PK\3\5"; });
    add("a central header's signature", [](Entry& e) { e.local.signature = "PK\1\2"; });
    add("no UTF-8 flag", [](Entry& e) { e.local.flags = 0x0008; });
    add("no descriptor flag", [](Entry& e) { e.local.flags = 0x0800; });
    add("encrypted", [](Entry& e) { e.local.flags |= 1; });
    add("DEFLATE", [](Entry& e) { e.local.method = 8; });
    add("another method", [](Entry& e) { e.local.method = 99; });
    add("another checksum", [](Entry& e) { e.local.crc = e.central.crc ^ 1; });
    add("another compressed size", [](Entry& e) { e.local.compressed = e.central.size + 1; });
    add("another size", [](Entry& e) { e.local.size = e.central.size - 1; });
    add("sizes that say to look elsewhere", [](Entry& e) {
      e.local.size = e.local.compressed = kMax32;
      e.local.extra = extra_field(1, "");
      e.local.extra += extra_field(0x4246, "");
    });
    add("a name of no bytes", [](Entry& e) { e.local.name_length = 0; });
    add("a name one byte longer", [](Entry& e) { e.local.name_length = e.local.name.size() + 1; });
    add("a name that takes the extra fields", [](Entry& e) {
      e.local.name_length = e.local.name.size() + e.local.extra.size();
      e.local.extra_length = 0;
    });
    add("no extra fields said", [](Entry& e) { e.local.extra_length = 0; });
    add("extra fields one byte longer",
        [](Entry& e) { e.local.extra_length = e.local.extra.size() + 1; });
    add("extra fields beyond the file", [](Entry& e) { e.local.extra_length = 0xFFFF; });
    add("another name", [](Entry& e) { e.local.name[8] = 'X'; });
    add("another folder", [](Entry& e) { e.local.name[0] = 'X'; });
    add("a name in capitals", [](Entry& e) { e.local.name[8] = 'D'; });
    add("a NUL in the name", [](Entry& e) { e.local.name.back() = '\0'; });
    add("zeros", [](Entry& e) {
      const LocalHeader good = e.local;
      e.local = {};
      e.local.signature = std::string(4, '\0');
      e.local.flags = 0;
      e.local.name = std::string(good.name.size(), '\0');
      e.local.extra = good.extra;
    });
  }
  // Without a descriptor the header alone has sizes and checksum, and 0 is no way out.
  const auto ahead = [&cases](const std::string& what, const Change& change) {
    ZipImage image = make_image(good_contents(), Sizes::ahead);
    change(image["data/0"]);
    cases.files.push_back({.name = "local header with sizes: " + what,
                           .bytes = bytes_of(image),
                           .rule = "the header of record data/0 contradicts"});
  };
  ahead("no checksum", [](Entry& e) { e.local.crc = 0; });
  ahead("no size", [](Entry& e) { e.local.size = 0; });
  ahead("no compressed size", [](Entry& e) { e.local.compressed = 0; });
  ahead("another checksum", [](Entry& e) { e.local.crc ^= 1; });
  ahead("a size one more", [](Entry& e) { e.local.size += 1; });
  ahead("a compressed size one less", [](Entry& e) { e.local.compressed -= 1; });
  return std::move(cases.files);
}

Files descriptors() {
  Cases cases;
  for (const char* record : {"data.pkl", "data/0"}) {
    const auto add = [&](const std::string& what, const Change& change) {
      cases.add("descriptor of " + std::string(record) + ": " + what,
                "the descriptor of record " + std::string(record) + " contradicts", record, change);
    };
    add("another signature", [](Entry& e) { e.descriptor->signature = "PK\7\7"; });
    add("another checksum", [](Entry& e) { e.descriptor->crc ^= 0x80000000; });
    add("no checksum", [](Entry& e) { e.descriptor->crc = 0; });
    add("a compressed size one more", [](Entry& e) { e.descriptor->compressed += 1; });
    add("a compressed size one less", [](Entry& e) { e.descriptor->compressed -= 1; });
    add("a size one more", [](Entry& e) { e.descriptor->size += 1; });
    add("a size one less", [](Entry& e) { e.descriptor->size -= 1; });
    add("no sizes", [](Entry& e) { e.descriptor->size = e.descriptor->compressed = 0; });
    add("zeros", [](Entry& e) { e.descriptor = Descriptor{.signature = std::string(4, '\0')}; });
    const auto add_settled = [&](const std::string& what, const Change& change) {
      cases.add_settled("descriptor of " + std::string(record) + ": " + what,
                        what == "missing" ? "overlaps what follows it"
                                          : "of record " + std::string(record) + " contradicts",
                        record, change);
    };
    add_settled("wide", [](Entry& e) { e.descriptor->width = 8; });
    add_settled("without its signature", [](Entry& e) { e.descriptor->signature.clear(); });
    add_settled("missing", [](Entry& e) { e.descriptor.reset(); });
    add_settled("twice", [](Entry& e) {
      ZipImage image;
      image.entries = {e};
      image.end64.reset();
      image.locator.reset();
      const std::string bytes = bytes_of(image);
      e.behind = bytes.substr(bytes.find(e.descriptor->signature), 16);
    });
  }
  return std::move(cases.files);
}

}  // namespace hostile
