#include "checkpoint/format/zip_headers.hpp"

#include <algorithm>

#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/zip.hpp"

namespace cairn::checkpoint::format {
namespace {

bool is_large(const ZipPlace& entry) {
  return entry.size >= zip::kMax32;
}

bool is_far(const ZipPlace& entry) {
  return entry.offset >= zip::kMax32;
}

std::uint16_t flags_of(const ZipPlace& entry) {
  return entry.size == 0 ? zip::kUtf8Flag : zip::kUtf8Flag | zip::kDescriptorFlag;
}

std::uint64_t clamp32(std::uint64_t value) {
  return std::min(value, zip::kMax32);
}

std::string zip64_field(const ZipPlace& entry, std::uint64_t compressed) {
  std::string field;
  if (!is_large(entry) && !is_far(entry)) return field;
  put_integer(field, zip::kZip64Field, 2);
  put_integer(field, (is_large(entry) ? 16U : 0U) + (is_far(entry) ? 8U : 0U), 2);
  if (is_large(entry)) {
    put_integer(field, entry.size, 8);
    put_integer(field, compressed, 8);
  }
  if (is_far(entry)) put_integer(field, entry.offset, 8);
  return field;
}

// torch's own extra field: "FB", a length, and that many 'Z', so that the data that follows is
// aligned.
std::string padding_field(const ZipPlace& entry, std::size_t zip64_size, std::uint32_t alignment) {
  const std::uint64_t unpadded =
      entry.offset + zip::kLocalHeaderSize + entry.name.size() + zip64_size + 4;
  const std::uint64_t padding = (alignment - unpadded % alignment) % alignment;
  std::string field = "FB";
  put_integer(field, padding, 2);
  field.append(padding, 'Z');
  return field;
}

}  // namespace

// Checksum and sizes are 0 here and stand in the descriptor and the central directory; torch's
// miniz writes the size, but not the compressed size, into a local zip64 field.
std::string local_header(const ZipPlace& entry, std::uint32_t alignment) {
  const std::string zip64 = zip64_field(entry, 0);
  const std::string extra = zip64 + padding_field(entry, zip64.size(), alignment);
  std::string header(zip::kLocalHeader);
  put_integer(header, 0, 2);  // version needed
  put_integer(header, flags_of(entry), 2);
  put_integer(header, 0, 2 + 4);  // stored; no time
  put_integer(header, 0, 4);      // crc
  put_integer(header, 0, 8);      // sizes
  put_integer(header, entry.name.size(), 2);
  put_integer(header, extra.size(), 2);
  return header + entry.name + extra;
}

std::string descriptor(const ZipPlace& entry, std::uint32_t crc) {
  if (entry.size == 0) return {};
  std::string text(zip::kDescriptor);
  const unsigned width = zip::wide_descriptor(entry.size, entry.offset) ? 8 : 4;
  put_integer(text, crc, 4);
  put_integer(text, entry.size, width);
  put_integer(text, entry.size, width);
  return text;
}

std::uint64_t descriptor_size(const ZipPlace& entry) {
  if (entry.size == 0) return 0;
  return zip::wide_descriptor(entry.size, entry.offset) ? zip::kDescriptor64Size
                                                        : zip::kDescriptorSize;
}

std::string central_header(const ZipPlace& entry, std::uint32_t crc) {
  const std::string extra = zip64_field(entry, entry.size);
  std::string header(zip::kCentralHeader);
  put_integer(header, 0, 4);  // made by, version needed
  put_integer(header, flags_of(entry), 2);
  put_integer(header, 0, 2 + 4);  // stored; no time
  put_integer(header, crc, 4);
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

}  // namespace cairn::checkpoint::format
