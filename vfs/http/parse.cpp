#include "vfs/http/parse.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "vfs/http/reference.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::http {
namespace {

constexpr std::size_t kDateLength = 29;  // "Sun, 06 Nov 1994 08:49:37 GMT"

std::string phrase(int status) {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return "the server redirects this request, which is not repeated elsewhere";
    case 401:
      return "the server asks who we are";
    case 403:
      return "the server refuses it";
    case 404:
      return "there is no such file";
    case 405:
    case 501:
      return "the server allows no such request here";
    case 409:
      return "a folder is missing, or something else of that name is in the way";
    case 410:
      return "the file is gone";
    case 412:
      return "the file is not as it was to be";
    case 413:
      return "the server takes no file of this size";
    case 423:
      return "the file is locked";
    case 507:
      return "the server has no space left";
    default:
      return fmt::format("the server answers with status {}", status);
  }
}

/// Object stores explain themselves in XML, also to those who come by a signed URL.
std::optional<net::ServiceError> explained(const net::Response& response) {
  if (response.body.find("<Error>") == std::string::npos &&
      response.body.find("<Error ") == std::string::npos) {
    return {};
  }
  std::string_view body = response.body;
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);  // Azure's
  const auto document = net::XmlDocument::parse(std::string(body));
  if (!document || document->root_name() != "Error") return {};
  return net::ServiceError{.code = std::string(net::child_text(document->root(), "Code")),
                           .message = std::string(net::child_text(document->root(), "Message"))};
}

/// A 207 to anything but a PROPFIND says that part of it failed (RFC 4918 section 13).
bool failed_in_part(const net::Request& request, const net::Response& response) {
  return response.status == 207 && request.method != "PROPFIND";
}

bool is_weak(std::string_view version) {
  return version.starts_with("W/");
}

std::string_view opaque(std::string_view version) {
  return is_weak(version) ? version.substr(2) : version;
}

bool is_date(std::string_view version) {
  return version.size() > kDateLength && version[kDateLength] == '/';
}

}  // namespace

std::optional<net::ServiceError> examine(const net::Request& request,
                                         const net::Response& response) {
  const int status = response.status;
  if (failed_in_part(request, response)) {
    return net::ServiceError{.code = "MultiStatus",
                             .message = "the server has carried it out in part only"};
  }
  if (status >= 200 && status < 300) return {};
  if (is_redirect(request.method, status)) return {};
  if (auto error = explained(response)) {
    if (error->message.empty()) error->message = phrase(status);
    return error;
  }
  return net::ServiceError{.message = phrase(status)};
}

std::optional<std::uint64_t> whole_size(const net::Headers& headers) {
  if (const auto text = headers.find("content-range")) {
    const auto range = net::parse_content_range(*text);
    return range ? range->size : std::nullopt;
  }
  return net::parse_number(headers.get("content-length"));
}

std::string version_of(const net::Headers& headers) {
  const std::string_view etag = headers.get("etag");
  if (!etag.empty()) return std::string(etag);
  const std::string_view modified = headers.get("last-modified");
  const auto size = whole_size(headers);
  if (!net::parse_http_date(modified) || !size) return {};
  return fmt::format("{}/{}", modified, *size);
}

bool same_version(std::string_view left, std::string_view right) {
  return !left.empty() && opaque(left) == opaque(right);
}

void pin(net::Headers& headers) {
  const std::string version(headers.get("if-match"));
  if (!is_weak(version) && !is_date(version)) return;
  headers.remove("if-match");
  if (is_date(version)) headers.set("if-unmodified-since", version.substr(0, kDateLength));
}

FileInfo parse_info(const Path& path, const net::Headers& headers) {
  return {.path = path,
          .size = whole_size(headers).value_or(0),
          .modified = net::parse_http_date(headers.get("last-modified")).value_or(TimePoint{}),
          .etag = version_of(headers),
          .content_type = std::string(headers.get("content-type"))};
}

Powers parse_powers(const net::Headers& headers) {
  if (!headers.find("dav")) return {};
  // A folder that is there allows no MKCOL of itself: those below it are made like files.
  std::string allow = ",";
  for (const auto& [name, value] : headers) {
    if (!net::equal_ignoring_case(name, "allow")) continue;
    std::ranges::copy_if(value, std::back_inserter(allow),
                         [](char c) { return c != ' ' && c != '\t'; });
    allow += ',';
  }
  const auto allows = [&allow](std::string_view method) {
    return allow.find(fmt::format(",{},", method)) != std::string::npos;
  };
  return {.propfind = allows("PROPFIND"),
          .mkcol = true,
          .copy = allows("COPY"),
          .move = allows("MOVE")};
}

}  // namespace cairn::vfs::http
