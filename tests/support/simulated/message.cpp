#include "tests/support/simulated/message.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <stdexcept>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim {
namespace {

char lower(char c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool equal(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

void read_query(std::string_view text, Incoming& incoming) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view field = text.substr(0, end);
    const std::size_t equals = field.find('=');
    const std::string name = decode(field.substr(0, equals));
    const std::string value = equals == field.npos ? "" : decode(field.substr(equals + 1));
    if (!incoming.query.emplace(name, value).second) {
      throw std::invalid_argument("the query has \"" + name + "\" twice");
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void read_url(std::string_view url, Incoming& incoming) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) throw std::invalid_argument("the URL has no scheme");
  url.remove_prefix(scheme + 3);
  const std::size_t slash = std::min(url.find('/'), url.size());
  incoming.host = url.substr(0, slash);
  url.remove_prefix(slash);
  const std::size_t question = url.find('?');
  incoming.raw_path = url.substr(0, question);
  if (question != url.npos) read_query(url.substr(question + 1), incoming);
  incoming.path = decode(incoming.raw_path);
}

}  // namespace

std::string Incoming::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string{} : found->second;
}

std::string Incoming::parameter(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string{} : found->second;
}

Incoming read_request(const vfs::net::Request& request) {
  Incoming incoming{.method = request.method};
  read_url(request.url, incoming);
  for (const auto& [name, value] : request.headers) {
    std::string lowered = name;
    std::ranges::transform(lowered, lowered.begin(), lower);
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos) {
      throw std::invalid_argument("a line break in the header " + lowered);
    }
    if (!incoming.headers.emplace(lowered, value).second) {
      throw std::invalid_argument("the header " + lowered + " comes twice");
    }
  }
  for (const auto& segment : request.body.segments()) {
    incoming.body.append(reinterpret_cast<const char*>(segment.bytes.data()), segment.bytes.size());
  }
  return incoming;
}

void Reply::set(const std::string& name, std::string value) {
  remove(name);
  headers.emplace_back(name, std::move(value));
}

void Reply::remove(std::string_view name) {
  std::erase_if(headers, [&](const auto& header) { return equal(header.first, name); });
}

const std::string* Reply::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& header) { return equal(header.first, name); });
  return found == headers.end() ? nullptr : &found->second;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '"':
        out += "&#34;";  // as MinIO and versitygw write etags
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain || keep.find(c) != keep.npos) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto raw = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (!raw) throw std::invalid_argument("a broken escape in the URL");
    out += *raw;
    i += 2;
  }
  return out;
}

std::string http_date(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace cairn::test::sim
