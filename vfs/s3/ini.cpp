#include "vfs/s3/ini.hpp"

#include <algorithm>

#include "vfs/net/text.hpp"

namespace cairn::vfs::s3 {
namespace {

using net::trim;

/// [ profile "my work" ] -> profile my work
std::string section_name(std::string_view text) {
  std::string name;
  for (const char c : trim(text)) {
    if (c == '"' || c == '\'') continue;
    const bool space = c == ' ' || c == '\t';
    if (space && (name.empty() || name.back() == ' ')) continue;
    name += space ? ' ' : c;
  }
  return name;
}

/// A comment in a line begins with a space before '#' or ';'.
std::string_view without_comment(std::string_view value) {
  for (const std::string_view mark : {" #", " ;", "\t#", "\t;"}) {
    value = value.substr(0, value.find(mark));
  }
  return trim(value);
}

}  // namespace

Ini parse_ini(std::string_view text) {
  Ini result;
  IniSection* section = nullptr;
  std::string parent;  // the key whose nested lines follow
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool indented = line.starts_with(' ') || line.starts_with('\t');
    line = trim(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && !indented) {
      const std::size_t close = line.find(']');
      section = close == std::string_view::npos ? nullptr
                                                : &result[section_name(line.substr(1, close - 1))];
      parent.clear();
      continue;
    }
    const std::size_t equals = line.find('=');
    if (section == nullptr || equals == std::string_view::npos) continue;
    const std::string key = net::lower_case(trim(line.substr(0, equals)));
    const std::string value(without_comment(line.substr(equals + 1)));
    if (indented && !parent.empty()) {
      (*section)[parent + "." + key] = value;
      continue;
    }
    parent = value.empty() ? key : std::string{};
    (*section)[key] = value;
  }
  return result;
}

}  // namespace cairn::vfs::s3
