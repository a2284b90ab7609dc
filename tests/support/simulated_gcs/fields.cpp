#include "tests/support/simulated_gcs/fields.hpp"

#include <map>
#include <set>
#include <string>

#include "tests/support/simulated_gcs/errors.hpp"

namespace cairn::test::sim::gcs {
namespace {

using Json = nlohmann::ordered_json;

/// What to keep of an object; no members: all of it.
struct Mask {
  std::map<std::string, Mask> members{};
};

const std::set<std::string_view> kNames{"*",
                                        "acl",
                                        "bucket",
                                        "cacheControl",
                                        "componentCount",
                                        "contentType",
                                        "crc32c",
                                        "contentEncoding",
                                        "contentDisposition",
                                        "contentLanguage",
                                        "customTime",
                                        "done",
                                        "etag",
                                        "generation",
                                        "id",
                                        "items",
                                        "kind",
                                        "location",
                                        "locationType",
                                        "md5Hash",
                                        "mediaLink",
                                        "metadata",
                                        "metageneration",
                                        "name",
                                        "nextPageToken",
                                        "objectSize",
                                        "owner",
                                        "prefixes",
                                        "resource",
                                        "rewriteToken",
                                        "selfLink",
                                        "size",
                                        "storageClass",
                                        "timeCreated",
                                        "totalBytesRewritten",
                                        "updated",
                                        "versioning",
                                        "timeDeleted",
                                        "hierarchicalNamespace"};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Mask parse() {
    Mask mask = list();
    if (!rest_.empty()) fail();
    return mask;
  }

 private:
  Mask list() {
    Mask mask;
    do {
      path(mask);
    } while (take(','));
    return mask;
  }

  void path(Mask& into) {
    Mask& member = into.members[name()];
    if (take('/')) {
      path(member);
    } else if (take('(')) {
      member = list();
      if (!take(')')) fail();
    }
  }

  std::string name() {
    const std::string text(rest_.substr(0, rest_.find_first_of(",/()")));
    if (!kNames.contains(text)) fail(text);
    rest_.remove_prefix(text.size());
    return text;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  [[noreturn]] void fail(const std::string& name = {}) const {
    throw Refused{
        .status = 400,
        .reason = "invalidParameter",
        .message = "Invalid field selection " + (name.empty() ? std::string(rest_) : name),
        .location_type = "parameter",
        .location = "fields"};
  }

  std::string_view rest_;
};

Json selected(const Json& value, const Mask& mask) {
  if (mask.members.empty() || mask.members.contains("*")) return value;
  if (value.is_array()) {
    Json kept = Json::array();
    for (const Json& element : value) kept.push_back(selected(element, mask));
    return kept;
  }
  if (!value.is_object()) return value;
  Json kept = Json::object();
  for (const auto& [name, member] : value.items()) {
    const auto found = mask.members.find(name);
    if (found != mask.members.end()) kept[name] = selected(member, found->second);
  }
  return kept;
}

}  // namespace

Json select_fields(const Json& document, std::string_view fields) {
  return selected(document, Parser(fields).parse());
}

}  // namespace cairn::test::sim::gcs
