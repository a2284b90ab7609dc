// Url and Path: where a text is cut. Keys stay as they are, byte by byte; only http(s) URLs are
// decoded.
#include "vfs/url.hpp"

#include <algorithm>
#include <array>

#include "vfs/base/text.hpp"
#include "vfs/error.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs {
namespace {

/// Schemes that people write without "//" by mistake. Any other "word:rest" may well be a local
/// file.
constexpr std::array<std::string_view, 13> kCloudSchemes{"s3",    "s3a",  "gs",    "gcs", "az",
                                                         "azure", "abfs", "abfss", "adl", "http",
                                                         "https", "wasb", "wasbs"};

[[noreturn]] void refuse(std::string_view text, std::string message, std::string hint = {}) {
  throw Error(ErrorCode::invalid_argument, {.operation = "parse URL",
                                            .url = net::redact_url(text),
                                            .message = std::move(message),
                                            .hint = std::move(hint)});
}

/// RFC 3986 section 3.1. One letter is a drive, not a scheme.
bool is_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return text.size() >= 2 && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

bool is_web(std::string_view scheme) {
  return scheme == "http" || scheme == "https";
}

bool may_have_no_authority(std::string_view scheme) {
  return scheme == "file" || scheme == "memory";
}

/// user:password@ would end in logs and error texts. Azure's "container@account" has no password.
void refuse_user_information(std::string_view scheme, std::string_view authority) {
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return;
  const bool azure = scheme.starts_with("abfs") || scheme.starts_with("wasb") || scheme == "az" ||
                     scheme == "azure" || scheme == "adl";
  if (azure && authority.substr(0, at).find(':') == std::string_view::npos) return;
  refuse(std::string(scheme) + "://***@" + std::string(authority.substr(at + 1)),
         "user information is not allowed in a URL",
         is_web(scheme) ? "give user name and password through WebOptions"
                        : "give credentials through the environment, a profile or Config");
}

void check_authority(std::string_view text, std::string_view scheme, std::string_view authority) {
  refuse_user_information(scheme, authority);
  const bool bad = std::any_of(authority.begin(), authority.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\';
  });
  if (bad) refuse(scheme, "the name after :// has a space, backslash or control character");
  if (scheme == "file" && !authority.empty()) {
    refuse(text, "a file URL names no host, but this one names '" + std::string(authority) + "'",
           "write file:///" + std::string(text.substr(text.find("://") + 3)) +
               " for an absolute path, file:path for a relative one");
  }
  if (authority.empty() && !may_have_no_authority(scheme)) {
    refuse(text, "there is no bucket or host after ://",
           "write " + std::string(scheme) + "://bucket/key");
  }
}

/// "scheme:rest" without "//".
Url parse_without_authority(std::string_view text, std::string scheme, std::string_view rest) {
  if (may_have_no_authority(scheme)) return {std::move(scheme), {}, Path(rest)};
  const bool rooted = rest.starts_with('/');
  const bool cloud =
      std::find(kCloudSchemes.begin(), kCloudSchemes.end(), scheme) != kCloudSchemes.end();
  if (rooted || (cloud && rest.find('/') != std::string_view::npos)) {
    const auto first = std::min(rest.find_first_not_of('/'), rest.size());
    refuse(text, "'" + scheme + ":' must be followed by //",
           "did you mean " + scheme + "://" + std::string(rest.substr(first)) +
               "? (for a local file write ./" + std::string(text) + ")");
  }
  return {"file", {}, Path(text)};
}

/// What a browser would send: spaces, control characters and bytes beyond ASCII as %XX, the rest as
/// it is.
std::string encode_query(std::string_view query) {
  std::string result;
  for (const char c : query) {
    if (c > ' ' && c < '\x7f') {
      result += c;
    } else {
      result += net::percent_encode(std::string_view(&c, 1));
    }
  }
  return result;
}

/// An encoded slash belongs to a name: it must not become one that parts names.
constexpr char kEncodedSlash = '\0';

std::string decode_path(std::string_view path) {
  std::string decoded;
  for (std::size_t i = 0; i < path.size();) {
    const std::string_view escape = path.substr(i, path[i] == '%' ? 3 : 1);
    const std::string bytes = net::percent_decode(escape);
    if (bytes == std::string_view("\0", 1)) {
      refuse({}, "%00 in a URL's path is part of no name");
    }
    if (escape.size() == 3 && bytes == "/") {
      decoded += kEncodedSlash;
    } else {
      decoded += bytes;
    }
    i += escape.size();
  }
  return decoded;
}

std::string encode_path(std::string_view path) {
  std::string encoded;
  for (;;) {
    const std::size_t end = path.find(kEncodedSlash);
    encoded += net::percent_encode(path.substr(0, end), net::Slash::keep);
    if (end == std::string_view::npos) return encoded;
    encoded += "%2F";
    path.remove_prefix(end + 1);
  }
}

void check_host(std::string_view text, std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t colon =
      bracketed ? authority.find(':', authority.find(']')) : authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  const bool plain = std::ranges::all_of(host, [bracketed](char c) {
    return net::percent_encode(std::string_view(&c, 1)).size() == 1 ||
           (bracketed && (c == '[' || c == ']' || c == ':'));
  });
  if (host.empty() || !plain) {
    refuse(text, "'" + std::string(host) + "' is no name of a host",
           "a name beyond ASCII is written in its xn-- form");
  }
  if (colon == std::string_view::npos) return;
  const auto port = net::parse_number(authority.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) refuse(text, "the port is no number up to 65535");
}

Url parse_web(std::string_view text, std::string scheme, std::string_view hierarchy) {
  const auto end = std::min(hierarchy.find_first_of("/?#"), hierarchy.size());
  const std::string_view authority = hierarchy.substr(0, end);
  check_authority(text, scheme, authority);
  check_host(text, authority);
  std::string_view rest = hierarchy.substr(end);
  if (rest.find('#') != std::string_view::npos) {
    refuse(text.substr(0, text.find_first_of("?#")),
           "what follows a '#' in a URL is never sent to a server",
           "leave it out, or write %23 where a '#' is part of the name");
  }
  const auto question = std::min(rest.find('?'), rest.size());
  std::string_view path = rest.substr(0, question);
  if (!path.empty()) path.remove_prefix(1);
  const Url url(std::move(scheme), std::string(authority), Path(decode_path(path)));
  return url.with_query(encode_query(rest.substr(std::min(question + 1, rest.size()))));
}

}  // namespace

std::string_view Path::name() const {
  std::string_view text = text_;
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto slash = text.rfind('/');
  return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

Path Path::parent() const {
  std::string_view text = text_;
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return {};
  return Path(text.substr(0, std::max<std::size_t>(slash, 1)));  // "/a" lies in "/"
}

Path operator/(const Path& left, std::string_view right) {
  if (left.empty()) return Path(right);
  if (right.empty()) return left;
  std::string text = left.text_;
  if (!text.ends_with('/')) text += '/';
  text += right.starts_with('/') ? right.substr(1) : right;
  return Path(std::move(text));
}

Url::Url(std::string scheme, std::string authority, Path path)
    : scheme_(std::move(scheme)), authority_(std::move(authority)), path_(std::move(path)) {}

Url Url::parse(std::string_view text) {
  if (text.empty()) refuse(text, "it is empty");
  if (text.find('\0') != std::string_view::npos) refuse({}, "it has a zero byte");
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) {
    return {"file", {}, Path(text)};
  }
  std::string scheme = to_lower(text.substr(0, colon));
  const std::string_view rest = text.substr(colon + 1);
  if (!rest.starts_with("//")) return parse_without_authority(text, std::move(scheme), rest);

  const std::string_view hierarchy = rest.substr(2);
  if (is_web(scheme)) return parse_web(text, std::move(scheme), hierarchy);
  const auto slash = std::min(hierarchy.find('/'), hierarchy.size());
  const std::string_view authority = hierarchy.substr(0, slash);
  check_authority(text, scheme, authority);
  std::string_view path = hierarchy.substr(slash);
  if (scheme != "file" && !path.empty()) path.remove_prefix(1);  // a key does not begin with '/'
  return {std::move(scheme), std::string(authority), Path(path)};
}

Url Url::with_path(Path path) const {
  Url url(scheme_, authority_, std::move(path));
  url.query_ = query_;
  return url;
}

Url Url::with_query(std::string query) const {
  Url url = *this;
  url.query_ = std::move(query);
  return url;
}

std::string Url::string() const {
  const std::string& path = path_.string();
  if (scheme_ == "file") return path.starts_with('/') ? "file://" + path : "file:" + path;
  if (authority_.empty()) {
    // "memory:" + "//a" would read as an authority.
    return scheme_ + (path.starts_with("//") ? ":///" : ":") + path;
  }
  if (is_web(scheme_)) {
    return scheme_ + "://" + authority_ + (path.empty() && query_.empty() ? "" : "/") +
           encode_path(path) + (query_.empty() ? "" : "?" + query_);
  }
  return scheme_ + "://" + authority_ + (path.empty() ? "" : "/") + path;
}

Url operator/(const Url& left, std::string_view right) {
  return left.with_path(left.path_ / right);
}

}  // namespace cairn::vfs
