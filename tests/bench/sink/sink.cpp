// A minimal source and sink, so that a benchmark times the client and not the server: what is put
// is received and dropped, what is read comes from one block in memory. Speaks S3, Cloud Storage
// and Azure Blob Storage. Counts requests and bytes of objects and lists. One thread per
// connection; speaks TLS if it is given a file to write its certificate to.
//
//   sink [--tls CERTIFICATE_FILE] [--delay-ms N] [--keys N]     prints its port, and at "GET
//   /counts" what it has counted
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <sys/prctl.h>

#include "tests/bench/sink/channel.hpp"
#include "tests/bench/sink/http.hpp"
#include "tests/bench/sink/services.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/loopback.hpp"

namespace {

using namespace cairn;

constexpr std::uint64_t kKeptOfObject = 4096;  // the resource before it
constexpr std::uint64_t kKeptOfDocument = 4U << 20U;

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

class Sink {
 public:
  explicit Sink(const Options& options) : options_(options) {
    for (const char* name :
         {"PUT", "PUT part", "PUT chunk", "PUT list of blocks", "POST create", "POST complete",
          "POST compose", "POST insert", "POST session", "GET", "GET list", "GET resource", "HEAD",
          "DELETE", "other"}) {
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
      bench::Request request(buffer.substr(0, end + 2));
      buffer.erase(0, end + 4);
      if (request.method.empty()) return;
      counts_.cipher = channel.cipher();
      if (request.waits && !channel.send("HTTP/1.1 100 Continue\r\n\r\n")) return;
      if (!take_body(channel, buffer, request)) return;
      if (options_.delay.count() != 0) std::this_thread::sleep_for(options_.delay);
      if (!answer(channel, request)) return;
    }
  }

 private:
  bool take_body(bench::Channel& channel, std::string& buffer, bench::Request& request) {
    if (request.chunked) return drop_chunks(channel, buffer);
    if (request.method == "PUT") counts_.received += request.length;
    if (request.method == "POST") {
      const std::uint64_t kept = request.has("/upload/") ? kKeptOfObject : kKeptOfDocument;
      const std::uint64_t wanted = std::min(request.length, kept);
      while (buffer.size() < wanted) {
        if (!channel.receive(buffer)) return false;
      }
      request.body = buffer.substr(0, wanted);
    }
    return drop(channel, buffer, request.length);
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

  static bool send(bench::Channel& channel, const bench::Answer& answer, std::uint64_t length) {
    std::string text = "HTTP/1.1 ";
    text.append(answer.status).append("\r\n").append(answer.headers);
    text += "Content-Length: " + std::to_string(length) + "\r\n\r\n";
    text.append(answer.body);
    return channel.send(text);
  }

  bool answer(bench::Channel& channel, const bench::Request& request) {
    if (request.target == "/counts") {
      const bench::Answer counts{.body = describe()};
      return send(channel, counts, counts.body.size());
    }
    const auto of_service = bench::is_azure(request) ? &bench::answer_azure
                            : bench::is_gcs(request) ? &bench::answer_gcs
                                                     : &bench::answer_s3;
    const bench::Answer answer = of_service(request, content_, options_.keys);
    ++counts_.requests.at(answer.counted);
    counts_.received += answer.received;
    if (request.method == "GET") counts_.sent += answer.body.size();
    if (!answer.object) return send(channel, answer, answer.body.size());
    auto [first, last] = *answer.object;
    if (!send(channel, answer, last - first + 1)) return false;
    if (request.method == "HEAD") return true;
    while (first <= last) {
      std::string_view bytes = content_.from(first);
      bytes = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), last + 1 - first));
      counts_.sent += bytes.size();  // before the client can have it, so that it may ask at once
      if (!channel.send(bytes)) return false;
      first += bytes.size();
    }
    return true;
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
  bench::Content content_;
  Counts counts_;
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--tls") options.certificate = argv[i + 1];
    if (name == "--delay-ms") options.delay = std::chrono::milliseconds{bench::number(argv[i + 1])};
    if (name == "--keys") options.keys = bench::number(argv[i + 1]);
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
