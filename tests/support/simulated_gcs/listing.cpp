// JSON API: objects list. https://cloud.google.com/storage/docs/json_api/v1/objects/list
#include <algorithm>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/resource.hpp"
#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {
namespace {

bool read_flag(const Call& call, const std::string& name) {
  const std::string text = call.http.parameter(name);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  throw invalid("Invalid boolean value '" + text + "' for " + name);
}

/// Opaque to clients: the last name of the page before.
std::string read_token(const Call& call) {
  if (!call.http.asks("pageToken")) return {};
  const auto name = from_base64(call.http.parameter("pageToken"));
  if (!name || name->empty()) throw invalid("Invalid page token");
  return *name;
}

struct Query {
  std::string prefix{};
  std::string delimiter{};
  std::string start{};  ///< names from here on …
  std::string end{};    ///< … and before this
  std::string after{};
  bool trailing{false};
  std::size_t limit{0};
};

Query read_query(const State& state, const Call& call) {
  Query query{.prefix = call.http.parameter("prefix"),
              .delimiter = call.http.parameter("delimiter"),
              .start = call.http.parameter("startOffset"),
              .end = call.http.parameter("endOffset"),
              .after = read_token(call),
              .trailing = read_flag(call, "includeTrailingDelimiter"),
              .limit = state.options.page};
  static_cast<void>(read_flag(call, "versions"));  // without versioning there is one of each
  if (call.http.asks("maxResults")) {
    const std::int64_t asked = read_number("maxResults", call.http.parameter("maxResults"));
    if (asked == 0) throw invalid("Invalid value for maxResults: 0");
    query.limit = std::min(query.limit, static_cast<std::size_t>(asked));
  }
  return query;
}

}  // namespace

/// Names in the order of their bytes. maxResults is the combined number of items and prefixes; an
/// object that ends in its only delimiter is a prefix, and an item as well with
/// includeTrailingDelimiter.
Reply list_objects(State& state, const Call& call) {
  const Query query = read_query(state, call);
  Json items = Json::array();
  Json prefixes = Json::array();
  std::string last;
  bool more = false;
  for (const auto& [name, object] : state.bucket.objects()) {
    if (!name.starts_with(query.prefix) || name < query.start) continue;
    if (!query.end.empty() && name >= query.end) break;
    const std::size_t at =
        query.delimiter.empty() ? name.npos : name.find(query.delimiter, query.prefix.size());
    const bool grouped = at != name.npos;
    const std::string entry = grouped ? name.substr(0, at + query.delimiter.size()) : name;
    const bool is_marker = grouped && query.trailing && entry == name;
    if (entry <= query.after || (entry == last && !is_marker)) continue;
    if (items.size() + prefixes.size() >= query.limit) {
      more = true;
      break;
    }
    if (!grouped || is_marker) items.push_back(resource(state, name, object));
    if (grouped) prefixes.push_back(entry);
    last = entry;
  }
  Json document{{"kind", "storage#objects"}};
  if (more) document["nextPageToken"] = base64(last);
  if (!prefixes.empty()) document["prefixes"] = std::move(prefixes);
  if (!items.empty()) document["items"] = std::move(items);
  return json_reply(call, document);
}

}  // namespace cairn::test::sim::gcs
