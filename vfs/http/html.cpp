// Links of a page: enough of HTML to find <a href> and <base href>, and nothing else.
#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <utility>

#include "vfs/http/listing.hpp"
#include "vfs/http/reference.hpp"
#include "vfs/net/characters.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::http {
namespace {

constexpr std::size_t kMaxLinks = 200'000;

constexpr std::string_view kSpaces = " \t\r\n\f";

std::string_view strip(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// The entities that servers write into attributes; others stay as they are.
std::string decode(std::string_view text) {
  constexpr std::string_view kBlank = "&nbsp;";  // which XML does not know
  std::string plain(text);
  for (std::size_t at = plain.find(kBlank); at != plain.npos; at = plain.find(kBlank, at)) {
    plain.replace(at, kBlank.size(), "\u00a0");
  }
  return net::decode_entities(plain);
}

struct Tag {
  std::string name{};
  std::string_view attributes{};
  std::string_view after{};  ///< of the page
};

/// Walks from tag to tag. What lies in comments, scripts and styles is passed over.
class Scanner {
 public:
  explicit Scanner(std::string_view page) : rest_(page) {}

  [[nodiscard]] std::optional<Tag> next() {
    for (;;) {
      const std::size_t open = rest_.find('<');
      if (open == std::string_view::npos) return {};
      rest_.remove_prefix(open);
      if (rest_.starts_with("<!--")) {
        skip_past("-->");
        continue;
      }
      const std::size_t end = end_of_tag();
      if (end == std::string_view::npos) return {};
      const std::string_view inner = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
      const std::size_t name = std::min(inner.find_first_of(" \t\r\n\f/"), inner.size());
      Tag tag{.name = net::lower_case(inner.substr(0, name)),
              .attributes = inner.substr(name),
              .after = rest_};
      if (tag.name == "script" || tag.name == "style") skip_past("</" + tag.name);
      return tag;
    }
  }

 private:
  void skip_past(std::string_view text) {
    const auto found =
        std::search(rest_.begin(), rest_.end(), text.begin(), text.end(),
                    [](char a, char b) { return net::equal_ignoring_case({&a, 1}, {&b, 1}); });
    rest_ = found == rest_.end()
                ? std::string_view()
                : rest_.substr(static_cast<std::size_t>(found - rest_.begin()) + text.size());
  }
  /// A '>' within quotes does not end it.
  [[nodiscard]] std::size_t end_of_tag() const {
    char quote = 0;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if ((c == '"' || c == '\'') && rest_[i - 1] == '=') {
        quote = c;
      } else if (c == '>') {
        return i;
      }
    }
    return std::string_view::npos;
  }
  std::string_view rest_;
};

/// The value of an attribute, decoded; absent: the tag has none of that name.
std::optional<std::string> attribute(std::string_view attributes, std::string_view wanted) {
  while (!(attributes = strip(attributes)).empty()) {
    const std::size_t end = std::min(attributes.find_first_of(" \t\r\n\f=", 1), attributes.size());
    const std::string_view name = attributes.substr(0, end);
    attributes = strip(attributes.substr(end));
    std::string_view value;
    if (attributes.starts_with('=')) {
      attributes = strip(attributes.substr(1));
      const bool quoted = attributes.starts_with('"') || attributes.starts_with('\'');
      const std::size_t from = quoted ? 1 : 0;
      const std::size_t to = std::min(
          quoted ? attributes.find(attributes.front(), 1) : attributes.find_first_of(kSpaces),
          attributes.size());
      value = attributes.substr(from, to - from);
      attributes = attributes.substr(std::min(to + from, attributes.size()));
    }
    if (net::equal_ignoring_case(name, wanted)) return decode(strip(value));
  }
  return {};
}

/// "24-Nov-2026 12:40" as nginx writes it, in UTC unless autoindex_localtime is on.
std::optional<TimePoint> nginx_time(std::string_view text) {
  if (text.size() != 17 || text[2] != '-' || text[6] != '-' || text[11] != ' ') return {};
  std::string date = "Thu, ";  // the day of the week says nothing
  date.append(text.substr(0, 2)).append(" ").append(text.substr(3, 3)).append(" ");
  date.append(text.substr(7, 4)).append(" ").append(text.substr(12)).append(":00 GMT");
  return net::parse_http_date(date);
}

/// What nginx writes behind a link: the time and the exact size, then the next line. Other servers
/// round sizes and write times in a zone that they do not tell: nothing is taken from them.
void take_details(std::string_view after, FileInfo& info) {
  constexpr std::string_view kEnd = "</a>";
  const std::size_t end = after.find(kEnd);
  if (end == std::string_view::npos) return;
  after.remove_prefix(end + kEnd.size());
  const std::string_view line = strip(after.substr(0, after.find_first_of("\r\n<")));
  const auto time = nginx_time(line.substr(0, 17));
  const auto size = net::parse_number(line.size() > 17 ? strip(line.substr(17)) : "-");
  if (!time) return;
  info.modified = *time;
  if (info.type == FileType::file) info.size = size.value_or(0);
}

}  // namespace

Entries parse_html(std::string_view folder, std::string_view page) {
  Entries entries;
  std::set<std::string, std::less<>> seen;
  std::string base(folder);
  Scanner scanner(page);
  while (const auto tag = scanner.next()) {
    if (tag->name != "a" && tag->name != "base") continue;
    const auto href = attribute(tag->attributes, "href");
    if (!href || href->empty() || href->starts_with('#')) continue;
    const auto target = resolve(base, *href);
    if (!target) continue;
    if (tag->name == "base") {
      base = *target;
      continue;
    }
    std::string name = child_name(folder, *target);
    if (name.empty() || !seen.insert(name).second) continue;
    if (entries.size() == kMaxLinks) break;
    FileInfo info{.type = name.ends_with('/') ? FileType::directory : FileType::file};
    info.path = std::move(name);
    take_details(tag->after, info);
    entries.push_back(std::move(info));
  }
  return entries;
}

}  // namespace cairn::vfs::http
