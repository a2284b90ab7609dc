// last.json and best.json.
#include <nlohmann/json.hpp>

#include "trainer/checkpointing.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"
#include "vfs/url.hpp"

namespace cairn {

using checkpoint::Error;
using checkpoint::ErrorCode;

std::string to_json(const CheckpointPointer& pointer) {
  nlohmann::ordered_json json{{"version", 1},           {"url", pointer.url},
                              {"size", pointer.size},   {"etag", pointer.etag},
                              {"epoch", pointer.epoch}, {"step", pointer.step}};
  if (pointer.score) json["score"] = *pointer.score;
  return json.dump(2) + "\n";
}

CheckpointPointer parse_pointer(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    const int version = json.at("version").get<int>();
    if (version != 1)
      throw Error(ErrorCode::unsupported,
                  "the checkpoint pointer has version " + std::to_string(version) + ", not 1");
    CheckpointPointer pointer{.url = json.at("url").get<std::string>(),
                              .size = json.at("size").get<std::uint64_t>(),
                              .etag = json.value("etag", ""),
                              .epoch = json.at("epoch").get<std::int64_t>(),
                              .step = json.at("step").get<std::int64_t>()};
    if (const auto score = json.find("score"); score != json.end() && score->is_number())
      pointer.score = score->get<double>();
    if (pointer.url.empty())
      throw Error(ErrorCode::corrupt, "the checkpoint pointer names no file");
    return pointer;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::corrupt, std::string("not a checkpoint pointer: ") + error.what());
  }
}

std::optional<std::string> resolve_pointer(std::string_view directory, std::string_view name,
                                           const std::shared_ptr<vfs::Context>& context) {
  const vfs::Url folder = vfs::Url::parse(directory);
  const vfs::Url url = folder / (std::string(name) + ".json");
  const vfs::Location location = (context ? context : vfs::Context::standard())->resolve(url);
  std::string text;
  try {
    text = location.file_system.read_text(location.path);
  } catch (const vfs::Error& error) {
    if (error.code() == vfs::ErrorCode::not_found) return std::nullopt;
    throw;
  }
  try {
    const CheckpointPointer pointer = parse_pointer(text);
    if (pointer.url.find("://") != std::string::npos || pointer.url.starts_with('/'))
      return pointer.url;
    return (folder / pointer.url).string();
  } catch (const Error& error) {
    throw Error(error.code(), "cannot read " + url.string() + ": " + error.what());
  }
}

}  // namespace cairn
