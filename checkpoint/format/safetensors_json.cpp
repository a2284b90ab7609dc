#include "checkpoint/format/safetensors_json.hpp"

#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "checkpoint/format/error.hpp"

namespace cairn::checkpoint::format {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 127;  // serde_json's, in which the safetensors library reads
constexpr std::string_view kMetadata = "__metadata__";

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::corrupt, "the header " + what);
}

std::string shown(const std::string& name) {
  return "'" + (name.size() <= 200 ? name : name.substr(0, 200) + "…") + "'";
}

/// Takes the events of the parser. depth_ counts open containers: in 1 are names, in 2 the fields
/// of a tensor or the metadata, in 3 the numbers of a field.
class HeaderEvents final : public json::json_sax_t {
 public:
  bool null() override {
    // "__metadata__": null is none.
    if (depth_ == 1 && in_metadata_) return true;
    return other("null");
  }
  bool boolean(bool /*value*/) override { return other("true or false"); }
  bool number_integer(json::number_integer_t /*value*/) override {
    return other("a negative number");
  }
  bool number_float(json::number_float_t /*value*/, const std::string& /*text*/) override {
    return other("a fraction, or a number beyond 64 bits,");
  }
  bool binary(json::binary_t& /*value*/) override { return other("binary data"); }

  bool number_unsigned(json::number_unsigned_t value) override {
    if (numbers_ == nullptr || depth_ != 3) return other("a number");
    numbers_->push_back(value);
    return true;
  }

  bool string(std::string& value) override {
    if (depth_ == 2 && in_metadata_) {
      result_.metadata[field_] = std::move(value);
      return true;
    }
    if (depth_ == 2 && field_ == "dtype") {
      result_.infos.back().dtype = std::move(value);
      return true;
    }
    return other("text");
  }

  bool key(std::string& name) override {
    if (depth_ == 1) {
      if (!names_.insert(name).second) fail("has " + shown(name) + " twice");
      in_metadata_ = name == kMetadata;
      if (!in_metadata_) result_.infos.push_back({.name = std::move(name)});
    } else if (depth_ == 2) {
      field_ = std::move(name);
      if (!in_metadata_ && field_ != "dtype" && field_ != "shape" && field_ != "data_offsets")
        return true;
      if (!fields_.insert(field_).second) fail("has " + place() + " twice");
    }
    return true;
  }

  bool start_object(std::size_t /*size*/) override {
    if (depth_ == 1) fields_.clear();
    if (depth_ >= 2) other("an object");
    return open();
  }
  bool end_object() override {
    --depth_;
    if (depth_ == 1 && !in_metadata_) finish_info();
    return true;
  }

  bool start_array(std::size_t /*size*/) override {
    if (depth_ == 2 && !in_metadata_ && field_ == "shape") {
      numbers_ = &result_.infos.back().shape;
    } else if (depth_ == 2 && !in_metadata_ && field_ == "data_offsets") {
      numbers_ = &offsets_;
    } else {
      other("an array");
    }
    return open();
  }
  bool end_array() override {
    if (--depth_ == 2) numbers_ = nullptr;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    fail("is not JSON from its byte " + std::to_string(position) + " on");
  }

  [[nodiscard]] SafetensorsJson take() { return std::move(result_); }

 private:
  bool open() {
    if (++depth_ > kMaxDepth) fail("is nested deeper than 127 levels");
    return true;
  }

  // A value that is only right within a field that nobody knows.
  bool other(const char* what) const {
    const bool known = depth_ < 2 || in_metadata_ || fields_.contains(field_);
    const bool inside_unknown = depth_ >= 2 && !known;
    if (!inside_unknown) fail("has " + std::string(what) + " for " + place());
    return true;
  }

  [[nodiscard]] std::string place() const {
    if (depth_ == 0) return "its whole";
    const std::string name =
        in_metadata_ ? "'" + std::string(kMetadata) + "'" : shown(result_.infos.back().name);
    return depth_ == 1 ? name : shown(field_) + " of " + name;
  }

  void finish_info() {
    SafetensorsInfo& info = result_.infos.back();
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (!fields_.contains(field)) fail("has no '" + std::string(field) + "' of " + place());
    }
    if (offsets_.size() != 2) fail("has not two data_offsets of " + place());
    info.begin = offsets_[0];
    info.end = offsets_[1];
    offsets_.clear();
  }

  SafetensorsJson result_;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> fields_;  // of the tensor or the metadata, those that are known
  std::string field_;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::uint64_t>* numbers_{nullptr};  // where an array's numbers go
  std::size_t depth_{0};
  bool in_metadata_{false};
};

}  // namespace

SafetensorsJson read_safetensors_json(std::string_view text) {
  if (!text.starts_with('{')) fail("does not begin with '{'");
  // A NUL ends the text for the parser, but not for others.
  if (text.find('\0') != std::string_view::npos) fail("has a byte of zero");
  HeaderEvents events;
  json::sax_parse(text.begin(), text.end(), &events);
  return events.take();
}

}  // namespace cairn::checkpoint::format
