#include "checkpoint/format/archive_reader.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "checkpoint/format/storage_memory.hpp"
#include "checkpoint/format/torchscript.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr int kNewestVersion = 10;    // torch's kMaxSupportedFileFormatVersion
constexpr std::uint64_t kSmall = 64;  // "version" and "byteorder" are a few letters

const ZipEntry& entry(const ZipDirectory& directory, std::string_view name,
                      std::uint64_t max_size) {
  const ZipEntry* found = directory.find(name);
  if (found == nullptr)
    throw Error(ErrorCode::unsupported,
                "a zip without " + std::string(name) + ", not an archive of torch.save");
  if (found->size > max_size) {
    throw Error(ErrorCode::limit, "record " + std::string(name) + " has " +
                                      std::to_string(found->size) + " bytes (at most " +
                                      std::to_string(max_size) + " are read)");
  }
  return *found;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

void check_version(std::string_view text) {
  text = trim(text);
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size() || version < 1) {
    throw Error(ErrorCode::corrupt, "record version is no number");
  }
  if (version > kNewestVersion) {
    throw Error(ErrorCode::unsupported,
                "format version " + std::to_string(version) + "; up to 10 are read");
  }
}

void check_byteorder(std::string_view text) {
  if (text == "little") return;
  if (text == "big") throw Error(ErrorCode::unsupported, "written on a big-endian machine");
  throw Error(ErrorCode::corrupt, "record byteorder is neither little nor big");
}

// data.pkl, once the archive is known to be one that can be read.
std::string read_pickle(Source& source, const ZipDirectory& directory, const LoadOptions& options) {
  const ZipEntry* byteorder = directory.find("byteorder");
  const std::vector<const ZipEntry*> entries = {
      &entry(directory, "data.pkl", options.limits.max_pickle),
      &entry(directory, directory.find("version") == nullptr ? ".data/version" : "version", kSmall),
      byteorder == nullptr
          ? nullptr
          : &entry(directory, "byteorder", kSmall),  // not in files before torch 2.0
  };
  std::vector<std::string> texts(entries.size());
  std::vector<RecordRead> reads;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] == nullptr) continue;
    texts[i].resize(static_cast<std::size_t>(entries[i]->size));
    reads.push_back(
        {.entry = entries[i], .into = std::as_writable_bytes(std::span<char>(texts[i]))});
  }
  read_records(source, directory, reads, options.verify);
  check_version(texts[1]);
  if (byteorder != nullptr) check_byteorder(texts[2]);
  return std::move(texts[0]);
}

void load_storages(Source& source, const Contents& contents, const LoadOptions& options) {
  const StorageMemory memory(source, options);
  std::vector<RecordRead> reads;
  reads.reserve(contents.storages.size());
  for (const auto& [key, storage] : contents.storages)
    reads.push_back(memory.place(*storage, *contents.directory.find("data/" + key)));
  read_records(source, contents.directory, reads, options.verify);
}

}  // namespace

Contents read_contents(Source& source, const LoadOptions& options) {
  Contents contents{.directory = read_directory(source, options.limits)};
  const ZipDirectory& directory = contents.directory;
  const std::string pickle = read_pickle(source, directory, options);
  const auto storage_size = [&directory](std::string_view key) -> std::optional<std::uint64_t> {
    const ZipEntry* found = directory.find("data/" + std::string(key));
    if (found == nullptr) return std::nullopt;
    return found->size;
  };
  // C++ torch::save makes archives of objects that have code; of these only the fields are taken.
  const bool torchscript = directory.find("constants.pkl") != nullptr;
  Decoded decoded =
      decode(pickle, storage_size, options.limits, torchscript ? Unknown::keep : options.unknown);
  contents.root = torchscript ? torchscript_fields(decoded.root) : std::move(decoded.root);
  contents.storages = std::move(decoded.storages);
  return contents;
}

Value read_archive(Source& source, const LoadOptions& options) {
  Contents contents = read_contents(source, options);
  if (options.load_tensors) load_storages(source, contents, options);
  return std::move(contents.root);
}

}  // namespace cairn::checkpoint::format
