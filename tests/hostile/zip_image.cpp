#include "tests/hostile/zip_image.hpp"

#include <zlib.h>

#include <stdexcept>

namespace hostile {
namespace {

// Appends structures and notes where they begin.
class Out {
 public:
  std::string bytes{};
  std::vector<Boundary> boundaries{};

  void begin(const std::string& what) { boundaries.push_back({what, bytes.size()}); }
  void text(const std::string& text) { bytes += text; }
  template <class... Fields>
  void fields(unsigned width, Fields... values) {
    ((bytes += little_endian(values, width)), ...);
  }
};

void write_fields(Out& out, const EntryFields& entry) {
  out.fields(2, entry.needed, entry.flags, entry.method, entry.time, entry.date);
  out.fields(4, entry.crc, entry.compressed, entry.size);
  out.fields(2, entry.name_length.value_or(entry.name.size()),
             entry.extra_length.value_or(entry.extra.size()));
}

void write(Out& out, const LocalHeader& header) {
  out.begin("local header of " + header.name);
  out.text(header.signature);
  write_fields(out, header);
  out.begin("local name of " + header.name);
  out.text(header.name);
  if (!header.extra.empty()) out.begin("local extra of " + header.name);
  out.text(header.extra);
}

void write(Out& out, const Descriptor& descriptor, const std::string& name) {
  out.begin("descriptor of " + name);
  out.text(descriptor.signature);
  out.fields(4, descriptor.crc);
  out.fields(descriptor.width, descriptor.compressed, descriptor.size);
}

void write(Out& out, const CentralHeader& header) {
  out.begin("central header of " + header.name);
  out.text(header.signature);
  out.fields(2, header.made_by);
  write_fields(out, header);
  out.fields(2, header.comment_length.value_or(header.comment.size()), header.disk,
             header.internal_attributes);
  out.fields(4, header.external_attributes, header.offset);
  out.begin("central name of " + header.name);
  out.text(header.name + header.extra + header.comment);
}

void write(Out& out, const End64& end) {
  out.begin("zip64 end record");
  out.text(end.signature);
  out.fields(8, end.length);
  out.fields(2, end.made_by, end.needed);
  out.fields(4, end.disk, end.directory_disk);
  out.fields(8, end.count_here, end.count, end.size, end.offset);
  out.text(end.behind);
}

void write(Out& out, const Locator64& locator) {
  out.begin("zip64 locator");
  out.text(locator.signature);
  out.fields(4, locator.disk);
  out.fields(8, locator.offset);
  out.fields(4, locator.disks);
}

void write(Out& out, const End& end) {
  out.begin("end record");
  out.text(end.signature);
  out.fields(2, end.disk, end.directory_disk, end.count_here, end.count);
  out.fields(4, end.size, end.offset);
  out.fields(2, end.comment_length);
  out.text(end.comment);
}

Out write(const ZipImage& image) {
  Out out;
  out.text(image.before);
  for (const Entry& entry : image.entries) {
    write(out, entry.local);
    if (!entry.data.empty()) out.begin("data of " + entry.local.name);
    out.text(entry.data);
    if (entry.descriptor) write(out, *entry.descriptor, entry.local.name);
    out.text(entry.behind);
  }
  out.text(image.before_directory);
  for (const Entry& entry : image.entries) write(out, entry.central);
  out.text(image.behind_directory);
  if (image.end64) write(out, *image.end64);
  if (image.locator) write(out, *image.locator);
  write(out, image.end);
  out.text(image.behind);
  return out;
}

std::size_t offset_of(const Out& out, const std::string& boundary) {
  for (const Boundary& known : out.boundaries) {
    if (known.name == boundary) return known.offset;
  }
  throw std::logic_error("no " + boundary);
}

}  // namespace

Entry& ZipImage::operator[](std::string_view name) {
  for (Entry& entry : entries) {
    if (entry.local.name.ends_with("/" + std::string(name))) return entry;
  }
  throw std::logic_error("no entry " + std::string(name));
}

ZipImage make_image(const std::vector<Content>& contents, Sizes sizes, const std::string& root) {
  ZipImage image;
  for (const Content& content : contents) {
    const bool behind = sizes == Sizes::behind;
    const std::uint64_t size = content.bytes.size();
    const std::uint64_t crc = crc32_of(content.bytes);
    Entry entry;
    entry.data = content.bytes;
    EntryFields& described = entry.central;
    described.name = root.empty() ? content.name : root + "/" + content.name;
    described.flags = behind && size > 0 ? 0x0808 : 0x0800;
    described.crc = crc;
    described.size = described.compressed = size;
    static_cast<EntryFields&>(entry.local) = described;
    if (behind) entry.local.crc = entry.local.size = entry.local.compressed = 0;
    if (behind && size > 0)
      entry.descriptor = Descriptor{.crc = crc, .compressed = size, .size = size};
    entry.local.extra = extra_field(0x4246, "ZZZZ");  // "FB", torch's padding
    image.entries.push_back(std::move(entry));
  }
  settle(image);
  return image;
}

void settle(ZipImage& image) {
  const Out out = write(image);
  std::size_t next = 0;
  for (const Boundary& boundary : out.boundaries) {
    if (boundary.name.starts_with("local header of "))
      image.entries[next++].central.offset = boundary.offset;
  }
  const std::size_t directory =
      image.entries.empty()
          ? image.before.size()
          : offset_of(out, "central header of " + image.entries.front().central.name);
  const std::size_t end64 =
      image.end64 ? offset_of(out, "zip64 end record") : offset_of(out, "end record");
  const auto describe = [&](DirectoryFields& fields) {
    fields.count_here = fields.count = image.entries.size();
    fields.size = end64 - directory;
    fields.offset = directory;
  };
  if (image.end64) describe(*image.end64);
  if (image.locator) image.locator->offset = end64;
  describe(image.end);
}

std::string bytes_of(const ZipImage& image) {
  return write(image).bytes;
}

std::vector<Boundary> boundaries_of(const ZipImage& image) {
  return write(image).boundaries;
}

std::string extra_field(std::uint64_t id, const std::string& content) {
  return little_endian(id, 2) + little_endian(content.size(), 2) + content;
}

std::string little_endian(std::uint64_t value, unsigned width) {
  std::string bytes;
  for (unsigned i = 0; i < width; ++i)
    bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
  return bytes;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::string deflated(const std::string& bytes) {
  z_stream stream{};
  constexpr int kRaw = -15;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kRaw, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib");
  return out;
}

}  // namespace hostile
