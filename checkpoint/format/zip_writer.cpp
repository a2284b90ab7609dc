#include "checkpoint/format/zip_writer.hpp"

#include <algorithm>
#include <iomanip>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "checkpoint/format/crc32.hpp"
#include "checkpoint/format/zip_headers.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint64_t kWorthReferring = 4096;  // less is copied to what stands beside it
constexpr std::string_view kIdName = ".data/serialization_id";

std::uint64_t hash_combine(std::uint64_t seed, std::uint64_t value) {
  return seed ^ (value + 0x9e3779b9 + (seed << 6U) + (seed >> 2U));
}

// torch's fingerprint of an archive: 20 digits for the names, 20 for the checksums
// (PyTorchStreamWriter::writeSerializationId). Nothing reads meaning into it; the names' half
// follows the order of an unordered_set, as torch's does.
class SerializationId {
 public:
  void add(const PlacedRecord& record) {
    names_.insert(record.name);
    if (record.size > 0) of_sums_ = hash_combine(of_sums_, record.crc);
  }
  [[nodiscard]] std::string text() const {
    std::uint64_t of_names = 0;
    for (const std::string& name : names_)
      of_names = hash_combine(of_names, std::hash<std::string>{}(name));
    std::ostringstream text;
    text << std::setfill('0') << std::setw(20) << of_names << std::setw(20) << of_sums_;
    return text.str();
  }

 private:
  std::unordered_set<std::string> names_;
  std::uint64_t of_sums_{0};
};

// Collects the bytes of a file from `begin` to `end`: small texts are joined until memory follows
// that is worth referring to.
class Window {
 public:
  Window(std::uint64_t begin, std::uint64_t end) : begin_(begin), end_(end) {}

  [[nodiscard]] bool shows(std::uint64_t begin, std::uint64_t end) const {
    return begin < end_ && end > begin_;
  }
  // What stands at `at` of the file, or as much of it as the window shows.
  void text(std::uint64_t at, std::string_view text) {
    const auto [begin, end] = shown(at, text.size());
    pending_ += text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  }
  void content(std::uint64_t at, const RecordContent& content) {
    const auto [begin, end] = shown(at, content.size());
    const vfs::Body bytes = content.give(begin, end);
    for (const vfs::Body::Segment& segment : bytes.segments()) {
      if (segment.bytes.size() < kWorthReferring) {
        pending_.append(reinterpret_cast<const char*>(segment.bytes.data()), segment.bytes.size());
      } else {
        flush();
        body_.append(segment.bytes, segment.owner);
      }
    }
  }
  [[nodiscard]] vfs::Body finish() && {
    flush();
    return std::move(body_);
  }

 private:
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> shown(std::uint64_t at,
                                                              std::uint64_t size) const {
    return {std::max(begin_, at) - at, std::min(end_, at + size) - at};
  }
  void flush() {
    if (!pending_.empty()) body_.append_copy(vfs::as_bytes(pending_));
    pending_.clear();
  }

  std::uint64_t begin_;
  std::uint64_t end_;
  vfs::Body body_;
  std::string pending_;
};

// The file: entries whose content is given, then a tail that needs their checksums. Only checksums
// are not known from the start.
class ZipSource final : public vfs::BodySource {
 public:
  ZipSource(std::vector<Record> records, const ZipOptions& options)
      : root_(std::string(options.root) + "/"), alignment_(options.alignment) {
    if (options.sha256) digests_ = sha256_each(bodies_of(records));
    const auto made = std::find_if(records.begin(), records.end(),
                                   [](const Record& record) { return bool{record.make}; });
    entries_.reserve(static_cast<std::size_t>(made - records.begin()));
    for (auto record = records.begin(); record != made; ++record) place(std::move(*record));
    tail_records_.assign(std::move_iterator(made), std::move_iterator(records.end()));
    tail_size_ = make_tail(Sums::not_yet).size();
  }

  [[nodiscard]] std::uint64_t size() const { return tail_begin_ + tail_size_; }

  [[nodiscard]] vfs::Body take(std::uint64_t offset, std::uint64_t length) const override {
    Window window(offset, offset + length);
    const auto after = std::upper_bound(
        entries_.begin(), entries_.end(), offset,
        [](std::uint64_t at, const Entry& entry) { return at < entry.place.offset; });
    auto entry = after == entries_.begin() ? after : after - 1;
    for (; entry != entries_.end() && entry->place.offset < offset + length; ++entry)
      show(*entry, window);
    if (window.shows(tail_begin_, size())) window.text(tail_begin_, tail());
    return std::move(window).finish();
  }

 private:
  struct Entry {
    ZipPlace place;
    std::string name{};     // without the root folder
    std::uint64_t data{0};  // where its data begin
    RecordContent content;
  };
  enum class Sums { not_yet, all };

  static std::vector<vfs::Body> bodies_of(const std::vector<Record>& records) {
    std::vector<vfs::Body> bodies;
    for (const Record& record : records) bodies.push_back(record.body);
    return bodies;
  }

  void place(Record record) {
    ZipPlace place{.name = root_ + record.name, .offset = tail_begin_, .size = record.body.size()};
    const std::uint64_t data = tail_begin_ + local_header(place, alignment_).size();
    tail_begin_ = data + place.size + descriptor_size(place);
    entries_.push_back(
        {std::move(place), std::move(record.name), data, RecordContent(std::move(record.body))});
  }

  void show(const Entry& entry, Window& window) const {
    const ZipPlace& place = entry.place;
    const std::uint64_t end = entry.data + place.size;
    if (window.shows(place.offset, entry.data))
      window.text(place.offset, local_header(place, alignment_));
    if (window.shows(entry.data, end)) window.content(entry.data, entry.content);
    if (window.shows(end, end + descriptor_size(place))) {
      const std::vector<std::uint32_t> sums = entry.content.chunks();
      window.text(end, descriptor(place, crc32_joined(sums, kSumChunk, place.size)));
    }
  }

  [[nodiscard]] PlacedRecord placed(const Entry& entry, Sums sums) const {
    PlacedRecord record{.name = entry.name,
                        .data = entry.data,
                        .size = entry.place.size,
                        .chunks = sums == Sums::all
                                      ? entry.content.chunks()
                                      : std::vector<std::uint32_t>(entry.content.chunk_count())};
    record.crc = crc32_joined(record.chunks, kSumChunk, record.size);
    return record;
  }

  [[nodiscard]] const std::string& tail() const {
    const std::lock_guard lock(tail_mutex_);
    if (tail_.empty()) {
      std::string made = make_tail(Sums::all);
      if (made.size() != tail_size_)
        throw std::logic_error("write_zip: the size of a record depends on checksums");
      tail_ = std::move(made);
    }
    return tail_;
  }

  // The records that are made, those behind them, torch's own, and the directory.
  [[nodiscard]] std::string make_tail(Sums sums) const {
    std::string text;
    std::string directory;
    SerializationId id;
    std::vector<PlacedRecord> known;
    known.reserve(entries_.size() + tail_records_.size() + 1);
    const auto know = [&](PlacedRecord record) {
      if (known.size() < digests_.size()) record.sha256 = digests_[known.size()];
      known.push_back(std::move(record));
    };
    for (const Entry& entry : entries_) {
      know(placed(entry, sums));
      id.add(known.back());
      directory += central_header(entry.place, known.back().crc);
    }
    const auto add = [&](const std::string& name, const std::string& content) {
      const ZipPlace place{
          .name = root_ + name, .offset = tail_begin_ + text.size(), .size = content.size()};
      text += local_header(place, alignment_);
      PlacedRecord record{.name = name, .data = tail_begin_ + text.size(), .size = place.size};
      record.crc = crc32(vfs::as_bytes(content));
      text += content;
      text += descriptor(place, record.crc);
      directory += central_header(place, record.crc);
      know(std::move(record));
    };
    for (const Record& record : tail_records_) {
      add(record.name, record.make ? record.make(known) : text_of(record.body));
      if (!record.make) id.add(known.back());
    }
    add(std::string(kIdName), id.text());
    const std::uint64_t directory_offset = tail_begin_ + text.size();
    return text + directory + end_records(known.size(), directory.size(), directory_offset);
  }

  static std::string text_of(const vfs::Body& body) {
    const vfs::Body bytes = body.load();
    std::string text(static_cast<std::size_t>(bytes.size()), '\0');
    vfs::BodyReader(bytes).read(std::as_writable_bytes(std::span<char>(text)));
    return text;
  }

  std::string root_;
  std::uint32_t alignment_;
  std::vector<Sha256Digest> digests_;  // of all records, if they are asked for
  std::vector<Entry> entries_;
  std::vector<Record> tail_records_;
  std::uint64_t tail_begin_{0};
  std::uint64_t tail_size_{0};
  mutable std::mutex tail_mutex_;
  mutable std::string tail_;  // guarded by tail_mutex_; empty: not made
};

}  // namespace

vfs::Body write_zip(std::vector<Record> records, const ZipOptions& options) {
  auto source = std::make_shared<const ZipSource>(std::move(records), options);
  const std::uint64_t size = source->size();
  return {std::move(source), size};
}

}  // namespace cairn::checkpoint::format
