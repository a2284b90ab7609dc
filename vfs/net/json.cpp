#include "vfs/net/json.hpp"

namespace cairn::vfs::net {

std::optional<nlohmann::json> parse_json_object(std::string_view text) {
  if (text.size() > kMaxJsonSize) return {};
  bool too_deep = false;
  const auto check_depth = [&too_deep](int depth, nlohmann::json::parse_event_t,
                                       const nlohmann::json&) {
    too_deep |= depth > kMaxJsonDepth;
    return !too_deep;  // what lies deeper is not kept
  };
  auto value = nlohmann::json::parse(text, check_depth, /*allow_exceptions=*/false);
  if (too_deep || value.is_discarded() || !value.is_object()) return {};
  return value;
}

std::string json_text(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<std::int64_t> json_number(const nlohmann::json& object, const char* name,
                                        std::int64_t max) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return {};  // of what is not negative
  const auto value = found->get<std::uint64_t>();
  if (value > static_cast<std::uint64_t>(max)) return {};
  return static_cast<std::int64_t>(value);
}

}  // namespace cairn::vfs::net
