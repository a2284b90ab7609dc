#include "vfs/http/reference.hpp"

#include <algorithm>
#include <vector>

#include "vfs/net/text.hpp"

namespace cairn::vfs::http {
namespace {

bool is_clean(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && c != '\\';
  });
}

/// RFC 3986 section 3.1: how long the scheme in front of a reference is; 0: there is none.
std::size_t scheme_length(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  if (colon == std::string_view::npos || colon == 0) return 0;
  const std::string_view scheme = reference.substr(0, colon);
  const bool valid = std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
  return valid ? colon : 0;
}

/// Raw spaces and bytes beyond ASCII, which pages hold and servers send, as browsers encode them.
std::string encode_stray(std::string_view reference) {
  std::string result;
  for (const char c : reference) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0x20 || byte >= 0x80) {
      result += net::percent_encode(std::string_view(&c, 1));
    } else {
      result += c;
    }
  }
  return result;
}

/// RFC 3986 section 5.2.4.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool folder = false;
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t end = std::min(path.find('/', start + 1), path.size());
    const std::string_view segment = path.substr(start, end - start);  // with its leading '/'
    start = end;
    folder = segment == "/." || segment == "/..";
    if (segment == "/.." && !kept.empty()) kept.pop_back();
    if (!folder) kept.push_back(segment);
  }
  std::string result;
  for (const std::string_view segment : kept) result += segment;
  return folder ? result + '/' : result;
}

std::string_view default_port(std::string_view scheme) {
  return scheme == "https" ? ":443" : ":80";
}

/// "https://host:443"
std::string normal_origin(std::string_view url) {
  const auto parts = split(url);
  if (!parts) return {};
  std::string origin = net::lower_case(parts->origin);
  const std::size_t host = origin.find("://") + 3;
  const std::size_t bracket = std::min(origin.rfind(']'), origin.size());
  const std::size_t from = bracket == origin.size() ? host : bracket;
  if (origin.find(':', from) == std::string::npos) {
    origin += default_port(std::string_view(origin).substr(0, host - 3));
  }
  return origin;
}

}  // namespace

std::optional<Parts> split(std::string_view url) {
  if (!is_clean(url)) return {};
  const std::size_t length = scheme_length(url);
  const std::string scheme = net::lower_case(url.substr(0, length));
  if (scheme != "http" && scheme != "https") return {};
  if (!url.substr(length).starts_with("://")) return {};
  url = url.substr(0, url.find('#'));
  const std::size_t host = length + 3;
  const std::size_t path = std::min(url.find_first_of("/?", host), url.size());
  const std::string_view authority = url.substr(host, path - host);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return {};
  const std::size_t query = std::min(url.find('?', path), url.size());
  return Parts{.origin = url.substr(0, path),
               .path = url.substr(path, query - path),
               .query = url.substr(query)};
}

bool same_origin(std::string_view left, std::string_view right) {
  const std::string origin = normal_origin(left);
  return !origin.empty() && origin == normal_origin(right);
}

std::optional<std::string> resolve(std::string_view base, std::string_view reference) {
  const auto from = split(base);
  if (!from) return {};
  const std::string encoded = encode_stray(reference.substr(0, reference.find('#')));
  if (!is_clean(encoded)) return {};
  const std::string_view to = encoded;
  if (scheme_length(to) != 0) {
    const auto absolute = split(to);
    if (!absolute) return {};
    return std::string(absolute->origin) + remove_dot_segments(absolute->path) +
           std::string(absolute->query);
  }
  const std::string origin(from->origin);
  if (to.starts_with("//")) {
    return resolve(base, origin.substr(0, origin.find(':') + 1) + encoded);
  }
  const std::size_t question = std::min(to.find('?'), to.size());
  const std::string_view path = to.substr(0, question);
  const std::string query(to.substr(question));
  const std::string here = from->path.empty() ? "/" : std::string(from->path);
  if (path.empty()) {
    return origin + here + (query.empty() ? std::string(from->query) : query);
  }
  const std::string whole = path.starts_with('/')
                                ? std::string(path)
                                : here.substr(0, here.rfind('/') + 1) + std::string(path);
  return origin + remove_dot_segments(whole) + query;
}

bool is_redirect(std::string_view method, int status) {
  if (status == 307 || status == 308) return true;
  const bool whole = method == "GET" || method == "HEAD" || method == "PUT" || method == "PROPFIND";
  if (status == 301 || status == 302) return whole;
  return status == 303 && (method == "GET" || method == "HEAD");
}

Hop next_hop(std::string_view from, std::string_view location) {
  if (location.empty()) return {.refusal = "the server redirects and does not say where to"};
  auto url = resolve(from, location);
  if (!url) return {.refusal = "the server redirects to what is no http or https URL"};
  const auto is_secure = [](std::string_view text) {
    return net::lower_case(text.substr(0, 6)) == "https:";
  };
  if (is_secure(from) && !is_secure(*url)) {
    return {.url = *std::move(url),
            .refusal = "the server redirects from https to plain http, which is never followed"};
  }
  return {.url = *std::move(url)};
}

bool adds_slash(std::string_view from, std::string_view to) {
  const auto before = split(from);
  const auto after = split(to);
  if (!before || !after || !after->path.ends_with('/')) return false;
  const std::string_view path = after->path.substr(0, after->path.size() - 1);
  return net::percent_decode(path) == net::percent_decode(before->path);
}

}  // namespace cairn::vfs::http
