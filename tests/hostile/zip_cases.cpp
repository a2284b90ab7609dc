// The zip as a whole: cut, its end records, where its pieces lie, what is in it.
#include <functional>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/pickle.hpp"
#include "tests/hostile/zip_cases.hpp"

namespace hostile {

std::vector<Content> good_contents() {
  return {{"data.pkl", pickle::whole(pickle::Tensor{}.ops())},
          {"byteorder", "little"},
          {"data/0", std::string(16, '\1')},
          {"version", "3\n"}};
}

ZipImage good_image() {
  return make_image(good_contents());
}

std::string archive_around(const std::string& pickle) {
  std::vector<Content> contents = good_contents();
  contents[0].bytes = pickle;
  return bytes_of(make_image(contents));
}

HostileFile changed(const std::string& name, ErrorCode code, const std::string& rule,
                    const std::function<void(ZipImage&)>& change) {
  ZipImage image = good_image();
  change(image);
  return {.name = name, .bytes = bytes_of(image), .code = code, .rule = rule};
}

Files truncations() {
  const ZipImage image = good_image();
  const std::string file = bytes_of(image);
  Files files;
  for (const Boundary& boundary : boundaries_of(image)) {
    for (const std::size_t beyond : {0, 1, 3}) {
      const std::size_t size = boundary.offset + beyond;
      HostileFile cut{
          .name = "cut " + std::to_string(beyond) + " after the start of " + boundary.name,
          .bytes = file.substr(0, size),
          .rule = "truncated"};
      if (size == 0) cut.rule = "empty";
      if (size > 0 && size < 4) {  // "P", "PK…": nothing says yet that it is a zip
        cut.code = ErrorCode::unsupported;
        cut.rule = "not an archive";
      }
      files.push_back(std::move(cut));
    }
  }
  files.push_back({.name = "all but the last byte",
                   .bytes = file.substr(0, file.size() - 1),
                   .rule = "truncated"});
  return files;
}

Files beheaded() {
  const ZipImage image = good_image();
  const std::string file = bytes_of(image);
  Files files;
  for (const Boundary& boundary : boundaries_of(image)) {
    if (boundary.offset == 0) continue;
    HostileFile rest{.name = "only from " + boundary.name + " on",
                     .bytes = file.substr(boundary.offset),
                     .rule = "the 64-bit end records contradict"};
    if (boundary.name == "zip64 locator") rest.rule = "the 64-bit end record is missing";
    if (boundary.name == "end record") rest.rule = "the directory is not where it should be";
    files.push_back(std::move(rest));
  }
  return files;
}

Files layouts() {
  const ErrorCode corrupt = ErrorCode::corrupt;
  const auto moved = [](ZipImage& image) { settle(image); };
  Files files{
      changed("a byte before the zip", corrupt, "64-bit end records contradict",
              [](ZipImage& image) { image.before = "x"; }),
      changed("a byte before the zip, offsets corrected", corrupt,
              "something stands before its first entry",
              [&](ZipImage& image) {
                image.before = "x";
                moved(image);
              }),
      changed("a program before the zip, offsets corrected", corrupt,
              "something stands before its first entry",
              [&](ZipImage& image) {
                image.before = "#!/bin/sh\nexit 0\n";
                moved(image);
              }),
      changed("a whole zip before the zip", corrupt, "something stands before its first entry",
              [&](ZipImage& image) {
                image.before = bytes_of(good_image());
                moved(image);
              }),
      changed("a byte behind the zip", corrupt, "something was added",
              [](ZipImage& image) { image.behind = "x"; }),
      changed("64 KiB behind the zip", corrupt, "something was added",
              [](ZipImage& image) { image.behind = std::string(65536, '\0'); }),
      changed("a second end record", corrupt, "the directory is not where it should be",
              [](ZipImage& image) {
                ZipImage other;
                other.end64.reset();
                other.locator.reset();
                other.end = image.end;
                image.behind = bytes_of(other);
              }),
      changed("a byte before the directory", corrupt, "contradicts the zip's directory",
              [&](ZipImage& image) {
                image.before_directory = "x";
                moved(image);
              }),
      changed("200 KiB before the directory", corrupt, "a gap after",
              [&](ZipImage& image) {
                image.before_directory = std::string(200 << 10, 'x');
                moved(image);
              }),
      changed("a byte behind the directory", corrupt, "the directory is not where it should be",
              [](ZipImage& image) {
                image.behind_directory = "x";
                image.locator->offset += 1;
              }),
      changed("a byte behind the directory, counted as part of it", corrupt,
              "the directory has more than its entries",
              [&](ZipImage& image) {
                image.behind_directory = "x";
                moved(image);
              }),
      changed("an archive's extra data record behind the directory", corrupt,
              "the directory has more than its entries",
              [&](ZipImage& image) {
                image.behind_directory = "PK\6\10" + little_endian(0, 4);
                moved(image);
              }),
      changed("a digital signature behind the directory", corrupt,
              "the directory has more than its entries",
              [&](ZipImage& image) {
                image.behind_directory = "PK\5\5" + little_endian(0, 2);
                moved(image);
              }),
      changed("a byte behind the zip64 end record", corrupt, "64-bit end record is not where",
              [](ZipImage& image) { image.end64->behind = "x"; }),
  };
  for (const char* name : {"data.pkl", "byteorder", "data/0"}) {
    files.push_back(changed("a gap of a byte behind " + std::string(name), corrupt,
                            "contradicts the zip's directory", [&](ZipImage& image) {
                              image[name].behind = "x";
                              moved(image);
                            }));
    files.push_back(changed("a gap of 200 KiB behind " + std::string(name), corrupt, "a gap after",
                            [&](ZipImage& image) {
                              image[name].behind = std::string(200 << 10, 'x');
                              moved(image);
                            }));
    files.push_back(changed("an entry that no directory has behind " + std::string(name), corrupt,
                            "contradicts the zip's directory", [&](ZipImage& image) {
                              ZipImage hidden = make_image({{"hidden", "hidden"}});
                              image[name].behind = bytes_of(hidden).substr(0, 60);
                              moved(image);
                            }));
  }
  const auto placed = [&](const std::string& name, const std::string& rule, const char* entry,
                          const std::function<std::uint64_t(ZipImage&)>& offset) {
    files.push_back(changed(name, corrupt, rule,
                            [&](ZipImage& image) { image[entry].central.offset = offset(image); }));
  };
  placed("two entries at one offset", "overlaps what follows it", "data/0",
         [](ZipImage& image) { return image["data.pkl"].central.offset; });
  placed("an entry in the middle of another's data", "overlaps what follows it", "data/0",
         [](ZipImage& image) { return image["data.pkl"].central.offset + 60; });
  placed("an entry a byte too early", "contradicts the zip's directory", "data/0",
         [](ZipImage& image) { return image["data/0"].central.offset - 1; });
  placed("an entry a byte too late", "contradicts the zip's directory", "data/0",
         [](ZipImage& image) { return image["data/0"].central.offset + 1; });
  placed("an entry in the directory", "overlaps what follows it", "version",
         [](ZipImage& image) { return image.end.offset + 1; });
  placed("an entry beyond the file", "a gap after", "version",
         [](ZipImage&) { return 0x7FFFFFFF; });
  placed("no entry at the start", "something stands before its first entry", "data.pkl",
         [](ZipImage&) { return 1; });
  return files;
}

Files compressed() {
  const ErrorCode unsupported = ErrorCode::unsupported;
  Files files;
  const auto with_method = [&](const std::string& name, std::uint64_t method,
                               const std::string& content) {
    files.push_back(changed(name, unsupported, "is compressed", [&](ZipImage& image) {
      Entry& entry = image["data.pkl"];
      entry.local.method = entry.central.method = method;
      entry.central.size = content.size();
      entry.central.crc = crc32_of(content);
      entry.data = deflated(content);
      entry.central.compressed = entry.data.size();
      entry.descriptor = Descriptor{
          .crc = crc32_of(content), .compressed = entry.data.size(), .size = content.size()};
      settle(image);
    }));
  };
  with_method("DEFLATE", 8, pickle::whole("N"));
  with_method("a DEFLATE bomb of 16 MiB", 8, std::string(16 << 20, '\0'));
  for (const std::uint64_t method : {1, 6, 9, 12, 14, 93, 95, 97, 98, 99, 0xFFFF})
    with_method("method " + std::to_string(method), method, pickle::whole("N"));
  files.push_back(
      changed("an entry that is encrypted", unsupported, "is encrypted", [](ZipImage& image) {
        image["data.pkl"].local.flags |= 1;
        image["data.pkl"].central.flags |= 1;
      }));
  files.push_back(changed("strong encryption", unsupported, "is encrypted", [](ZipImage& image) {
    image["data.pkl"].local.flags |= 0x41;
    image["data.pkl"].central.flags |= 0x41;
  }));
  for (unsigned bit = 1; bit < 16; ++bit) {
    if (bit == 3 || bit == 11) continue;
    files.push_back(changed("flag bit " + std::to_string(bit), unsupported,
                            "flags that torch never sets", [bit](ZipImage& image) {
                              image["version"].local.flags |= 1U << bit;
                              image["version"].central.flags |= 1U << bit;
                            }));
  }
  return files;
}

}  // namespace hostile
