#include "tests/support/simulated_s3/message.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <stdexcept>

namespace cairn::test::sim {
namespace {

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) throw std::invalid_argument("a broken escape in the URL");
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
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
  const std::string path = decode(incoming.raw_path);
  const std::size_t end = std::min(path.find('/', 1), path.size());
  incoming.bucket = path.substr(std::min<std::size_t>(1, path.size()), end - 1);
  incoming.key = path.substr(std::min(end + 1, path.size()));
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
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos) {
      throw std::invalid_argument("a line break in the header " + lower);
    }
    if (!incoming.headers.emplace(lower, value).second) {
      throw std::invalid_argument("the header " + lower + " comes twice");
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
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
}

const std::string* Reply::find(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, [](const auto& h) { return h.first; });
  return found == headers.end() ? nullptr : &found->second;
}

Reply error_reply(int status, const std::string& code, const std::string& more) {
  return {.status = status,
          .headers = {{"Content-Type", "application/xml"}},
          .body = "<?xml version=\"1.0\"?><Error><Code>" + code +
                  "</Code><Message>simulated</Message>" + more + "</Error>"};
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
