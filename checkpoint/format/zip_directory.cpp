#include "checkpoint/format/zip_directory.hpp"

#include <algorithm>
#include <cctype>
#include <unordered_set>
#include <utility>

#include "checkpoint/format/foreign.hpp"
#include "checkpoint/format/keyed_hash.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/text.hpp"
#include "checkpoint/format/zip.hpp"

namespace cairn::checkpoint::format {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(ErrorCode::corrupt, "a damaged zip: " + what);
}

struct End {
  std::uint64_t count{0};
  std::uint64_t size{0};    // of the directory
  std::uint64_t offset{0};  // of the directory
};

// A field of the 32-bit record is the value, or all ones for "in the 64-bit record"; torch writes
// both always.
bool agrees(std::uint64_t field, std::uint64_t value, std::uint64_t maximum) {
  return field == std::min(value, maximum);
}

// `tail` ends with the end record.
End parse_end64(std::string_view tail, std::uint64_t tail_offset, const End& narrow) {
  const std::size_t locator = tail.size() - zip::kEndSize - zip::kLocator64Size;
  if (locator < zip::kEnd64Size) corrupt("the 64-bit end record is missing");
  const std::size_t at = locator - zip::kEnd64Size;
  if (!tail.substr(at).starts_with(zip::kEnd64))
    corrupt("the 64-bit end record is not where it should be");
  const bool placed = get_integer(tail, locator + 4, 4) == 0 &&
                      get_integer(tail, locator + 8, 8) == tail_offset + at &&
                      get_integer(tail, locator + 16, 4) == 1;
  const bool sized = get_integer(tail, at + 4, 8) == zip::kEnd64Size - 12;
  const bool one_disk = get_integer(tail, at + 16, 8) == 0;
  if (!placed || !sized || !one_disk) corrupt("the 64-bit end records contradict each other");
  const End end{.count = get_integer(tail, at + 32, 8),
                .size = get_integer(tail, at + 40, 8),
                .offset = get_integer(tail, at + 48, 8)};
  const bool same =
      get_integer(tail, at + 24, 8) == end.count && agrees(narrow.count, end.count, zip::kMax16) &&
      agrees(narrow.size, end.size, zip::kMax32) && agrees(narrow.offset, end.offset, zip::kMax32);
  if (!same) corrupt("the 32-bit and the 64-bit end record differ");
  return end;
}

End read_end(Source& source) {
  constexpr std::size_t kAll = zip::kEnd64Size + zip::kLocator64Size + zip::kEndSize;
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), kAll));
  const std::uint64_t tail_offset = source.size() - length;
  const std::string text = source.read(tail_offset, length);
  const std::string_view tail(text);
  if (length < zip::kEndSize || !tail.substr(length - zip::kEndSize).starts_with(zip::kEnd)) {
    throw describe_foreign(
        source.read(0, static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), 512))),
        source.size());
  }
  const std::size_t at = length - zip::kEndSize;
  if (get_integer(tail, at + 4, 4) != 0) corrupt("it is split over several disks");
  if (get_integer(tail, at + 20, 2) != 0) corrupt("a comment is announced and missing");
  End end{.count = get_integer(tail, at + 10, 2),
          .size = get_integer(tail, at + 12, 4),
          .offset = get_integer(tail, at + 16, 4)};
  if (get_integer(tail, at + 8, 2) != end.count) corrupt("it is split over several disks");
  std::uint64_t directory_end = tail_offset + at;
  const bool wide = at >= zip::kLocator64Size &&
                    tail.substr(at - zip::kLocator64Size).starts_with(zip::kLocator64);
  if (wide) {
    end = parse_end64(tail, tail_offset, end);
    directory_end -= zip::kLocator64Size + zip::kEnd64Size;
  }
  if (end.size > directory_end || end.offset != directory_end - end.size)
    corrupt("the directory is not where it should be");
  return end;
}

// The values that did not fit into 32 bits, in their fixed order: size, compressed size, offset
// (APPNOTE 4.5.3).
struct Wide {
  std::uint64_t size{0};
  std::uint64_t compressed{0};
  std::uint64_t offset{0};
};

void apply_zip64(std::string_view extra, Wide& values) {
  const bool wanted = values.size == zip::kMax32 || values.compressed == zip::kMax32 ||
                      values.offset == zip::kMax32;
  bool found = false;
  for (std::size_t at = 0; at < extra.size();) {
    if (extra.size() - at < 4) corrupt("an extra field is cut off");
    const std::uint64_t id = get_integer(extra, at, 2);
    const auto length = static_cast<std::size_t>(get_integer(extra, at + 2, 2));
    at += 4;
    if (extra.size() - at < length) corrupt("an extra field is cut off");
    if (id == zip::kZip64Field) {
      if (found || !wanted) corrupt("a 64-bit field that nothing asks for");
      found = true;
      std::size_t used = at;
      for (std::uint64_t* value : {&values.size, &values.compressed, &values.offset}) {
        if (*value != zip::kMax32) continue;
        if (at + length - used < 8) corrupt("a 64-bit field is too short");
        *value = get_integer(extra, used, 8);
        used += 8;
      }
      if (used != at + length) corrupt("a 64-bit field is too long");
    }
    at += length;
  }
  if (wanted && !found) corrupt("a 64-bit field is missing");
}

void check_name(std::string_view name) {
  if (name.size() >= zip::kMaxName)
    throw Error(ErrorCode::limit, "an entry's name is longer than 511 bytes");
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (!is_utf8(name) || std::any_of(name.begin(), name.end(), control) ||
      name.find('\\') != std::string_view::npos) {
    corrupt("a name that is no relative path");
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..")
      corrupt("the name '" + std::string(name) + "' is no relative path");
    begin = end + 1;
  }
  if (name.find('/') == std::string_view::npos)
    corrupt("'" + std::string(name) + "' is not in the archive's folder");
}

void check_kind(std::string_view header, std::string_view name) {
  const std::uint64_t flags = get_integer(header, 8, 2);
  if ((flags & zip::kEncryptedFlag) != 0)
    throw Error(ErrorCode::unsupported, "'" + std::string(name) + "' is encrypted");
  if ((flags & ~std::uint64_t{zip::kDescriptorFlag | zip::kUtf8Flag}) != 0) {
    throw Error(ErrorCode::unsupported,
                "'" + std::string(name) + "' has zip flags that torch never sets");
  }
  if (get_integer(header, 34, 2) != 0) corrupt("it is split over several disks");
}

// One header of the directory; returns its length.
std::size_t parse_entry(std::string_view directory, ZipEntry& entry) {
  if (directory.size() < zip::kCentralHeaderSize || !directory.starts_with(zip::kCentralHeader)) {
    corrupt("the directory ends early");
  }
  const auto name_size = static_cast<std::size_t>(get_integer(directory, 28, 2));
  const auto extra_size = static_cast<std::size_t>(get_integer(directory, 30, 2));
  const auto comment_size = static_cast<std::size_t>(get_integer(directory, 32, 2));
  const std::size_t length = zip::kCentralHeaderSize + name_size + extra_size + comment_size;
  if (directory.size() < length) corrupt("the directory ends early");
  const std::string_view name = directory.substr(zip::kCentralHeaderSize, name_size);
  check_name(name);
  check_kind(directory, name);
  Wide values{.size = get_integer(directory, 24, 4),
              .compressed = get_integer(directory, 20, 4),
              .offset = get_integer(directory, 42, 4)};
  apply_zip64(directory.substr(zip::kCentralHeaderSize + name_size, extra_size), values);
  entry.stored = get_integer(directory, 10, 2) == 0;
  if (entry.stored && values.size != values.compressed)
    corrupt("'" + std::string(name) + "' has two sizes");
  entry.name = name;
  entry.offset = values.offset;
  entry.size = values.size;
  entry.packed = values.compressed;
  entry.crc = static_cast<std::uint32_t>(get_integer(directory, 16, 4));
  entry.flags = static_cast<std::uint16_t>(get_integer(directory, 8, 2));
  return length;
}

std::vector<ZipEntry> parse_entries(std::string_view directory, std::uint64_t count) {
  std::vector<ZipEntry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    ZipEntry entry;
    directory.remove_prefix(parse_entry(directory, entry));
    entries.push_back(std::move(entry));
  }
  if (!directory.empty()) corrupt("the directory has more than its entries");
  return entries;
}

// torch.save compresses nothing; TorchScript compresses its code.
void check_stored(const std::vector<ZipEntry>& entries) {
  const bool torchscript = std::any_of(entries.begin(), entries.end(), [](const ZipEntry& entry) {
    return entry.name.ends_with("/constants.pkl");
  });
  for (const ZipEntry& entry : entries) {
    const bool code = entry.name.find("/code/") != std::string::npos;
    if (entry.stored || (torchscript && code)) continue;
    throw Error(ErrorCode::unsupported,
                "'" + entry.name +
                    "' is compressed, which torch.save never does; unpack it and zip it without "
                    "compression");
  }
}

// Works out where the data begin: entries follow each other without gaps, so that what stands
// before the data is known from what stands behind them. The local header must then say the same
// (zip_records.cpp).
void place(std::vector<ZipEntry>& entries, std::uint64_t directory_offset) {
  std::sort(entries.begin(), entries.end(),
            [](const ZipEntry& a, const ZipEntry& b) { return a.offset < b.offset; });
  if (entries.front().offset != 0) corrupt("something stands before its first entry");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ZipEntry& entry = entries[i];
    entry.end = i + 1 < entries.size() ? entries[i + 1].offset : directory_offset;
    const bool described = (entry.flags & zip::kDescriptorFlag) != 0;
    const bool wide = zip::wide_descriptor(entry.packed, entry.offset);
    const std::uint64_t behind = !described ? 0
                                 : wide     ? zip::kDescriptor64Size
                                            : zip::kDescriptorSize;
    const std::uint64_t least = zip::kLocalHeaderSize + entry.name.size() + behind;
    if (entry.end < entry.offset || entry.end - entry.offset < least ||
        entry.end - entry.offset - least < entry.packed) {
      corrupt("'" + entry.name + "' overlaps what follows it");
    }
    entry.data = entry.end - behind - entry.packed;
    if (entry.data - entry.offset > zip::kLocalHeaderSize + 2 * zip::kMax16)
      corrupt("a gap after '" + entry.name + "'");
  }
}

void check_unique(const std::vector<ZipEntry>& entries) {
  std::unordered_set<std::string, KeyedHash>
      seen;  // in lower case: torch's own look-up does not tell A from a
  for (const ZipEntry& entry : entries) {
    std::string lower = entry.name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!seen.insert(std::move(lower)).second)
      corrupt("two entries are named '" + entry.name + "'");
  }
}

// Takes the root folder off the names.
std::string split_root(std::vector<ZipEntry>& entries) {
  const std::string root = entries.front().name.substr(0, entries.front().name.find('/'));
  for (ZipEntry& entry : entries) {
    if (entry.name.compare(0, root.size() + 1, root + "/") != 0)
      corrupt("its entries are in more than one folder");
    entry.name.erase(0, root.size() + 1);
  }
  return root;
}

}  // namespace

ZipDirectory::ZipDirectory(std::string root, std::vector<ZipEntry> entries)
    : root_(std::move(root)), entries_(std::move(entries)) {
  by_name_.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) by_name_.emplace(entries_[i].name, i);
}

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

ZipDirectory read_directory(Source& source, const Limits& limits) {
  const End end = read_end(source);
  if (end.count == 0) corrupt("it has no entries");
  if (end.count > limits.max_entries) {
    throw Error(ErrorCode::limit, std::to_string(end.count) + " entries (at most " +
                                      std::to_string(limits.max_entries) + " are read)");
  }
  // No more memory than the entries can fill: their names are bounded, extra fields and comments
  // too.
  constexpr std::uint64_t kMost = zip::kCentralHeaderSize + zip::kMaxName + 1024;
  if (end.count > end.size / zip::kCentralHeaderSize || end.size / kMost > end.count)
    corrupt("the directory's size is impossible");
  std::vector<ZipEntry> entries =
      parse_entries(source.read(end.offset, static_cast<std::size_t>(end.size)), end.count);
  check_stored(entries);
  place(entries, end.offset);
  check_unique(entries);
  std::string root = split_root(entries);
  return {std::move(root), std::move(entries)};
}

}  // namespace cairn::checkpoint::format
