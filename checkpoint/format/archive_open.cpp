// Archives that are read in parts.
#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checkpoint/format/allocate.hpp"
#include "checkpoint/format/archive_reader.hpp"
#include "checkpoint/format/arguments.hpp"
#include "checkpoint/format/clone.hpp"
#include "checkpoint/format/crc32.hpp"
#include "checkpoint/format/file.hpp"
#include "checkpoint/format/index.hpp"
#include "checkpoint/format/storage_memory.hpp"
#include "checkpoint/format/tree_paths.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint64_t kSmall = std::uint64_t{1} << 20U;

}  // namespace

struct Archive::State {
  std::string url{};
  LoadOptions options{};
  // Its head and tail are read when the archive is opened; from then on reading does not change it.
  std::unique_ptr<Source> source{};
  std::unique_ptr<Contents> contents{};
  std::map<const Storage*, const ZipEntry*> entries{};
  std::optional<Index> index{};

  [[nodiscard]] const ZipEntry& entry_of(const Storage* storage) const {
    const auto found = entries.find(storage);
    if (found == entries.end())
      throw Error(ErrorCode::type, "a tensor that is not of this archive");
    return *found->second;
  }
  [[nodiscard]] Value with_data(const Value& part) const;
  // Headers and descriptors beside large data would be requests of their own.
  void read(std::vector<RecordRead> records) const {
    for (RecordRead& record : records) record.framed = record.entry->size <= kSmall;
    read_records(*source, contents->directory, records, options.verify);
  }
  void read_rows(const StoredTensor& tensor, std::uint64_t begin, std::span<std::byte> into) const;

  // Runs `work`; what it throws names the file.
  template <class Work>
  auto named(const Work& work) const {
    return naming("load", url, work);
  }
};

namespace {

std::optional<Index> read_index(Source& source, const Contents& contents,
                                const LoadOptions& options) {
  const ZipEntry* entry = contents.directory.find(kIndexName);
  if (entry == nullptr || entry->size > options.limits.max_pickle) return std::nullopt;
  return parse_index(read_record(source, contents.directory, *entry, true), contents.directory);
}

std::uint64_t checked_rows(const StoredTensor& tensor, std::int64_t first, std::int64_t count) {
  if (tensor.sizes.empty()) throw Error(ErrorCode::type, "a tensor without dimensions has no rows");
  if (first < 0 || count < 0 || first > tensor.sizes[0] || count > tensor.sizes[0] - first) {
    throw Error(ErrorCode::key, "rows " + std::to_string(first) + " to " +
                                    std::to_string(first + count) + " of a tensor that has " +
                                    std::to_string(tensor.sizes[0]));
  }
  if (!tensor.is_contiguous())
    throw Error(ErrorCode::unsupported, "rows of a tensor that is not contiguous: load it whole");
  const std::int64_t row = tensor.sizes[0] == 0 ? 0 : tensor.numel() / tensor.sizes[0];
  return static_cast<std::uint64_t>(row) * item_size(tensor.dtype);
}

}  // namespace

// The storages of a part of the tree, read into memory of their own.
Value Archive::State::with_data(const Value& part) const {
  const StorageMemory memory(*source, options);
  std::unordered_map<const Storage*, std::shared_ptr<Storage>> copies;
  std::vector<RecordRead> reads;
  Value copy = clone(part, [&](const std::shared_ptr<Storage>& storage) {
    auto& loaded = copies[storage.get()];
    if (loaded != nullptr) return loaded;
    loaded = std::make_shared<Storage>(*storage);
    reads.push_back(memory.place(*loaded, entry_of(storage.get())));
    return loaded;
  });
  read(std::move(reads));
  return copy;
}

// Whole pieces, as the index has checksums of them; `begin` counts from the storage's first byte.
void Archive::State::read_rows(const StoredTensor& tensor, std::uint64_t begin,
                               std::span<std::byte> into) const {
  const ZipEntry& entry = entry_of(tensor.storage.get());
  const bool whole = !index || !index->sums.contains(entry.name);
  const std::uint64_t chunk = whole ? std::max<std::uint64_t>(entry.size, 1) : index->chunk;
  const std::uint64_t first = begin / chunk;
  const std::uint64_t from = first * chunk;
  const std::uint64_t to = std::min(entry.size, (begin + into.size() + chunk - 1) / chunk * chunk);
  vfs::Buffer pieces(static_cast<std::size_t>(to - from));
  if (whole) {
    const RecordRead record{.entry = &entry, .into = pieces.span()};
    read({record});
  } else {
    const vfs::RangeRead range{.offset = entry.data + from, .into = pieces.span()};
    source->read({&range, 1});
    const std::vector<std::uint32_t> sums = crc32_chunks(pieces.span(), chunk);
    const auto& expected = index->sums.find(entry.name)->second;
    if (options.verify && !std::equal(sums.begin(), sums.end(),
                                      expected.begin() + static_cast<std::ptrdiff_t>(first)))
      corrupt("record " + entry.name + " is damaged: the checksum of a piece is wrong");
  }
  std::memcpy(into.data(), pieces.data() + (begin - from), into.size());
}

Archive::Archive(const vfs::FileSystem& files, const vfs::Path& path, const LoadOptions& options)
    : state_(std::make_unique<State>()) {
  state_->url = files.url(path);
  state_->options = options;
  state_->source = std::make_unique<Source>(Source::open(files, path, options.read));
  state_->named([&] {
    state_->contents = std::make_unique<Contents>(read_contents(*state_->source, options));
    state_->index = read_index(*state_->source, *state_->contents, options);
    for (const auto& [key, storage] : state_->contents->storages)
      state_->entries.emplace(storage.get(), state_->contents->directory.find("data/" + key));
  });
}

Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;
Archive::~Archive() = default;

const Value& Archive::root() const noexcept {
  return state_->contents->root;
}

const Value& Archive::at(std::string_view path) const {
  return *state_->named([&] { return &value_at_path(root(), path); });
}

bool Archive::has_index() const noexcept {
  return state_->index.has_value();
}

std::vector<ArchiveRecord> Archive::records() const {
  std::vector<ArchiveRecord> records;
  for (const ZipEntry& entry : state_->contents->directory.entries()) {
    records.push_back(
        {.name = entry.name, .offset = entry.data, .size = entry.size, .crc = entry.crc});
  }
  return records;
}

Value Archive::load() const {
  return state_->named([this] { return state_->with_data(root()); });
}

Value Archive::load(std::string_view path) const {
  return state_->named([&]() -> Value {
    if (!is_pattern(path)) return state_->with_data(value_at_path(root(), path));
    Dict found = Dict::ordered();
    for_each_leaf(root(), [&](const std::string& name, const Value& leaf) {
      if (matches(path, name)) found[Value(name)] = leaf;
    });
    return state_->with_data(found);
  });
}

Value Archive::load_part(const Value& part) const {
  return state_->named([&] { return state_->with_data(part); });
}

StoredTensor Archive::load_rows(std::string_view path, std::int64_t first,
                                std::int64_t count) const {
  return state_->named([&] {
    StoredTensor tensor = value_at_path(root(), path).as_tensor();
    const std::uint64_t row = checked_rows(tensor, first, count);
    const std::uint64_t begin =
        static_cast<std::uint64_t>(tensor.offset) * item_size(tensor.dtype) +
        static_cast<std::uint64_t>(first) * row;
    auto storage = std::make_shared<Storage>(*tensor.storage);
    storage->nbytes = static_cast<std::uint64_t>(count) * row;
    if (storage->nbytes > 0) {
      allocate(*storage, state_->options.allocate);
      state_->read_rows(tensor, begin, {storage->data, static_cast<std::size_t>(storage->nbytes)});
    }
    tensor.storage = std::move(storage);
    tensor.offset = 0;
    tensor.sizes[0] = count;
    return tensor;
  });
}

void Archive::read(std::span<const TensorRead> tensors) const {
  state_->named([&] {
    std::vector<RecordRead> reads;
    reads.reserve(tensors.size());
    for (const TensorRead& tensor : tensors) {
      const ZipEntry& entry = state_->entry_of(tensor.tensor->storage.get());
      if (tensor.into.size() != entry.size)
        throw Error(ErrorCode::type, "memory that is not as long as the tensor's storage");
      reads.push_back({.entry = &entry, .into = tensor.into});
    }
    state_->read(std::move(reads));
  });
}

// Record by record, the large ones in pieces: what is read is dropped.
void Archive::verify() const {
  state_->named([this] {
    const auto& index = state_->index;
    for (const ZipEntry& entry : state_->contents->directory.entries()) {
      verify_record(*state_->source, state_->contents->directory, entry,
                    index ? index->digest_of(entry.name) : nullptr);
    }
  });
}

}  // namespace cairn::checkpoint::format
