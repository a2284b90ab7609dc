#include "tools/cairn/ckpt_tree.hpp"

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/find_tensor.hpp"

namespace cairn::tools {
namespace {

using checkpoint::Dict;
using checkpoint::Error;
using checkpoint::ErrorCode;
using checkpoint::Kind;
using checkpoint::Safetensors;
using checkpoint::Value;

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::size_t kMaxNames = 1'000'000;  // a small file can name one dict 2^30 times
constexpr std::size_t kShown = 120;

checkpoint::Value as_tree(Safetensors content) {
  Dict root = Dict::ordered();
  for (const auto& [name, tensor] : content.tensors.items()) root[name] = tensor;
  if (!content.metadata.empty()) {
    root.set_attributes(Dict{{Value(kMetadata), Value(content.metadata)}});
  }
  return root;
}

// Of the elements only those of the part are read.
Value safetensors_part(const Session& session, const vfs::Location& location,
                       const std::string& path, Elements elements) {
  const checkpoint::format::SafetensorsFile file(location.file_system, location.path,
                                                 {.read = {.call = {.stop = session.stop}}});
  const Value tree = as_tree(file.header());
  const Value& part = path.empty() ? tree : tree.at(path);
  if (elements == Elements::leave) return part;
  if (part.kind() == Kind::tensor) {
    return file.load({&path, 1}).items().front().second;
  }
  std::vector<std::string> names;
  for (const auto& [name, tensor] : part.as_dict().items()) names.push_back(name.as_string());
  return as_tree({.tensors = file.load(names), .metadata = file.header().metadata});
}

class Flattener {
 public:
  explicit Flattener(Dict& into) : into_(into) {}

  void add(const Value& value, const std::string& name) {
    if (++visited_ > kMaxNames) throw Error(ErrorCode::limit, "more than a million names");
    if (find_tensor(value) != nullptr) {
      if (into_.contains(Value(name)))
        throw Error(ErrorCode::type, "two tensors would be named '" + printable(name) + "'");
      into_[Value(name)] = value;
      return;
    }
    if (value.kind() != Kind::dict) {
      throw Error(ErrorCode::type, "'" + printable(name) + "' is of type " +
                                       std::string(to_string(value.kind())) +
                                       ", and safetensors holds tensors only: name a part "
                                       "that has no others");
    }
    for (const auto& [key, item] : value.as_dict().items())
      add(item, join_path(name, path_text(key)));
  }

 private:
  Dict& into_;
  std::size_t visited_{0};
};

}  // namespace

CheckpointFormat format_of(const Session& session, const vfs::Location& location) {
  const auto& [files, path] = location;
  std::array<std::byte, 9> head{};
  const auto read =
      files.store().read(files.in_store(path), 0, head, {.call = {.stop = session.stop}});
  const bool is_long = read.bytes == head.size();
  return is_long && head[8] == std::byte{'{'} ? CheckpointFormat::safetensors
                                              : CheckpointFormat::torch;
}

Checkpoint open_part(const Session& session, const std::string& url, const std::string& part,
                     Elements elements) {
  const auto location = session.context->resolve(url);
  const CheckpointFormat format = format_of(session, location);
  if (format == CheckpointFormat::safetensors) {
    return {.format = format, .part = safetensors_part(session, location, part, elements)};
  }
  const checkpoint::format::Archive archive(location.file_system, location.path,
                                            {.read = {.call = {.stop = session.stop}}});
  return {.format = format,
          .part = elements == Elements::load ? archive.load(part) : archive.at(part)};
}

checkpoint::Safetensors flatten(const checkpoint::Value& part, std::string_view name) {
  Safetensors content;
  Flattener(content.tensors).add(part, find_tensor(part) != nullptr ? std::string(name) : "");
  if (part.kind() == Kind::dict && part.as_dict().attributes().contains(kMetadata)) {
    content.metadata =
        part.as_dict().attributes().at(kMetadata).as<std::map<std::string, std::string>>();
  } else {
    content.metadata = {{"format", "pt"}};  // by which other programs know torch's tensors
  }
  return content;
}

bool is_container(const checkpoint::Value& value) {
  const Kind kind = value.kind();
  return kind == Kind::list || kind == Kind::tuple || kind == Kind::dict || kind == Kind::set;
}

std::string join_path(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + '.' + key;
}

std::string path_text(const checkpoint::Value& key) {
  switch (key.kind()) {
    case Kind::string:
      return key.as_string();
    case Kind::integer:
      return std::to_string(key.as_int());
    case Kind::boolean:
      return key.as_bool() ? "True" : "False";
    default:
      return std::string(to_string(key.kind()));
  }
}

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), written.ptr};
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      shown += c;
      continue;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    shown += "\\x";
    shown += kDigits[byte >> 4U];
    shown += kDigits[byte & 15U];
  }
  return text.size() <= kShown ? shown : shown + "…";
}

}  // namespace cairn::tools
