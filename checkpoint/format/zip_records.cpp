#include "checkpoint/format/zip_records.hpp"

#include <algorithm>
#include <optional>

#include "checkpoint/format/crc32.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/zip.hpp"

namespace cairn::checkpoint::format {
namespace {

[[noreturn]] void contradicts(const ZipEntry& entry, std::string_view what) {
  throw Error(ErrorCode::corrupt, "the " + std::string(what) + " of record " + entry.name +
                                      " contradicts the zip's directory");
}

// Behind the data the values are given again; here they may be 0 instead.
bool agrees(std::uint64_t field, std::uint64_t value, const ZipEntry& entry) {
  const bool described = (entry.flags & zip::kDescriptorFlag) != 0;
  return field == std::min(value, zip::kMax32) || (described && field == 0);
}

void check_header(const ZipEntry& entry, const std::string& root, std::string_view header) {
  const std::string name = root + "/" + entry.name;
  const bool whole =
      header.starts_with(zip::kLocalHeader) && get_integer(header, 26, 2) == name.size() &&
      zip::kLocalHeaderSize + name.size() + get_integer(header, 28, 2) == header.size();
  const bool same = whole && get_integer(header, 6, 2) == entry.flags &&
                    get_integer(header, 8, 2) == 0 &&
                    agrees(get_integer(header, 14, 4), entry.crc, entry) &&
                    agrees(get_integer(header, 18, 4), entry.size, entry) &&
                    agrees(get_integer(header, 22, 4), entry.size, entry) &&
                    header.substr(zip::kLocalHeaderSize, name.size()) == name;
  if (!same) contradicts(entry, "header");
}

void check_descriptor(const ZipEntry& entry, std::string_view descriptor) {
  if (descriptor.empty()) return;
  const unsigned width = descriptor.size() == zip::kDescriptor64Size ? 8 : 4;
  const bool same = descriptor.starts_with(zip::kDescriptor) &&
                    get_integer(descriptor, 4, 4) == entry.crc &&
                    get_integer(descriptor, 8, width) == entry.size &&
                    get_integer(descriptor, 8 + width, width) == entry.size;
  if (!same) contradicts(entry, "descriptor");
}

void check_sum(const ZipEntry& entry, std::uint32_t sum) {
  if (sum == entry.crc) return;
  std::string message = "record " + entry.name + " is damaged: its checksum is wrong";
  if (entry.crc == 0)
    message +=
        " (none was stored: torch.serialization.set_crc32_options(False)? then load without "
        "verify)";
  throw Error(ErrorCode::corrupt, message);
}

// Those of data that were not read.
void sum_present(std::span<const RecordRead> records, std::vector<std::uint32_t>& sums) {
  std::vector<std::span<const std::byte>> pieces;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!records[i].present) continue;
    pieces.emplace_back(records[i].into);
    places.push_back(i);
  }
  const std::vector<std::uint32_t> found = crc32_each(pieces);
  for (std::size_t i = 0; i < places.size(); ++i) sums[places[i]] = found[i];
}

// Header and descriptor of a record, in memory of their own.
struct Frame {
  std::span<std::byte> header{};
  std::span<std::byte> descriptor{};
};

std::uint64_t header_size(const ZipEntry& entry) {
  return entry.data - entry.offset;
}
std::uint64_t descriptor_size(const ZipEntry& entry) {
  return entry.end - entry.data - entry.packed;
}

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void read_records(Source& source, const ZipDirectory& directory,
                  std::span<const RecordRead> records, bool verify) {
  std::uint64_t total = 0;
  for (const RecordRead& record : records) {
    if (!record.entry->stored)
      throw Error(ErrorCode::unsupported, "record " + record.entry->name + " is compressed");
    if (record.framed) total += header_size(*record.entry) + descriptor_size(*record.entry);
  }
  vfs::Buffer memory(static_cast<std::size_t>(total));
  std::span<std::byte> free = memory.span();
  const auto take = [&free](std::uint64_t size) {
    const auto taken = free.first(static_cast<std::size_t>(size));
    free = free.subspan(static_cast<std::size_t>(size));
    return taken;
  };

  std::vector<Frame> frames;
  std::vector<vfs::RangeRead> ranges;
  std::vector<std::uint32_t> sums(records.size(), 0);
  frames.reserve(records.size());
  ranges.reserve(records.size() * 3);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RecordRead& record = records[i];
    const ZipEntry& entry = *record.entry;
    if (!record.present) {
      ranges.push_back(
          {.offset = entry.data, .into = record.into, .crc32 = verify ? &sums[i] : nullptr});
    }
    frames.emplace_back();
    if (!record.framed) continue;
    frames.back() = {.header = take(header_size(entry)),
                     .descriptor = take(descriptor_size(entry))};
    ranges.push_back({.offset = entry.offset, .into = frames.back().header});
    ranges.push_back({.offset = entry.data + entry.size, .into = frames.back().descriptor});
  }
  source.read(ranges);

  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!records[i].framed) continue;
    check_header(*records[i].entry, directory.root(), text(frames[i].header));
    check_descriptor(*records[i].entry, text(frames[i].descriptor));
  }
  if (!verify) return;
  sum_present(records, sums);
  for (std::size_t i = 0; i < records.size(); ++i) check_sum(*records[i].entry, sums[i]);
}

std::string read_record(Source& source, const ZipDirectory& directory, const ZipEntry& entry,
                        bool verify) {
  std::string content(static_cast<std::size_t>(entry.size), '\0');
  const RecordRead record{.entry = &entry,
                          .into = std::as_writable_bytes(std::span<char>(content))};
  read_records(source, directory, {&record, 1}, verify);
  return content;
}

void verify_record(Source& source, const ZipDirectory& directory, const ZipEntry& entry,
                   const Sha256Digest* digest) {
  constexpr std::uint64_t kPiece = std::uint64_t{16} << 20U;
  if (!entry.stored) return;  // code, which is never read
  const std::string header =
      source.read(entry.offset, static_cast<std::size_t>(header_size(entry)));
  const std::string descriptor =
      source.read(entry.data + entry.size, static_cast<std::size_t>(descriptor_size(entry)));
  check_header(entry, directory.root(), header);
  check_descriptor(entry, descriptor);
  vfs::Buffer piece(static_cast<std::size_t>(std::min(kPiece, entry.size)));
  std::uint32_t sum = 0;
  std::optional<Sha256> whole;
  if (digest != nullptr) whole.emplace();
  for (std::uint64_t at = 0; at < entry.size; at += kPiece) {
    const auto into =
        piece.span().first(static_cast<std::size_t>(std::min(kPiece, entry.size - at)));
    const vfs::RangeRead range{.offset = entry.data + at, .into = into};
    source.read({&range, 1});
    sum = crc32_combine(sum, crc32(into), into.size());
    if (whole) whole->add(into);
  }
  check_sum(entry, sum);
  if (whole && whole->finish() != *digest)
    throw Error(ErrorCode::corrupt,
                "record " + entry.name + " is not what was saved: its SHA-256 is another");
}

}  // namespace cairn::checkpoint::format
