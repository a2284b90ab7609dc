#include "checkpoint/format/index.hpp"

#include <nlohmann/json.hpp>

#include "checkpoint/format/arguments.hpp"
#include "checkpoint/format/crc32.hpp"

namespace cairn::checkpoint::format {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::uint64_t kLeastChunk = 4096;  // smaller ones make no sense, and a bomb
constexpr std::size_t kSumDigits = 10;

std::uint64_t number(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned())
    corrupt("the index has no number '" + std::string(name) + "'");
  return found->get<std::uint64_t>();
}

// [name, data, size, crc, [sums]], the sums only of records with more than one chunk.
void parse_record(const json& record, const ZipDirectory& directory, Index& index) {
  if (!record.is_array() || record.size() < 4 || record.size() > 5 || !record[0].is_string())
    corrupt("a record of the index is none");
  const std::string& name = record[0].get_ref<const std::string&>();
  for (std::size_t i = 1; i < 4; ++i) {
    if (!record[i].is_number_unsigned()) corrupt("a record of the index is none");
  }
  const ZipEntry* entry = directory.find(name);
  if (entry == nullptr || record[1].get<std::uint64_t>() != entry->data ||
      record[2].get<std::uint64_t>() != entry->size ||
      record[3].get<std::uint64_t>() != entry->crc) {
    corrupt("the index and the zip's directory say different things of record " + name);
  }
  if (entry->size <= index.chunk) {
    if (record.size() == 5) corrupt("the index has too many checksums of record " + name);
    index.sums[name] = {entry->crc};
    return;
  }
  std::vector<std::uint32_t> sums;
  if (record.size() != 5 || !record[4].is_array())
    corrupt("the index has no checksums of record " + name);
  for (const json& sum : record[4]) {
    if (!sum.is_number_unsigned() || sum.get<std::uint64_t>() > 0xFFFFFFFF)
      corrupt("a checksum of the index is none");
    sums.push_back(sum.get<std::uint32_t>());
  }
  if (sums.size() != (entry->size + index.chunk - 1) / index.chunk ||
      crc32_joined(sums, index.chunk, entry->size) != entry->crc) {
    corrupt("the index's checksums of record " + name + " are not those of the record");
  }
  index.sums[name] = std::move(sums);
}

void parse_digests(const json& digests, const ZipDirectory& directory, Index& index) {
  if (!digests.is_object()) corrupt("the index's digests are none");
  for (const auto& [name, text] : digests.items()) {
    if (directory.find(name) == nullptr)
      corrupt("the index has a digest of record " + name + ", which is not there");
    const auto digest =
        text.is_string() ? from_hex(text.get_ref<const std::string&>()) : std::nullopt;
    if (!digest) corrupt("the index's digest of record " + name + " is no SHA-256");
    index.sha256[name] = *digest;
  }
}

}  // namespace

const Sha256Digest* Index::digest_of(std::string_view name) const {
  const auto found = sha256.find(name);
  return found == sha256.end() ? nullptr : &found->second;
}

// Checksums have up to ten digits. What they lack follows the text as spaces, so that its size is
// known before them.
std::string encode_index(std::span<const PlacedRecord> records) {
  std::size_t lacking = 0;
  json listed = json::array();
  json digests = json::object();
  for (const PlacedRecord& record : records) {
    json row = json::array({record.name, record.data, record.size, record.crc});
    lacking += kSumDigits - std::to_string(record.crc).size();
    if (record.chunks.size() > 1) {
      for (const std::uint32_t sum : record.chunks)
        lacking += kSumDigits - std::to_string(sum).size();
      row.push_back(record.chunks);
    }
    listed.push_back(std::move(row));
    if (record.sha256) digests[record.name] = to_hex(*record.sha256);
  }
  json index{{"version", kVersion},
             {"min_reader", kVersion},
             {"writer", "cairn"},
             {"chunk", kSumChunk},
             {"records", std::move(listed)}};
  if (!digests.empty()) index["sha256"] = std::move(digests);
  return index.dump() + std::string(lacking, ' ');
}

std::optional<Index> parse_index(std::string_view text, const ZipDirectory& directory) {
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) corrupt("the index is no JSON object");
  if (number(parsed, "min_reader") > kVersion) return std::nullopt;
  Index index{.chunk = number(parsed, "chunk")};
  if (index.chunk < kLeastChunk) corrupt("the index has an impossible size of chunks");
  const auto records = parsed.find("records");
  if (records == parsed.end() || !records->is_array()) corrupt("the index has no records");
  for (const json& record : *records) parse_record(record, directory, index);
  const auto digests = parsed.find("sha256");
  if (digests != parsed.end()) parse_digests(*digests, directory, index);
  return index;
}

}  // namespace cairn::checkpoint::format
