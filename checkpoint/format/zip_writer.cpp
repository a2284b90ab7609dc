#include "checkpoint/format/zip_writer.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <unordered_set>

#include "checkpoint/format/crc32.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/zip.hpp"

namespace cairn::checkpoint::format {
namespace {

struct Placed {
  std::string name{};  // with the root folder
  std::uint64_t offset{0};
  std::uint64_t size{0};
  std::uint32_t crc{0};

  [[nodiscard]] bool large() const { return size >= zip::kMax32; }
  [[nodiscard]] bool far() const { return offset >= zip::kMax32; }
  [[nodiscard]] std::uint16_t flags() const {
    return size == 0 ? zip::kUtf8Flag : zip::kUtf8Flag | zip::kDescriptorFlag;
  }
};

std::uint64_t clamp32(std::uint64_t value) {
  return std::min(value, zip::kMax32);
}

std::string zip64_field(const Placed& entry, std::uint64_t compressed) {
  std::string field;
  if (!entry.large() && !entry.far()) return field;
  put_integer(field, zip::kZip64Field, 2);
  put_integer(field, (entry.large() ? 16U : 0U) + (entry.far() ? 8U : 0U), 2);
  if (entry.large()) {
    put_integer(field, entry.size, 8);
    put_integer(field, compressed, 8);
  }
  if (entry.far()) put_integer(field, entry.offset, 8);
  return field;
}

// torch's own extra field: "FB", a length, and that many 'Z', so that the data that follows is
// aligned.
std::string padding_field(const Placed& entry, std::size_t zip64_size, std::uint32_t alignment) {
  const std::uint64_t unpadded =
      entry.offset + zip::kLocalHeaderSize + entry.name.size() + zip64_size + 4;
  const std::uint64_t padding = (alignment - unpadded % alignment) % alignment;
  std::string field = "FB";
  put_integer(field, padding, 2);
  field.append(padding, 'Z');
  return field;
}

// Checksum and sizes are 0 here and stand in the descriptor and the central directory; torch's
// miniz writes the size, but not the compressed size, into a local zip64 field.
std::string local_header(const Placed& entry, std::uint32_t alignment) {
  const std::string zip64 = zip64_field(entry, 0);
  const std::string extra = zip64 + padding_field(entry, zip64.size(), alignment);
  std::string header(zip::kLocalHeader);
  put_integer(header, 0, 2);  // version needed
  put_integer(header, entry.flags(), 2);
  put_integer(header, 0, 2 + 4);  // stored; no time
  put_integer(header, 0, 4);      // crc
  put_integer(header, 0, 8);      // sizes
  put_integer(header, entry.name.size(), 2);
  put_integer(header, extra.size(), 2);
  return header + entry.name + extra;
}

std::string descriptor(const Placed& entry) {
  std::string text(zip::kDescriptor);
  const unsigned width = zip::wide_descriptor(entry.size, entry.offset) ? 8 : 4;
  put_integer(text, entry.crc, 4);
  put_integer(text, entry.size, width);
  put_integer(text, entry.size, width);
  return text;
}

std::string central_header(const Placed& entry) {
  const std::string extra = zip64_field(entry, entry.size);
  std::string header(zip::kCentralHeader);
  put_integer(header, 0, 4);  // made by, version needed
  put_integer(header, entry.flags(), 2);
  put_integer(header, 0, 2 + 4);  // stored; no time
  put_integer(header, entry.crc, 4);
  put_integer(header, clamp32(entry.size), 4);
  put_integer(header, clamp32(entry.size), 4);
  put_integer(header, entry.name.size(), 2);
  put_integer(header, extra.size(), 2);
  put_integer(header, 0, 2 + 2 + 2);  // comment, disk, internal attributes
  put_integer(header, 0, 4);          // external attributes
  put_integer(header, clamp32(entry.offset), 4);
  return header + entry.name + extra;
}

// torch writes all three end records, whether they are needed or not.
std::string end_records(std::uint64_t count, std::uint64_t directory_size,
                        std::uint64_t directory_offset) {
  std::string text(zip::kEnd64);
  put_integer(text, zip::kEnd64Size - 12, 8);
  put_integer(text, 0x031E, 2);  // made by
  put_integer(text, 45, 2);      // version needed
  put_integer(text, 0, 8);       // disks
  put_integer(text, count, 8);
  put_integer(text, count, 8);
  put_integer(text, directory_size, 8);
  put_integer(text, directory_offset, 8);
  text += zip::kLocator64;
  put_integer(text, 0, 4);  // disk
  put_integer(text, directory_offset + directory_size, 8);
  put_integer(text, 1, 4);  // disks in all
  text += zip::kEnd;
  put_integer(text, 0, 4);  // disks
  put_integer(text, std::min(count, zip::kMax16), 2);
  put_integer(text, std::min(count, zip::kMax16), 2);
  put_integer(text, clamp32(directory_size), 4);
  put_integer(text, clamp32(directory_offset), 4);
  put_integer(text, 0, 2);  // comment
  return text;
}

std::uint64_t hash_combine(std::uint64_t seed, std::uint64_t value) {
  return seed ^ (value + 0x9e3779b9 + (seed << 6U) + (seed >> 2U));
}

using Sums = std::vector<std::vector<std::uint32_t>>;  // of the chunks of each record

// torch's fingerprint of an archive: 20 digits for the names, 20 for the checksums
// (PyTorchStreamWriter::writeSerializationId). Nothing reads meaning into it; the names' half
// follows the order of an unordered_set, as torch's does.
std::string serialization_id(const std::vector<Record>& records, const Sums& sums) {
  std::unordered_set<std::string> names;
  std::uint64_t of_sums = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].make) continue;
    names.insert(records[i].name);
    const std::uint64_t size = records[i].bytes.size();
    if (size > 0) of_sums = hash_combine(of_sums, crc32_joined(sums[i], kSumChunk, size));
  }
  std::uint64_t of_names = 0;
  for (const std::string& name : names)
    of_names = hash_combine(of_names, std::hash<std::string>{}(name));
  std::ostringstream text;
  text << std::setfill('0') << std::setw(20) << of_names << std::setw(20) << of_sums;
  return text.str();
}

void fill(Record& record, std::string content) {
  auto owner = std::make_shared<const std::string>(std::move(content));
  record.bytes = vfs::as_bytes(*owner);
  record.owner = std::move(owner);
}

std::vector<std::span<const std::byte>> contents(const std::vector<Record>& records) {
  std::vector<std::span<const std::byte>> pieces;
  pieces.reserve(records.size());
  for (const Record& record : records) pieces.push_back(record.bytes);
  return pieces;
}

// Collects a file: small texts are joined until memory that is only referred to follows.
class Assembly {
 public:
  void text(std::string_view text) { pending_ += text; }
  void memory(const Record& record) {
    flush();
    body_.append(record.bytes, record.owner);
  }
  [[nodiscard]] std::uint64_t size() const { return body_.size() + pending_.size(); }
  [[nodiscard]] vfs::Body finish() && {
    flush();
    return std::move(body_);
  }

 private:
  void flush() {
    if (!pending_.empty()) body_.append_copy(vfs::as_bytes(pending_));
    pending_.clear();
  }

  vfs::Body body_;
  std::string pending_;
};

}  // namespace

vfs::Body write_zip(std::vector<Record> records, const ZipOptions& options) {
  Sums sums = crc32_chunks(contents(records), kSumChunk);
  std::vector<Sha256Digest> digests;
  if (options.sha256) digests = sha256_each(contents(records));
  std::string id = serialization_id(records, sums);
  records.push_back({.name = ".data/serialization_id"});
  fill(records.back(), std::move(id));
  sums.push_back({crc32(records.back().bytes)});

  Assembly file;
  std::string directory;
  std::vector<PlacedRecord> placed;
  placed.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    Record& record = records[i];
    if (record.make) {
      fill(record, record.make(placed));
      sums[i] = crc32_chunks({&record.bytes, 1}, kSumChunk).front();
    }
    const Placed entry{.name = std::string(options.root) + "/" + record.name,
                       .offset = file.size(),
                       .size = record.bytes.size(),
                       .crc = crc32_joined(sums[i], kSumChunk, record.bytes.size())};
    file.text(local_header(entry, options.alignment));
    placed.push_back({.name = record.name,
                      .data = file.size(),
                      .size = entry.size,
                      .crc = entry.crc,
                      .chunks = std::move(sums[i])});
    if (i < digests.size()) placed.back().sha256 = digests[i];
    if (entry.size > 0) {
      file.memory(record);
      file.text(descriptor(entry));
    }
    directory += central_header(entry);
  }
  const std::uint64_t directory_offset = file.size();
  file.text(directory);
  file.text(end_records(records.size(), directory.size(), directory_offset));
  return std::move(file).finish();
}

}  // namespace cairn::checkpoint::format
