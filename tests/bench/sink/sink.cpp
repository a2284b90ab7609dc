// A minimal S3 source and sink, so that a benchmark times the client and not the server: what is
// put is received and dropped, what is read comes from one block in memory. Counts requests and
// bytes of objects and lists. One thread per connection; speaks TLS if it is given a file to write
// its certificate to.
//
//   sink [--tls CERTIFICATE_FILE] [--delay-ms N] [--keys N]     prints its port, and at "GET
//   /counts" what it has counted
#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/prctl.h>
#include <unistd.h>

#include "tests/bench/sink/channel.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/pattern.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"

namespace {

using namespace cairn;

constexpr std::size_t kBlock = 8U << 20U;

struct Options {
  std::string certificate{};
  std::chrono::milliseconds delay{0};
  std::uint64_t keys{100'000};
};

struct Counts {
  std::map<std::string, std::atomic<std::uint64_t>> requests{};  // all names are made at the start
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> sent{0};
  std::atomic<const char*> cipher{""};  // of the last request
};

/// The head of a request, as much as is looked at.
struct Head {
  std::string_view method{};
  std::string_view target{};
  std::string_view range{};
  std::uint64_t length{0};
  bool chunked{false};
  bool waits{false};  ///< for "100 Continue" before it sends the body
};

bool same_name(std::string_view line, std::string_view lower) {
  return std::ranges::equal(line.substr(0, lower.size()), lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// Of the field with that name (lower case, with its colon): clients spell it as they like.
std::string_view value_of(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    std::string_view line = head.substr(at + 2);
    line = line.substr(0, line.find('\r'));
    if (!same_name(line, name)) continue;
    line.remove_prefix(name.size());
    return line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  return {};
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Head parse(std::string_view head) {
  Head result;
  result.method = head.substr(0, head.find(' '));
  const std::string_view rest = head.substr(result.method.size() + 1);
  result.target = rest.substr(0, rest.find(' '));
  constexpr std::string_view kUnit = "bytes=";
  const std::string_view range = value_of(head, "range:");
  if (range.starts_with(kUnit)) result.range = range.substr(kUnit.size());
  result.length = number(value_of(head, "content-length:"));
  result.chunked = value_of(head, "transfer-encoding:") == "chunked";
  result.waits = !value_of(head, "expect:").empty();
  return result;
}

class Sink {
 public:
  explicit Sink(const Options& options) : options_(options), block_(test::pattern(kBlock)) {
    block_crc_ = vfs::crypto::crc32c(vfs::as_bytes(block_));
    for (const char* name : {"PUT", "PUT part", "POST create", "POST complete", "POST other", "GET",
                             "GET list", "HEAD", "DELETE", "other"}) {
      counts_.requests[name] = 0;
    }
  }

  void serve(bench::Channel& channel) {
    std::string buffer;
    for (;;) {
      std::size_t end = 0;
      while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!channel.receive(buffer)) return;
      }
      const std::string text = buffer.substr(0, end + 2);
      buffer.erase(0, end + 4);
      if (text.find(' ') == std::string::npos) return;  // no request
      const Head head = parse(text);
      counts_.cipher = channel.cipher();
      if (head.waits && !channel.send("HTTP/1.1 100 Continue\r\n\r\n")) return;
      if (!drop_body(channel, buffer, head)) return;
      if (options_.delay.count() != 0) std::this_thread::sleep_for(options_.delay);
      if (!answer(channel, head)) return;
    }
  }

 private:
  bool drop_body(bench::Channel& channel, std::string& buffer, const Head& head) {
    if (head.chunked) return drop_chunks(channel, buffer);
    if (head.method == "PUT") counts_.received += head.length;
    return drop(channel, buffer, head.length);
  }

  static bool drop(bench::Channel& channel, std::string& buffer, std::uint64_t length) {
    const std::uint64_t here = std::min<std::uint64_t>(buffer.size(), length);
    buffer.erase(0, here);
    return channel.drop(length - here);
  }

  /// RFC 9112, section 7.1. Some clients send their bodies so.
  bool drop_chunks(bench::Channel& channel, std::string& buffer) {
    bool last = false;
    for (;;) {
      std::size_t end = 0;
      while ((end = buffer.find("\r\n")) == std::string::npos) {
        if (!channel.receive(buffer)) return false;
      }
      std::uint64_t size = 0;
      std::from_chars(buffer.data(), buffer.data() + end, size, 16);
      if (last && end == 0) return drop(channel, buffer, 2);
      if (!drop(channel, buffer, end + 2)) return false;
      if (last) continue;  // a trailer
      last = size == 0;
      counts_.received += size;
      if (!last && !drop(channel, buffer, size + 2)) return false;
    }
  }

  void count(const char* name) { ++counts_.requests.at(name); }

  bool reply(bench::Channel& channel, std::string_view status, std::string_view headers,
             std::string_view body = {}) {
    std::string text = "HTTP/1.1 ";
    text.append(status).append("\r\n").append(headers);
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    text.append(body);
    return channel.send(text);
  }

  bool answer(bench::Channel& channel, const Head& head) {
    const auto has = [&](std::string_view part) {
      return head.target.find(part) != head.target.npos;
    };
    if (head.target == "/counts") return reply(channel, "200 OK", "", describe());
    if (head.method == "PUT") {
      count(has("partNumber=") ? "PUT part" : "PUT");
      return reply(channel, "200 OK", "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\n");
    }
    if (head.method == "POST" && has("uploads")) {
      count("POST create");
      return reply(channel, "200 OK", "",
                   "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                   "</InitiateMultipartUploadResult>");
    }
    if (head.method == "POST" && has("uploadId=")) {
      count("POST complete");
      return reply(channel, "200 OK", "",
                   "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag>"
                   "</CompleteMultipartUploadResult>");
    }
    if (head.method == "GET" && has("list-type=2")) return list(channel, head);
    if (head.method == "GET" || head.method == "HEAD") return object(channel, head);
    if (head.method == "DELETE") {
      count("DELETE");
      return reply(channel, "204 No Content", "");
    }
    count("other");
    return reply(channel, "501 Not Implemented", "");
  }

  /// "/bucket/…-SIZE": an object of that many bytes of the block, again and again.
  bool object(bench::Channel& channel, const Head& head) {
    count(head.method == "HEAD" ? "HEAD" : "GET");
    const std::uint64_t size = number(head.target.substr(head.target.rfind('-') + 1));
    if (size == 0) {  // the bucket is there, an object without a size is not
      const bool bucket = head.target.find('/', 1) == head.target.npos;
      return reply(channel, bucket ? "200 OK" : "404 Not Found", "");
    }
    std::uint64_t first = 0;
    std::uint64_t last = size - 1;
    std::string text = "HTTP/1.1 200 OK\r\n";
    if (!head.range.empty()) {
      const std::size_t dash = head.range.find('-');
      first = number(head.range.substr(0, dash));
      const std::string_view end = head.range.substr(dash + 1);
      if (!end.empty()) last = std::min(number(end), size - 1);
      text = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(first) + "-" +
             std::to_string(last) + "/" + std::to_string(size) + "\r\n";
    } else {  // S3 tells the checksum of the whole only with the whole
      text += "x-amz-checksum-type: FULL_OBJECT\r\nx-amz-checksum-crc32c: " +
              vfs::crypto::base64_big_endian(checksum(size)) + "\r\n";
    }
    text += "ETag: \"pattern-" + std::to_string(size) +
            "\"\r\nLast-Modified: Thu, 12 Feb 2026 00:00:00 GMT\r\nContent-Length: " +
            std::to_string(last - first + 1) + "\r\n\r\n";
    if (!channel.send(text)) return false;
    if (head.method == "HEAD") return true;
    while (first <= last) {
      const std::size_t at = first % kBlock;
      const std::uint64_t count = std::min<std::uint64_t>(kBlock - at, last + 1 - first);
      counts_.sent += count;  // before the client can have it, so that it may ask at once
      if (!channel.send(std::string_view(block_).substr(at, count))) return false;
      first += count;
    }
    return true;
  }

  std::uint32_t checksum(std::uint64_t size) const {
    using vfs::crypto::crc_combine;
    using vfs::crypto::kCrc32cPolynomial;
    std::uint32_t crc = 0;
    for (std::uint64_t i = 0; i < size / kBlock; ++i) {
      crc = crc_combine(kCrc32cPolynomial, crc, block_crc_, kBlock);
    }
    const auto rest = vfs::as_bytes(std::string_view(block_).substr(0, size % kBlock));
    return vfs::crypto::crc32c(rest, crc);
  }

  bool list(bench::Channel& channel, const Head& head) {
    count("GET list");
    std::uint64_t first = 0;
    const std::string_view token = "continuation-token=";
    const std::size_t at = head.target.find(token);
    if (at != head.target.npos) first = number(head.target.substr(at + token.size()));
    const std::uint64_t end = std::min<std::uint64_t>(first + 1000, options_.keys);
    std::string body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>"
        "<EncodingType>url</EncodingType><IsTruncated>";
    body += end < options_.keys ? "true</IsTruncated><NextContinuationToken>" +
                                      std::to_string(end) + "</NextContinuationToken>"
                                : "false</IsTruncated>";
    for (std::uint64_t i = first; i < end; ++i) {
      char entry[512];
      const int length = std::snprintf(
          entry, sizeof entry,
          "<Contents><Key>data/train/shard-%08llu.bin</Key><LastModified>2026-02-12T20:12:48.000Z"
          "</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>%llu</"
          "Size>"
          "<StorageClass>STANDARD</StorageClass></Contents>",
          static_cast<unsigned long long>(i), static_cast<unsigned long long>(i * 977 % 1'000'003));
      body.append(entry, static_cast<std::size_t>(length));
    }
    body += "</ListBucketResult>";
    counts_.sent += body.size();
    return reply(channel, "200 OK", "Content-Type: application/xml\r\n", body);
  }

  /// And begins anew.
  std::string describe() {
    std::string text;
    for (auto& [name, requests] : counts_.requests) {
      const std::uint64_t n = requests.exchange(0);
      if (n != 0) text += std::to_string(n) + " " + name + ", ";
    }
    text += std::to_string(counts_.received.exchange(0)) + " bytes received, ";
    text += std::to_string(counts_.sent.exchange(0)) + " bytes sent";
    const std::string_view cipher = counts_.cipher.load();
    return cipher.empty() ? text : text.append(", ").append(cipher);
  }

  Options options_;
  std::string block_;
  std::uint32_t block_crc_{0};
  Counts counts_;
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--tls") options.certificate = argv[i + 1];
    if (name == "--delay-ms") options.delay = std::chrono::milliseconds{number(argv[i + 1])};
    if (name == "--keys") options.keys = number(argv[i + 1]);
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  const Options options = parse_options(argc, argv);
  test::TlsContext tls;
  if (!options.certificate.empty()) {
    const test::Authority authority;
    std::ofstream(options.certificate) << authority.pem();
    tls = authority.issue();
  }
  Sink sink(options);
  const test::LoopbackServer server([&](int socket, int) {
    const auto channel = bench::make_channel(socket, tls.get());
    if (channel) sink.serve(*channel);
  });
  std::cout << server.port() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {  // until the benchmark ends
  }
  std::_Exit(0);
}
