// A zip as a value: every field of every structure stands in it and can lie. Written from PKWARE's
// APPNOTE 6.3.10 section 4.3, and not with the writer of the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostile {

/// What both headers of an entry say of it.
struct EntryFields {
  std::uint64_t needed{0};
  std::uint64_t flags{0x0808};
  std::uint64_t method{0};
  std::uint64_t time{0};
  std::uint64_t date{0};
  std::uint64_t crc{0};
  std::uint64_t compressed{0};
  std::uint64_t size{0};
  std::string name{};
  std::string extra{};
  std::optional<std::uint64_t> name_length{};  // absent: the true one
  std::optional<std::uint64_t> extra_length{};
};

struct LocalHeader : EntryFields {
  std::string signature{"PK\3\4"};
};

struct Descriptor {
  std::string signature{"PK\7\10"};
  std::uint64_t crc{0};
  std::uint64_t compressed{0};
  std::uint64_t size{0};
  unsigned width{4};  // of the two sizes
};

struct CentralHeader : EntryFields {
  std::string signature{"PK\1\2"};
  std::uint64_t made_by{0};
  std::uint64_t disk{0};
  std::uint64_t internal_attributes{0};
  std::uint64_t external_attributes{0};
  std::uint64_t offset{0};
  std::string comment{};
  std::optional<std::uint64_t> comment_length{};
};

struct Entry {
  LocalHeader local{};
  std::string data{};
  std::optional<Descriptor> descriptor{};
  CentralHeader central{};
  std::string behind{};  // bytes that belong to no structure
};

/// What both end records say of the directory.
struct DirectoryFields {
  std::uint64_t disk{0};
  std::uint64_t directory_disk{0};
  std::uint64_t count_here{0};
  std::uint64_t count{0};
  std::uint64_t size{0};
  std::uint64_t offset{0};
};

struct End64 : DirectoryFields {
  std::string signature{"PK\6\6"};
  std::uint64_t length{44};
  std::uint64_t made_by{798};
  std::uint64_t needed{45};
  std::string behind{};
};

struct Locator64 {
  std::string signature{"PK\6\7"};
  std::uint64_t disk{0};
  std::uint64_t offset{0};
  std::uint64_t disks{1};
};

struct End : DirectoryFields {
  std::string signature{"PK\5\6"};
  std::uint64_t comment_length{0};
  std::string comment{};
};

struct ZipImage {
  std::string before{};
  std::vector<Entry> entries{};
  std::string before_directory{};
  std::string behind_directory{};
  std::optional<End64> end64{End64{}};
  std::optional<Locator64> locator{Locator64{}};
  End end{};
  std::string behind{};

  Entry& operator[](std::string_view name);  // by the name without its folder
};

struct Content {
  std::string name{};
  std::string bytes{};
};

/// Whether sizes and checksums stand behind the data, as torch writes them, or in the local header,
/// as Python's zipfile does.
enum class Sizes { behind, ahead };

/// A correct zip of these in the folder `root` (no folder if empty).
[[nodiscard]] ZipImage make_image(const std::vector<Content>& contents, Sizes sizes = Sizes::behind,
                                  const std::string& root = "archive");
/// Works out all offsets, sizes and counts again after structures were added or have grown.
void settle(ZipImage& image);

/// What the image says, byte by byte.
[[nodiscard]] std::string bytes_of(const ZipImage& image);

struct Boundary {
  std::string name{};  // "data of data/0"
  std::size_t offset{0};
};
/// Where each structure begins.
[[nodiscard]] std::vector<Boundary> boundaries_of(const ZipImage& image);

/// A directory's or local header's extra field.
[[nodiscard]] std::string extra_field(std::uint64_t id, const std::string& content);
[[nodiscard]] std::string little_endian(std::uint64_t value, unsigned width);
[[nodiscard]] std::uint32_t crc32_of(std::string_view bytes);  // zlib's
[[nodiscard]] std::string deflated(const std::string& bytes);  // zlib's, without a header

}  // namespace hostile
