// What is in a checkpoint, for people and for programs; and whether it is whole.
#include <complex>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <span>
#include <utility>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/find_tensor.hpp"
#include "tools/cairn/ckpt.hpp"
#include "tools/cairn/ckpt_tree.hpp"

namespace cairn::tools {
namespace {

using checkpoint::Dict;
using checkpoint::Kind;
using checkpoint::StoredTensor;
using checkpoint::Value;
using Json = nlohmann::ordered_json;

std::string shape_text(const StoredTensor& tensor) {
  std::string text = "[";
  for (const std::int64_t size : tensor.sizes) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + ']';
}

std::uint64_t element_bytes(const StoredTensor& tensor) {
  return static_cast<std::uint64_t>(tensor.numel()) * item_size(tensor.dtype);
}

std::string kind_text(const Value& value) {
  if (find_tensor(value) != nullptr) return std::string(to_string(Kind::tensor));
  if (value.kind() == Kind::dict && value.as_dict().is_ordered()) return "OrderedDict";
  return std::string(to_string(value.kind()));
}

std::string device_text(const checkpoint::Device& device) {
  return printable(device.type) + (device.index ? ":" + std::to_string(*device.index) : "");
}

std::string tensor_text(const StoredTensor& tensor) {
  return std::string(name(tensor.dtype)) + ' ' + shape_text(tensor) + ", " +
         std::to_string(element_bytes(tensor)) + " bytes";
}

std::string leaf_text(const Value& value) {
  if (const StoredTensor* tensor = find_tensor(value))
    return tensor_text(*tensor) + (value.kind() == Kind::opaque ? ", with attributes" : "");
  switch (value.kind()) {
    case Kind::boolean:
      return value.as_bool() ? "True" : "False";
    case Kind::integer:
      return std::to_string(value.as_int());
    case Kind::real:
      return number_text(value.as_double());
    case Kind::complex: {
      const std::complex<double> number = value.as_complex();
      return number_text(number.real()) + " + " + number_text(number.imag()) + "i";
    }
    case Kind::dtype:
      return "torch." + std::string(name(value.as_dtype()));
    case Kind::device:
      return device_text(value.as_device());
    case Kind::opaque:
      return "made by " + printable(value.as_opaque().full_name()) + ", not read";
    case Kind::string:
      return "'" + printable(value.as_string()) + "'";
    case Kind::bytes:
      return std::to_string(value.as_bytes().data.size()) + " raw bytes";
    default:
      return std::string(to_string(value.kind()));
  }
}

/// What the tensors of a tree take: those that share memory share it.
class Totals {
 public:
  void add(const StoredTensor& tensor) {
    ++tensors_;
    if (storages_.insert(tensor.storage.get()).second) bytes_ += tensor.storage->nbytes;
  }
  [[nodiscard]] std::uint64_t tensors() const { return tensors_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  std::set<const void*> storages_;
  std::uint64_t tensors_{0};
  std::uint64_t bytes_{0};
};

std::span<const Value> items_of(const Value& value) {
  return value.kind() == Kind::set ? std::span(value.as_set().items()) : value.as_sequence();
}

/// The children of a container with their keys, of a list with their positions.
template <class Visit>
void each_child(const Value& value, const Visit& visit) {
  if (value.kind() == Kind::dict) {
    for (const auto& [key, item] : value.as_dict().items()) visit(path_text(key), item);
    return;
  }
  std::size_t index = 0;
  for (const Value& item : items_of(value)) visit(std::to_string(index++), item);
}

std::size_t child_count(const Value& value) {
  return value.kind() == Kind::dict ? value.as_dict().size() : items_of(value).size();
}

/// Prints one line per value. A container that comes again is referred to, as one list can be in a
/// tree any number of times.
class Printer {
 public:
  explicit Printer(std::ostream& out) : out_(out) {}

  void print(const Value& value, const std::string& label, const std::string& path,
             std::size_t depth) {
    out_ << std::string(2 * depth, ' ') << label;
    if (!is_container(value)) {
      if (const StoredTensor* tensor = find_tensor(value)) totals_.add(*tensor);
      out_ << leaf_text(value) << '\n';
      return;
    }
    const std::size_t count = child_count(value);
    out_ << kind_text(value) << " of " << count;
    const auto [seen, is_new] = seen_.emplace(value.identity(), path);
    if (!is_new && count > 0) {
      out_ << ", the same as " << printable(seen->second) << '\n';
      return;
    }
    out_ << '\n';
    each_child(value, [&](const std::string& key, const Value& item) {
      print(item, printable(key) + ": ", join_path(path, key), depth + 1);
    });
  }
  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  std::ostream& out_;
  std::map<const void*, std::string> seen_;
  Totals totals_;
};

/// {"kind": …} and, by kind, "value", "items" (pairs of key and node, as keys need not be unique as
/// text), "dtype" and "shape". A tensor with attributes has "made_by", too.
class JsonTree {
 public:
  Json node(const Value& value, const std::string& path) {
    Json json{{"kind", kind_text(value)}};
    if (!is_container(value)) {
      leaf(json, value);
      return json;
    }
    const auto [seen, is_new] = seen_.emplace(value.identity(), path);
    if (!is_new && child_count(value) > 0) {
      json["same_as"] = seen->second;
      return json;
    }
    Json items = Json::array();
    each_child(value, [&](const std::string& key, const Value& item) {
      items.push_back({key, node(item, join_path(path, key))});
    });
    json["items"] = std::move(items);
    return json;
  }
  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  void leaf(Json& json, const Value& value) {
    if (const StoredTensor* tensor = find_tensor(value)) {
      totals_.add(*tensor);
      json["dtype"] = name(tensor->dtype);
      json["shape"] = tensor->sizes;
      json["bytes"] = element_bytes(*tensor);
    }
    switch (value.kind()) {
      case Kind::boolean:
        json["value"] = value.as_bool();
        break;
      case Kind::integer:
        json["value"] = value.as_int();
        break;
      case Kind::real:
        json["value"] = value.as_double();
        break;
      case Kind::string:
        json["value"] = value.as_string();
        break;
      case Kind::complex:
        json["value"] = {value.as_complex().real(), value.as_complex().imag()};
        break;
      case Kind::dtype:
        json["value"] = name(value.as_dtype());
        break;
      case Kind::device:
        json["value"] = device_text(value.as_device());
        break;
      case Kind::opaque:
        json["made_by"] = value.as_opaque().full_name();
        break;
      case Kind::bytes:
        json["bytes"] = value.as_bytes().data.size();
        break;
      default:
        break;
    }
  }

  std::map<const void*, std::string> seen_;
  Totals totals_;
};

std::string format_name(CheckpointFormat format) {
  return format == CheckpointFormat::torch ? "torch" : "safetensors";
}

std::map<std::string, std::string> metadata_of(const Value& root) {
  if (root.kind() != Kind::dict || !root.as_dict().attributes().contains("__metadata__")) return {};
  return root.as_dict().attributes().at("__metadata__").as<std::map<std::string, std::string>>();
}

}  // namespace

void show(const Session& session, const ShowCommand& command) {
  const auto [format, part] = open_part(session, command.url, command.part, Elements::leave);
  std::ostream& out = session.output;
  const auto metadata = metadata_of(part);
  if (command.json) {
    JsonTree tree;
    Json json{{"format", format_name(format)}};
    Json root = tree.node(part, command.part);
    json["tensors"] = tree.totals().tensors();
    json["bytes"] = tree.totals().bytes();
    if (!metadata.empty()) json["metadata"] = metadata;
    json["root"] = std::move(root);
    out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }
  Printer printer(out);
  printer.print(part, command.part.empty() ? "" : printable(command.part) + ": ", command.part, 0);
  for (const auto& [key, value] : metadata)
    out << "metadata " << printable(key) << ": " << printable(value) << '\n';
  out << format_name(format) << ", " << printer.totals().tensors() << " tensors, "
      << printer.totals().bytes() << " bytes\n";
}

void verify(const Session& session, const std::string& url) {
  const auto location = session.context->resolve(url);
  const auto& [files, path] = location;
  const vfs::ReadOptions read{.call = {.stop = session.stop}};
  if (format_of(session, location) == CheckpointFormat::safetensors) {
    const checkpoint::format::SafetensorsFile file(files, path, {.read = read});
    session.output << "safetensors, " << file.header().tensors.size()
                   << " tensors: header and sizes are right (the format has no checksums)\n";
    return;
  }
  const checkpoint::format::Archive archive(files, path, {.read = read});
  archive.verify();
  std::uint64_t bytes = 0;
  for (const auto& record : archive.records()) bytes += record.size;
  session.output << "torch, " << archive.records().size() << " records, " << bytes
                 << " bytes: every checksum is right\n";
}

}  // namespace cairn::tools
